"""Which judge a feature file asks for."""

from collections.abc import Callable

from pipelines.feature import Feature, JudgeKind
from pipelines.judging.judge import Judge
from pipelines.judging.providers.anthropic.judge import ModelJudge
from pipelines.judging.providers.offline.judge import OfflineJudge

# A new judge is a class with the shape of judge.Judge, a JudgeKind, and a line here.
JUDGES: dict[JudgeKind, Callable[[Feature], Judge]] = {
    JudgeKind.OFFLINE: lambda feature: OfflineJudge(),
    JudgeKind.ANTHROPIC: ModelJudge,
}


def judge_of(feature: Feature) -> Judge:
    """The judge that `judge.kind` names."""
    return JUDGES[feature.judge.kind](feature)


def judge_label(feature: Feature) -> str:
    """Who judges, as it stands beside scores."""
    return label(feature.judge.kind, judge_of(feature).model)


def label(kind: str, model: str | None) -> str:
    """A judge in words: the offline judge is never taken for a model."""
    return f"{model or 'the offline judge'} (rules, no model)" if kind == JudgeKind.OFFLINE else str(model)
