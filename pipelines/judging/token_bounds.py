"""What verdicts of a model cost at most: every token of a prompt at its dearest, and answers as long as they may be."""

from collections.abc import Mapping

from pipelines.errors import UserError
from pipelines.feature import Feature, Prices
from pipelines.judging.asking import Prompt, Prompter
from pipelines.judging.budget import Bounds
from pipelines.judging.judge import Item, Request
from pipelines.judging.ledger import Ledger
from pipelines.judging.money import bound_usd
from pipelines.judging.ruler import Rubric
from pipelines.judging.token_rates import Measure, TokenRate, kept_rates, reckoned_rate, token_rates


def kept_bounds(feature: Feature, rubric: Rubric, prices: Prices, in_batch: bool, measure: Measure) -> Bounds:
    """The bounds by what the ledger has of tokens, or else by what `measure` finds, which is kept."""
    with Ledger() as ledger:
        return bounds_by(feature, rubric, prices, in_batch, token_rates(feature, rubric, measure, ledger))


def passing_bounds(feature: Feature, rubric: Rubric, prices: Prices, in_batch: bool, measure: Measure) -> Bounds:
    """The same, with nothing kept; where tokens cannot be measured now they are reckoned from bytes, with a warning."""
    with Ledger() as ledger:
        rates = kept_rates(feature, rubric, ledger)
    missing = [ruler for ruler in rubric.rulers if ruler.ruler_id not in rates]
    warning = None
    try:
        rates |= measure(missing) if missing else {}
    except UserError as error:
        warning = f"{error}; tokens are reckoned from bytes instead"
        prompter = Prompter(feature.judge)
        rates |= {ruler.ruler_id: reckoned_rate(prompter, ruler) for ruler in missing}
    return bounds_by(feature, rubric, prices, in_batch, rates, warning)


def bounds_by(
    feature: Feature,
    rubric: Rubric,
    prices: Prices,
    in_batch: bool,
    rates: Mapping[str, TokenRate],
    warning: str | None = None,
) -> Bounds:
    """The bounds by a token rate for each ruler: prompts as they will be sent, all of them new to the cache."""
    prompter = Prompter(feature.judge)

    def of_item(item: Item) -> float:
        usd = 0.0
        for ruler in rubric.rulers:
            prompt = prompter.prompt(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))
            if isinstance(prompt, Prompt):
                rate = rates[ruler.ruler_id]
                tokens = rate.prompt_tokens(prompt.message_bytes)
                usd += bound_usd(prices, tokens, prompt.max_tokens, in_batch, min(tokens, rate.base_tokens))
        return usd

    counted = "counted by the API" if all(rate.is_counted for rate in rates.values()) else "reckoned from bytes"
    mode = "in batches" if in_batch else "live"
    return Bounds(of_item, f"{mode}; prompts {counted}, answers as long as they may be", warning)
