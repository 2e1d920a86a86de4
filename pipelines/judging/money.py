"""What a verdict of a model costs: before it is asked for, as a bound; afterwards, from the tokens that were used.

All amounts are US dollars. A provider has a list of its models' prices; a feature file may have its own (judge.prices).
"""

import re
from functools import cached_property
from pathlib import Path

import yaml

from pipelines.checkout import CHECKOUT
from pipelines.errors import UserError
from pipelines.feature import Prices
from pipelines.judging.judge import Usage

_MILLION = 1_000_000


class NoPrice(UserError):
    """A model of which it is not known what it costs."""


class PriceList:
    """What a provider's models cost, as a YAML file says: `models`, each with `input` and `output` in US dollars per
    million tokens, and `multipliers` for all of them."""

    def __init__(self, path: Path):
        self.path = path

    @cached_property
    def by_model(self) -> dict[str, Prices]:
        """Every model of the list, by its name."""
        listed = yaml.safe_load(self.path.read_text(encoding="utf-8"))
        return {model: Prices(**price, **listed["multipliers"]) for model, price in listed["models"].items()}

    @property
    def _label(self) -> Path:
        return self.path.relative_to(CHECKOUT) if self.path.is_relative_to(CHECKOUT) else self.path

    def of(self, model: str, override: Prices | None = None) -> Prices:
        """What a model costs: the feature's own prices, else the list's. A dated name costs what it does without its
        date. Raises NoPrice when neither says it."""
        if override is not None:
            return override
        price = self.by_model.get(model) or self.by_model.get(re.sub(r"-\d{8}$", "", model))
        if price is None:
            raise NoPrice(
                f"judge.model is {model}, and what it costs is not known; prices are listed of "
                f"{', '.join(sorted(self.by_model))}. Write US dollars per million tokens into the feature file, as in "
                f"`judge: {{prices: {{input: 2, output: 10}}}}`, or add the model to {self._label}"
            )
        return price


def cost_usd(prices: Prices, usage: Usage, batch: bool) -> float:
    """What an answer cost, from the tokens it used."""
    as_input = (
        usage.input_tokens
        + usage.cache_write_5m_tokens * prices.cache_write_5m
        + usage.cache_write_1h_tokens * prices.cache_write_1h
        + usage.cache_read_tokens * prices.cache_read
    )
    full = (as_input * prices.input + usage.output_tokens * prices.output) / _MILLION
    return full * prices.batch if batch else full


def bound_usd(prices: Prices, prompt_tokens: int, max_tokens: int, batch: bool, cached_tokens: int = 0) -> float:
    """The most that a request can cost: all of its prompt, and an answer as long as it may be.

    `prompt_tokens` are all tokens of the prompt. `cached_tokens` are those of them that the request marks for the
    cache; each may have to be written, for an hour.
    """
    if not 0 <= cached_tokens <= prompt_tokens:
        raise ValueError(f"{cached_tokens} tokens for the cache, of {prompt_tokens} in the prompt")
    dearest = max(1, prices.cache_write_5m, prices.cache_write_1h, prices.cache_read)
    as_input = prompt_tokens - cached_tokens + cached_tokens * dearest
    full = (as_input * prices.input + max_tokens * prices.output) / _MILLION
    return full * prices.batch if batch else full
