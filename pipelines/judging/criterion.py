"""A criterion: one file of judge_prompts/, one question, one score of 1 to 5."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from pipelines.checkout import CHECKOUT
from pipelines.errors import UserError

RESERVED = "overall"  # the criterion of the weighted score, in every table
PROMPTS_VARIABLE = "PROD_EVALS_JUDGE_PROMPTS"
ITEM_FIELDS = ("input", "output", "sources")
FEWEST_EXAMPLES, MOST_EXAMPLES = 2, 4


class CriterionError(UserError):
    """A criterion's file, or one of the two templates around it, that cannot be used."""


class Example(BaseModel):
    """One worked example: an item, the level that it deserves, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: str | None = Field(None, description="what was asked")
    output: str | None = Field(None, description="what was answered")
    sources: tuple[str, ...] | None = Field(None, description="the texts that were given with it")
    level: Literal[1, 2, 3, 4, 5, "na"] = Field(description="1 to 5, or na where the criterion does not apply")
    because: str = Field(min_length=1, description="a sentence on why")

    @field_validator("level", mode="before")
    @classmethod
    def _true_is_not_one(cls, level: Any) -> Any:
        if isinstance(level, bool):
            raise ValueError(f"{str(level).lower()} is no level")
        return level

    @property
    def given(self) -> set[str]:
        """The fields of the item that the file gives, empty ones among them."""
        return self.model_fields_set & set(ITEM_FIELDS)


class FrontMatter(BaseModel):
    """What the head of a criterion's file says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, description="a few words for people")
    question: str = Field(min_length=1, description="the one question that the judge answers")
    levels: dict[int, str] = Field(description="an anchor sentence for each level, 1 (worst) to 5 (best)")
    needs: tuple[str, ...] = Field(("input", "output"), description="fields of the item: input, output, sources")
    not_applicable: str | None = Field(None, min_length=1, description="when the criterion does not apply to an item")
    examples: tuple[Example, ...] = Field((), description="two to four worked examples")


@dataclass(frozen=True)
class Wrapper:
    """The two templates around every criterion, as text: `_system`, and `_item` for what is judged."""

    system: str
    item: str


def read_wrapper() -> Wrapper:
    """Read _system.md.j2 and _item.md.j2. Raises CriterionError naming the one that cannot be read."""
    return Wrapper(*(_read(prompts_directory() / name) for name in ("_system.md.j2", "_item.md.j2")))


@dataclass(frozen=True)
class Criterion:
    """A criterion as loaded, the templates around it included.

    A file that is edited during a night changes nothing of that night: what its rulers hash is what is sent.
    """

    name: str
    front: FrontMatter = field(hash=False)
    body: str
    wrapper: Wrapper = field(default_factory=read_wrapper)


def prompts_directory() -> Path:
    """Where criteria are: PROD_EVALS_JUDGE_PROMPTS, else judge_prompts/ in the checkout."""
    return Path(os.environ.get(PROMPTS_VARIABLE) or CHECKOUT / "judge_prompts").absolute()


def criterion_names() -> list[str]:
    return sorted(path.stem for path in prompts_directory().glob("*.md") if not path.name.startswith("_"))


def load_criterion(name: str) -> Criterion:
    """Read judge_prompts/NAME.md. Raises CriterionError naming the file, the field and what is wrong with it."""
    label = f"judge_prompts/{name}.md"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name not in criterion_names():
        raise CriterionError(
            f"{label}: there is no such criterion; there are {', '.join(criterion_names()) or 'none'}. "
            "Write the file, or take the criterion out of the feature file's judge.criteria"
        )
    if name == RESERVED:
        raise CriterionError(
            f"{label}: {RESERVED} is what the weighted score is called in the tables; name the file otherwise"
        )
    text = _read(prompts_directory() / f"{name}.md")
    parts = re.split(r"^---[ \t]*$\n?", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise CriterionError(f"{label}: must begin with front matter between two lines of ---")
    try:
        front = FrontMatter.model_validate(yaml.safe_load(parts[1]))
    except yaml.YAMLError as error:
        raise CriterionError(f"{label}: its front matter is not YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'its front matter'}: {_described(problem)}"
            for problem in error.errors()
        )
        raise CriterionError(f"{label}: {problems}") from error
    if wrong := _mistake(front):
        raise CriterionError(f"{label}: {wrong}")
    return Criterion(name, front, parts[2].strip())


def _described(problem: ErrorDetails) -> str:
    """What pydantic says, with what it found where that is short."""
    value, message = repr(problem["input"]), problem["msg"][:1].lower() + problem["msg"][1:]
    is_told = problem["type"] in ("missing", "extra_forbidden") or len(value) > 60
    return message if is_told else f"{message}; found {value}"


def _mistake(front: FrontMatter) -> str | None:
    """What is wrong between the fields of a front matter, each of which is right by itself."""
    if sorted(front.levels) != [1, 2, 3, 4, 5]:
        return f"levels has {sorted(front.levels)}; it needs an anchor for each of 1 to 5"
    if unknown := set(front.needs) - set(ITEM_FIELDS):
        return f"needs names {sorted(unknown)}; an item has input, output and sources"
    if not front.needs or len(set(front.needs)) < len(front.needs):
        return f"needs is {list(front.needs)}; name what the judge must see of an item, each field once"
    if not FEWEST_EXAMPLES <= len(front.examples) <= MOST_EXAMPLES:
        return (
            f"examples has {len(front.examples)}; give {FEWEST_EXAMPLES} to {MOST_EXAMPLES} worked examples, "
            f"each with {', '.join(front.needs)}, level and because"
        )
    for number, example in enumerate(front.examples):
        if missing := [name for name in front.needs if name not in example.given]:
            return (
                f"examples.{number} has no {missing[0]}, which needs names; add it "
                f"({'[]' if missing[0] == 'sources' else 'two quotes'} where it is empty)"
            )
        if unseen := example.given - set(front.needs):
            return f"examples.{number} has {min(unseen)}, which the judge does not see; take it out, or add it to needs"
        if example.level == "na" and front.not_applicable is None:
            return f"examples.{number}.level is na; say in not_applicable when that is so, or give a level of 1 to 5"
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CriterionError(f"{path}: cannot be read: {error}") from error
