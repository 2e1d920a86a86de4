"""What verdicts of Anthropic's models cost at most, by the API's counts of tokens."""

from collections.abc import Sequence

from pipelines.feature import Feature, JudgeMode
from pipelines.judging.budget import Bounds
from pipelines.judging.judge import Item
from pipelines.judging.providers.anthropic.prices import PRICES
from pipelines.judging.providers.anthropic.tokens import measure
from pipelines.judging.ruler import Rubric
from pipelines.judging.token_bounds import kept_bounds, passing_bounds


def bounds(feature: Feature, rubric: Rubric, items: Sequence[Item], keeps: bool) -> Bounds:
    """The bounds under a rubric. `keeps`: whether counts are kept, and needed; else they are reckoned where there are
    none. Raises NightStopped and UncountedTokens when they are needed and the API does not count."""
    config = feature.judge
    prices = PRICES.of(config.named_model, config.prices)
    by_ledger_or_count = kept_bounds if keeps else passing_bounds
    return by_ledger_or_count(
        feature, rubric, prices, config.mode is JudgeMode.BATCH, lambda rulers: measure(config, rulers, items)
    )
