"""What a verdict costs: before it is asked for, as a bound; afterwards, from the tokens that were used.

All amounts are US dollars. Prices are those of prices.yaml, unless a feature file has its own (judge.prices).
"""

import re
from functools import cache
from math import ceil
from pathlib import Path
from typing import NamedTuple

import yaml

from pipelines.errors import UserError
from pipelines.feature import Prices
from pipelines.judging.judge import Usage

PRICE_LIST = Path(__file__).parent / "prices.yaml"
_MILLION = 1_000_000


class NoPrice(UserError):
    """A model of which it is not known what it costs."""


class TokenRate(NamedTuple):
    """How many tokens a prompt of one ruler has: those that are the same for all items, and those of a message's bytes.

    `is_counted`: the API counted them; else they are reckoned from bytes alone.
    """

    base_tokens: int
    tokens_per_byte: float
    is_counted: bool

    def prompt_tokens(self, message_bytes: int) -> int:
        return self.base_tokens + ceil(self.tokens_per_byte * message_bytes)


def prices_of(model: str, override: Prices | None = None) -> Prices:
    """What a model costs: the feature's own prices, else the price list's. Raises NoPrice when neither says it."""
    if override is not None:
        return override
    listed = price_list()
    price = listed.get(model) or listed.get(re.sub(r"-\d{8}$", "", model))
    if price is None:
        raise NoPrice(
            f"judge.model is {model}, and what it costs is not known; prices are listed of "
            f"{', '.join(sorted(listed))}. Write US dollars per million tokens into the feature file, as in "
            "`judge: {prices: {input: 2, output: 10}}`, or add the model to pipelines/judging/providers/anthropic/prices.yaml"
        )
    return price


@cache
def price_list() -> dict[str, Prices]:
    """Every model of prices.yaml, by its name."""
    listed = yaml.safe_load(PRICE_LIST.read_text(encoding="utf-8"))
    return {model: Prices(**price, **listed["multipliers"]) for model, price in listed["models"].items()}


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
