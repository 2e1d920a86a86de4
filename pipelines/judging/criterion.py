"""A criterion: one file of judge_prompts/, one question, one score of 1 to 5."""

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.errors import UserError
from pipelines.feature import CHECKOUT

RESERVED = "overall"  # the criterion of the weighted score, in every table
PROMPTS_VARIABLE = "PROD_EVALS_JUDGE_PROMPTS"


class CriterionError(UserError):
    """A criterion's file that cannot be used."""


class FrontMatter(BaseModel):
    """What the head of a criterion's file says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, description="a few words for people")
    question: str = Field(min_length=1, description="the one question that the judge answers")
    levels: dict[int, str] = Field(description="an anchor sentence for each level, 1 (worst) to 5 (best)")
    needs: tuple[str, ...] = Field(("input", "output"), description="fields of the item: input, output, sources")
    not_applicable: str | None = Field(None, description="when the criterion does not apply to an item")


@dataclass(frozen=True)
class Criterion:
    """A criterion as loaded: its front matter and its body. The ruler hashes `prompt`, which is rendered from both."""

    name: str
    front: FrontMatter
    body: str

    @cached_property
    def prompt(self) -> str:
        """The criterion as it is asked: the wrapper `_system` around this file's question, anchors and body."""
        environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        try:
            body = environment.from_string(self.body).render(criterion=self.front)
            return environment.from_string(_read(prompts_directory() / "_system.md.j2")).render(
                criterion=self.front, body=body.strip()
            )
        except CriterionError:
            raise
        except Exception as error:  # a template can raise anything: an overflow, a division by zero
            raise CriterionError(f"judge_prompts/{self.name}.md: cannot be rendered: {error}") from error


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
        raise CriterionError(f"{label}: {RESERVED} is what the weighted score is called in the tables; name the file otherwise")
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
            f"{'.'.join(map(str, problem['loc'])) or 'its front matter'}: {problem['msg'].lower()}"
            for problem in error.errors()
        )
        raise CriterionError(f"{label}: {problems}") from error
    if sorted(front.levels) != [1, 2, 3, 4, 5]:
        raise CriterionError(f"{label}: levels has {sorted(front.levels)}; it needs an anchor for each of 1 to 5")
    if unknown := set(front.needs) - {"input", "output", "sources"}:
        raise CriterionError(f"{label}: needs names {sorted(unknown)}; an item has input, output and sources")
    return Criterion(name, front, parts[2].strip())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CriterionError(f"{path}: cannot be read: {error}") from error
