"""Rulers and rubrics: what exactly a verdict was made with. Scores of different rulers are never compared."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipelines.feature import Feature
from pipelines.judging.criterion import Criterion, load_criterion
from pipelines.judging.judge import Item, Judge
from pipelines.judging.prompt import WRAPPER_VERSION, answer_schema, full_text, item_template, system_prompt

ID_LENGTH = 16  # hex digits: 64 bits, far more than there will ever be rulers


def digest(value: Any) -> str:
    """The first 16 hex digits of the sha256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH]


@dataclass(frozen=True)
class Ruler:
    """A criterion as one judge asks it. `ruler_id` hashes all that could change a verdict."""

    criterion: Criterion
    judge: str  # the provider's name
    judge_model: str
    parameters: str

    @property
    def prompt(self) -> str:
        """All that is sent around an item, to be read by people."""
        return full_text(self.criterion)

    @cached_property
    def ruler_id(self) -> str:
        return digest(
            {
                "criterion": self.criterion.name,
                "system": system_prompt(self.criterion),
                "item": item_template(self.criterion),
                "schema": json.dumps(answer_schema(self.criterion)),  # as text: the order of its properties counts
                "needs": self.criterion.front.needs,
                "wrapper": WRAPPER_VERSION,
                "judge": self.judge,
                "model": self.judge_model,
                "parameters": self.parameters,
            }
        )

    def content_id(self, item: Item) -> str:
        """The hash of what of an item this ruler looks at: equal contents get one verdict."""
        seen: dict[str, Any] = {}
        for field in self.criterion.front.needs:
            value = getattr(item, field)
            seen[field] = [[s.id, s.title, s.text] for s in value] if field == "sources" else value
        return hashlib.sha256(
            json.dumps(seen, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
        ).hexdigest()


@dataclass(frozen=True)
class Rubric:
    """The rulers that make an overall score, with their weights, in the feature file's order."""

    rulers: tuple[Ruler, ...]
    weights: tuple[float, ...]

    @cached_property
    def rubric_id(self) -> str:
        return digest(sorted((ruler.ruler_id, weight) for ruler, weight in zip(self.rulers, self.weights, strict=True)))


def rubric_of(feature: Feature, judge: Judge) -> Rubric:
    """The rubric that a feature file asks for, by this judge.

    Raises CriterionError for a criterion that cannot be loaded, UserError for one that the judge cannot judge by.
    """
    rulers = []
    for name in feature.judge.criteria:
        criterion = load_criterion(name)
        judge.accepts(criterion)
        rulers.append(Ruler(criterion, judge.kind, judge.model, json.dumps(judge.parameters, sort_keys=True)))
    return Rubric(tuple(rulers), tuple(float(weight) for weight in feature.judge.criteria.values()))
