"""The judge that a feature file asks for, and its name as it stands beside scores. What a judge is: judge.py."""

from pipelines.feature import Feature
from pipelines.judging.judge import Judge
from pipelines.judging.providers import provider_named, provider_names, provider_of


def judge_of(feature: Feature) -> Judge:
    """The judge that `judge.kind` names."""
    return provider_of(feature).judge_for(feature)


def judge_label(feature: Feature) -> str:
    """Who judges, as it stands beside scores."""
    return label(feature.judge.kind, judge_of(feature).model)


def label(kind: str, model: str | None) -> str:
    """A judge in words, as its provider wants it known; of a provider that is no longer here, its model."""
    return provider_named(kind).label(model) if kind in provider_names() else str(model)
