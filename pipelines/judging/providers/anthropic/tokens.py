"""How many tokens a prompt has, before it is sent: counted by the API for a few items, and reckoned for the others.

The API counts free of charge, but a call an item would be as many calls as judging takes. A prompt is a system prompt,
the same for all items, and a message; tokens of messages are nearly in proportion to their bytes. Both are counted once
for a feature and ruler and kept in the ledger: the same day gives the same sample on every run, whether the API answers
or not.
"""

import logging
from collections.abc import Sequence
from math import ceil
from typing import Any

import sqlalchemy as sa

from pipelines.errors import UserError
from pipelines.feature import Feature, JudgeConfig, ServedBy
from pipelines.judging.judge import Item, Request, Verdict
from pipelines.judging.ledger import Ledger
from pipelines.judging.ledger_tables import TOKEN_RATES
from pipelines.judging.providers.anthropic.asking import Asked, Asker
from pipelines.judging.providers.anthropic.client import batch_client
from pipelines.judging.providers.anthropic.failures import Meaning, failure_of, stopped
from pipelines.judging.providers.anthropic.money import TokenRate
from pipelines.judging.ruler import Rubric, Ruler

COUNTED = 6  # items for which the API counts, of each ruler
MARGIN = 1.15  # other items may have more tokens a byte than the densest of those
TOKENS_PER_BYTE = 0.5  # where nothing counts: ordinary text has half as many
COUNTS_WITHIN = 60.0  # seconds for one count
NOTHING = Item(None, None)

log = logging.getLogger(__name__)


class UncountedTokens(UserError):
    """The API did not count, although it can."""


def token_rates(feature: Feature, rubric: Rubric, items: Sequence[Item], ledger: Ledger) -> dict[str, TokenRate]:
    """The feature's token rate for each ruler: from the ledger, else counted by the API for a few of the items and kept.

    A server that cannot count gives a rate by bytes, which is kept too. Raises NightStopped for an error that judging
    could not get past either, UncountedTokens when the API cannot be reached.
    """
    known = kept_rates(feature, rubric, ledger)
    missing = [ruler for ruler in rubric.rulers if ruler.ruler_id not in known]
    if missing:
        counted = count(feature.judge, missing, items)
        rows = [{"feature": feature.name, "ruler_id": ruler_id, **rate._asdict()} for ruler_id, rate in counted.items()]
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


def count(config: JudgeConfig, rulers: Sequence[Ruler], items: Sequence[Item]) -> dict[str, TokenRate]:
    """Have the API count the tokens of a few items under each ruler. Nothing is kept."""
    asker = Asker(config)
    if config.provider is not ServedBy.ANTHROPIC:
        return {ruler.ruler_id: reckoned(asker, ruler) for ruler in rulers}
    with batch_client(config) as client:
        counting = client.with_options(max_retries=3, timeout=COUNTS_WITHIN)
        return {ruler.ruler_id: _rate(config, counting, asker, ruler, _spread(items)) for ruler in rulers}


def reckoned(asker: Asker, ruler: Ruler) -> TokenRate:
    """The token rate of a ruler by bytes alone."""
    empty = _about_nothing(asker, ruler)
    bytes_ = len(empty.params["system"][0]["text"].encode()) + prompt_bytes(empty)
    return TokenRate(ceil(bytes_ * TOKENS_PER_BYTE), TOKENS_PER_BYTE, False)


def prompt_bytes(asked: Asked) -> int:
    """The bytes of a request's message, which its tokens are in proportion to."""
    return len(asked.params["messages"][0]["content"].encode("utf-8", "surrogatepass"))


def _spread(items: Sequence[Item]) -> list[Item]:
    """A few of the items, the longest and the shortest among them."""
    by_length = sorted(items, key=lambda item: (len(item.input or "") + len(item.output or ""), item.output or ""))
    steps = min(COUNTED, len(by_length))
    return [by_length[round(place * (len(by_length) - 1) / max(1, steps - 1))] for place in range(steps)]


def _rate(config: JudgeConfig, client: Any, asker: Asker, ruler: Ruler, items: Sequence[Item]) -> TokenRate:
    """What the prompt about nothing has, and what each byte besides adds where a message is dense in tokens."""
    empty = _about_nothing(asker, ruler)
    asked = [each for item in items if not isinstance(each := _asked(asker, ruler, item), Verdict)]
    longer = [each for each in asked if prompt_bytes(each) > prompt_bytes(empty)]
    base, *counts = (_counted(config, client, each) for each in (empty, *longer))
    counted = [tokens for tokens in counts if tokens is not None]
    if base is None or len(counted) < len(counts):
        return reckoned(asker, ruler)
    rates = [
        (tokens - base) / (prompt_bytes(each) - prompt_bytes(empty))
        for each, tokens in zip(longer, counted, strict=True)
    ]
    return TokenRate(base, max(rates, default=TOKENS_PER_BYTE) * MARGIN, True)


def _about_nothing(asker: Asker, ruler: Ruler) -> Asked:
    """The request about an item without text, in which there is nothing that could keep it from being asked."""
    asked = _asked(asker, ruler, NOTHING)
    assert isinstance(asked, Asked)
    return asked


def _asked(asker: Asker, ruler: Ruler, item: Item) -> Asked | Verdict:
    return asker.ask(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))


def _counted(config: JudgeConfig, client: Any, asked: Asked) -> int | None:
    """The API's count of a request's tokens; None from a server that does not count."""
    params = {name: asked.params[name] for name in ("model", "system", "messages", "output_config")}
    try:
        return client.messages.count_tokens(**params).input_tokens
    except Exception as error:
        failure = failure_of(error)
        if failure.status in (404, 405, 501):
            return None
        if failure.meaning is Meaning.STOP:
            raise stopped(failure, config) from None
        raise UncountedTokens(
            f"judge.budget_usd needs the tokens of a prompt, and the API did not count them ({failure}); "
            "run the night again"
        ) from None
