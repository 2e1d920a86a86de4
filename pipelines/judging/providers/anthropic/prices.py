"""What Anthropic's models cost: prices.yaml, beside this file."""

from pathlib import Path

from pipelines.judging.money import PriceList

PRICES = PriceList(Path(__file__).parent / "prices.yaml")
