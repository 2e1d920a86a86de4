"""The provider `anthropic`: a model over the Messages API, or over a server or cloud that speaks it."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from pipelines.feature import Feature, JudgeMode
from pipelines.judging.provider import Preview, Provider
from pipelines.judging.providers.anthropic.settings import AnthropicSettings

if TYPE_CHECKING:  # each method imports what it needs: a label needs neither the SDK nor the ledger
    from pipelines.judging.batch_book import Batch
    from pipelines.judging.budget import Bounds
    from pipelines.judging.judge import Item, Judge
    from pipelines.judging.ruler import Rubric


class Anthropic(Provider):
    name = "anthropic"
    settings = AnthropicSettings

    def judge_for(self, feature: Feature) -> "Judge":
        from pipelines.judging.providers.anthropic.judge import ModelJudge

        return ModelJudge(feature)

    def bounds(self, feature: Feature, rubric: "Rubric", items: Sequence["Item"]) -> "Bounds":
        from pipelines.judging.providers.anthropic.bounds import bounds

        return bounds(feature, rubric, items, keeps=True)

    def preview(self, feature: Feature, rubric: "Rubric", item: "Item") -> list[Preview]:
        from pipelines.judging.providers.anthropic.preview import previews

        return previews(feature, rubric, item)

    def preview_bounds(self, feature: Feature, rubric: "Rubric", items: Sequence["Item"]) -> "Bounds":
        from pipelines.judging.providers.anthropic.bounds import bounds

        return bounds(feature, rubric, items, keeps=False)

    def collects(self, feature: Feature) -> bool:
        return feature.judge.mode is JudgeMode.BATCH

    def ended(self, feature: Feature, batches: Sequence["Batch"]) -> Collection[str]:
        from pipelines.judging.providers.anthropic.batches import ended

        return ended(feature.judge, batches)

    def pays_twice(self, feature: Feature) -> bool:
        return feature.judge.mode is JudgeMode.LIVE  # in batches, what one has submitted the others know


PROVIDER = Anthropic()
