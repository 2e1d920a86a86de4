"""How many tokens a prompt has, before it is sent: counted by the API for a few items, and reckoned for the others.

The API counts for nothing, but a call an item would be as many calls as judging takes. A prompt is a system prompt, the
same for all items, and a message; tokens of messages are nearly in proportion to their bytes. Both are counted once for
a ruler and kept in the ledger: the same day gives the same sample on every run, whether the API answers or not.
"""

from collections.abc import Sequence
from math import ceil

import sqlalchemy as sa

from pipelines.errors import UserError
from pipelines.feature import JudgeConfig, Provider
from pipelines.judging.judge import Item, Request, Verdict
from pipelines.judging.ledger import Ledger
from pipelines.judging.ledger_tables import TOKEN_RATES
from pipelines.judging.model.asking import Asked, Asker
from pipelines.judging.model.client import batch_client
from pipelines.judging.model.failures import Meaning, failure_of, stopped
from pipelines.judging.money import TokenRate
from pipelines.judging.ruler import Rubric, Ruler

COUNTED = 6  # items for which the API counts, of each ruler
MARGIN = 1.15  # other items may have more tokens a byte than the densest of those
TOKENS_PER_BYTE = 0.5  # where nothing counts: ordinary text has half as many


class UncountedTokens(UserError):
    """The API did not count, although it can."""


def token_rates(config: JudgeConfig, rubric: Rubric, items: Sequence[Item], ledger: Ledger) -> dict[str, TokenRate]:
    """The token rate of each ruler: from the ledger, else counted by the API for a few of the items, and kept.

    A server that cannot count gives a rate by bytes, which is kept too. Raises NightStopped for an error that judging
    could not get past either, UncountedTokens when the API cannot be reached.
    """
    known = kept_rates(rubric, ledger)
    missing = [ruler for ruler in rubric.rulers if ruler.ruler_id not in known]
    if missing:
        counted = count(config, missing, items)
        with ledger.engine.begin() as connection:
            connection.execute(
                ledger.insert_once(TOKEN_RATES),
                [{"ruler_id": ruler_id, **rate._asdict()} for ruler_id, rate in counted.items()],
            )
        known |= counted
    return known


def kept_rates(rubric: Rubric, ledger: Ledger) -> dict[str, TokenRate]:
    """The token rates that the ledger has of a rubric's rulers."""
    ids = [ruler.ruler_id for ruler in rubric.rulers]
    with ledger.engine.connect() as connection:
        rows = connection.execute(sa.select(TOKEN_RATES).where(TOKEN_RATES.c.ruler_id.in_(ids)))
        return {row.ruler_id: TokenRate(row.base_tokens, row.tokens_per_byte, row.is_counted) for row in rows}


def count(config: JudgeConfig, rulers: Sequence[Ruler], items: Sequence[Item]) -> dict[str, TokenRate]:
    """Have the API count the tokens of a few items under each ruler. Nothing is kept."""
    asker = Asker(config)
    return {ruler.ruler_id: _rate(config, asker, ruler, _spread(items)) for ruler in rulers}


def prompt_bytes(asked: Asked) -> int:
    """The bytes of a request's message, which its tokens are in proportion to."""
    return len(asked.params["messages"][0]["content"].encode("utf-8", "surrogatepass"))


def _spread(items: Sequence[Item]) -> list[Item]:
    """A few of the items, the longest and the shortest among them."""
    by_length = sorted(items, key=lambda item: (len(item.input or "") + len(item.output or ""), item.output or ""))
    steps = min(COUNTED, len(by_length))
    return [by_length[round(place * (len(by_length) - 1) / max(1, steps - 1))] for place in range(steps)]


def _rate(config: JudgeConfig, asker: Asker, ruler: Ruler, items: Sequence[Item]) -> TokenRate:
    empty, *asked = (
        each
        for item in (Item(None, None), *items)
        if not isinstance(
            each := asker.ask(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item)), Verdict
        )
    )
    base = _counted(config, empty)
    if base is None:
        return reckoned(empty)
    rates = [((_counted(config, each) or 0) - base) / (prompt_bytes(each) - prompt_bytes(empty)) for each in asked]
    return TokenRate(base, max(rates, default=TOKENS_PER_BYTE) * MARGIN, True)


def reckoned(empty: Asked) -> TokenRate:
    """The token rate of a ruler by bytes alone, from its request about an empty item."""
    bytes_ = len(empty.params["system"][0]["text"].encode()) + prompt_bytes(empty)
    return TokenRate(ceil(bytes_ * TOKENS_PER_BYTE), TOKENS_PER_BYTE, False)


def _counted(config: JudgeConfig, asked: Asked) -> int | None:
    """The API's count of a request's tokens; None from a server that does not count."""
    if config.provider is not Provider.ANTHROPIC:
        return None
    params = {name: asked.params[name] for name in ("model", "system", "messages", "output_config")}
    try:
        with batch_client(config) as client:
            return client.with_options(max_retries=3).messages.count_tokens(**params).input_tokens
    except Exception as error:
        failure = failure_of(error)
        if failure.status in (404, 405, 501):
            return None
        if failure.meaning is Meaning.STOP:
            raise stopped(failure, config) from None
        raise UncountedTokens(
            f"judge.budget_usd needs the tokens of a prompt, and the API did not count them ({failure}); run the night again"
        ) from None
