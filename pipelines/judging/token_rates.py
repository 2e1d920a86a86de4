"""How many tokens a prompt has, before it is sent: counted for a few items where a server counts, reckoned for others.

A count for every item would be as many calls as judging takes. A prompt is a system prompt, the same for all items, and
a message; tokens of messages are nearly in proportion to their bytes. Both are counted once for a feature and ruler and
kept in the ledger: the same day gives the same sample on every run, whether the server answers or not.
"""

import logging
from collections.abc import Callable, Sequence
from math import ceil
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.feature import Feature
from pipelines.judging.asking import Prompt, Prompter
from pipelines.judging.judge import Item, Request, Verdict
from pipelines.judging.ledger import Ledger
from pipelines.judging.ledger_tables import TOKEN_RATES
from pipelines.judging.ruler import Rubric, Ruler

COUNTED = 6  # items whose tokens are counted, of each ruler
MARGIN = 1.15  # other items may have more tokens a byte than the densest of those
TOKENS_PER_BYTE = 0.5  # where nothing counts: ordinary text has half as many
NOTHING = Item(None, None)

log = logging.getLogger(__name__)


class TokenRate(NamedTuple):
    """How many tokens a prompt of one ruler has: those that are the same for all items, and those of a message's bytes.

    `is_counted`: a server counted them; else they are reckoned from bytes alone.
    """

    base_tokens: int
    tokens_per_byte: float
    is_counted: bool

    def prompt_tokens(self, message_bytes: int) -> int:
        return self.base_tokens + ceil(self.tokens_per_byte * message_bytes)


Measure = Callable[[Sequence[Ruler]], dict[str, TokenRate]]


def token_rates(feature: Feature, rubric: Rubric, measure: Measure, ledger: Ledger) -> dict[str, TokenRate]:
    """The feature's token rate for each ruler: from the ledger, else as `measure` finds it, and then kept.

    Raises what `measure` raises; a rate by bytes, where a server cannot count, is kept too.
    """
    known = kept_rates(feature, rubric, ledger)
    missing = [ruler for ruler in rubric.rulers if ruler.ruler_id not in known]
    if missing:
        measured = measure(missing)
        rows = [{"feature": feature.name, "ruler_id": id_, **rate._asdict()} for id_, rate in measured.items()]
        with ledger.engine.begin() as connection:
            connection.execute(ledger.insert_once(TOKEN_RATES), rows)
        known = kept_rates(feature, rubric, ledger)  # of two that count at once, both go by the first
    if not all(rate.is_counted for rate in known.values()):
        log.warning("nothing counts tokens here: prompts are reckoned from bytes, %s tokens each", TOKENS_PER_BYTE)
    return known


def kept_rates(feature: Feature, rubric: Rubric, ledger: Ledger) -> dict[str, TokenRate]:
    """The token rates that the ledger has of a feature and a rubric's rulers."""
    rate = TOKEN_RATES.c
    ids = [ruler.ruler_id for ruler in rubric.rulers]
    query = sa.select(TOKEN_RATES).where(rate.feature == feature.name, rate.ruler_id.in_(ids))
    with ledger.engine.connect() as connection:
        rows = connection.execute(query)
        return {row.ruler_id: TokenRate(row.base_tokens, row.tokens_per_byte, row.is_counted) for row in rows}


def counted_rate(
    prompter: Prompter, ruler: Ruler, items: Sequence[Item], count: Callable[[Prompt], int | None]
) -> TokenRate:
    """A ruler's rate, by counting a few of the items: what the prompt about nothing has, and what each byte besides
    adds where a message is dense in tokens. `count` gives a prompt's tokens, None where nothing counts them."""
    empty = _about_nothing(prompter, ruler)
    prompts = [prompt for item in _spread(items) if isinstance(prompt := _prompt(prompter, ruler, item), Prompt)]
    longer = [prompt for prompt in prompts if prompt.message_bytes > empty.message_bytes]
    base, *counts = (count(prompt) for prompt in (empty, *longer))
    counted = [tokens for tokens in counts if tokens is not None]
    if base is None or len(counted) < len(counts):
        return reckoned_rate(prompter, ruler)
    rates = [
        (tokens - base) / (prompt.message_bytes - empty.message_bytes)
        for prompt, tokens in zip(longer, counted, strict=True)
    ]
    return TokenRate(base, max(rates, default=TOKENS_PER_BYTE) * MARGIN, True)


def reckoned_rate(prompter: Prompter, ruler: Ruler) -> TokenRate:
    """The token rate of a ruler by bytes alone."""
    empty = _about_nothing(prompter, ruler)
    bytes_ = len(empty.system.encode()) + empty.message_bytes
    return TokenRate(ceil(bytes_ * TOKENS_PER_BYTE), TOKENS_PER_BYTE, False)


def _spread(items: Sequence[Item]) -> list[Item]:
    """A few of the items, the longest and the shortest among them."""
    by_length = sorted(items, key=lambda item: (len(item.input or "") + len(item.output or ""), item.output or ""))
    steps = min(COUNTED, len(by_length))
    return [by_length[round(place * (len(by_length) - 1) / max(1, steps - 1))] for place in range(steps)]


def _about_nothing(prompter: Prompter, ruler: Ruler) -> Prompt:
    """The prompt about an item without text, in which there is nothing that could keep it from being asked."""
    prompt = _prompt(prompter, ruler, NOTHING)
    assert isinstance(prompt, Prompt)
    return prompt


def _prompt(prompter: Prompter, ruler: Ruler, item: Item) -> Prompt | Verdict:
    return prompter.prompt(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))
