"""The provider `anthropic`: a model over the Messages API, or over a server or cloud that speaks it."""

from collections.abc import Collection, Sequence

from pipelines.feature import Feature, JudgeConfig, JudgeMode, ServedBy
from pipelines.judging.batch_book import Batch
from pipelines.judging.budget import Bounds
from pipelines.judging.judge import Item, Judge
from pipelines.judging.provider import Preview, Provider
from pipelines.judging.providers.anthropic.judge import ModelJudge
from pipelines.judging.ruler import Rubric


class Anthropic(Provider):
    name = "anthropic"

    def check(self, config: JudgeConfig) -> None:
        if config.model is None:
            raise ValueError("model is missing; say which model judges, as in model: claude-haiku-5-5")
        if config.redact is None:
            raise ValueError(
                "redact has no default when text leaves this machine; say redact: true to take personal data and secrets "
                "out of it first, or redact: false to send it as it is"
            )
        if config.mode is JudgeMode.BATCH and config.provider is not ServedBy.ANTHROPIC:
            raise ValueError(
                f"mode is batch, and {config.provider.value} has no Message Batches; say mode: live, or provider: anthropic"
            )

    def judge_for(self, feature: Feature) -> Judge:
        return ModelJudge(feature)

    def bounds(self, feature: Feature, rubric: Rubric, items: Sequence[Item]) -> Bounds:
        from pipelines.judging.providers.anthropic import bounds

        return bounds.measured(feature, rubric, items)

    def preview(self, feature: Feature, rubric: Rubric, item: Item) -> list[Preview]:
        from pipelines.judging.providers.anthropic import preview

        return preview.previews(feature, rubric, item)

    def preview_bounds(self, feature: Feature, rubric: Rubric, items: Sequence[Item]) -> Bounds:
        from pipelines.judging.providers.anthropic import bounds

        return bounds.looked_at(feature, rubric, items)

    def collects(self, feature: Feature) -> bool:
        return feature.judge.mode is JudgeMode.BATCH

    def ended(self, feature: Feature, batches: Sequence[Batch]) -> Collection[str]:
        from pipelines.judging.providers.anthropic.batches import ended  # imports the SDK's neighbours, which take time

        return ended(feature.judge, batches)

    def pays_twice(self, feature: Feature) -> bool:
        return feature.judge.mode is JudgeMode.LIVE  # in batches, what one has submitted the others know


PROVIDER = Anthropic()
