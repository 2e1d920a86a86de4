"""What verdicts cost at most: every token of their prompts at its dearest, and answers as long as they may be."""

from collections.abc import Mapping, Sequence

from pipelines.errors import UserError
from pipelines.feature import Feature, JudgeMode
from pipelines.judging.budget import Bounds
from pipelines.judging.judge import Item, Request, Verdict
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers.anthropic.asking import Asker
from pipelines.judging.providers.anthropic.money import TokenRate, bound_usd, prices_of
from pipelines.judging.providers.anthropic.tokens import count, kept_rates, prompt_bytes, reckoned, token_rates
from pipelines.judging.ruler import Rubric


def measured(feature: Feature, rubric: Rubric, items: Sequence[Item]) -> Bounds:
    """The bounds under a rubric, its tokens counted for a few of the items unless they have been before."""
    with Ledger() as ledger:
        return bounds_by(feature, rubric, token_rates(feature, rubric, items, ledger))


def looked_at(feature: Feature, rubric: Rubric, items: Sequence[Item]) -> Bounds:
    """The same, with nothing kept; where tokens cannot be counted, they are reckoned from bytes, with a warning."""
    with Ledger() as ledger:
        rates = kept_rates(feature, rubric, ledger)
    missing = [ruler for ruler in rubric.rulers if ruler.ruler_id not in rates]
    try:
        return bounds_by(feature, rubric, rates | count(feature.judge, missing, items))
    except UserError as error:
        asker = Asker(feature.judge)
        rates |= {ruler.ruler_id: reckoned(asker, ruler) for ruler in missing}
        return bounds_by(feature, rubric, rates, f"{error}; tokens are reckoned from bytes instead")


def bounds_by(feature: Feature, rubric: Rubric, rates: Mapping[str, TokenRate], warning: str | None = None) -> Bounds:
    """The bounds by a token rate for each ruler: prompts as they will be sent, all of them new to the cache."""
    config = feature.judge
    prices, in_batch = prices_of(config.named_model, config.prices), config.mode is JudgeMode.BATCH
    asker = Asker(config)

    def of_item(item: Item) -> float:
        usd = 0.0
        for ruler in rubric.rulers:
            asked = asker.ask(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))
            if not isinstance(asked, Verdict):
                rate = rates[ruler.ruler_id]
                tokens = rate.prompt_tokens(prompt_bytes(asked))
                usd += bound_usd(prices, tokens, asked.max_tokens, in_batch, min(tokens, rate.base_tokens))
        return usd

    counted = "counted by the API" if all(rate.is_counted for rate in rates.values()) else "reckoned from bytes"
    mode = "in batches" if in_batch else "live"
    return Bounds(of_item, f"{mode}; prompts {counted}, answers as long as they may be", warning)
