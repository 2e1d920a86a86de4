"""Feature files: where they are, reading one, and its mistakes told with file, line, field, value and remedy."""

import difflib
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipelines.checkout import CHECKOUT
from pipelines.errors import UserError
from pipelines.feature.schema import Feature, FlagSettings, JudgeConfig, SourceFields, flag_settings, judge_settings

FEATURES_VARIABLE = "PROD_EVALS_FEATURES"


class FeatureError(UserError):
    """A feature file that cannot be used; one line per mistake."""


def features_directory() -> Path:
    """Where feature files are: PROD_EVALS_FEATURES, else features/ in the checkout."""
    return Path(os.environ.get(FEATURES_VARIABLE) or CHECKOUT / "features").absolute()


def feature_files() -> dict[str, Path]:
    """Every feature's name and file, by name. Files that begin with an underscore are examples."""
    files = {
        path.stem: path
        for pattern in ("*.yaml", "*.yml")
        for path in features_directory().glob(pattern)
        if not path.name.startswith("_")
    }
    return dict(sorted(files.items()))


def find_feature(name: str) -> Feature:
    """The feature of that name. Raises FeatureError when there is none, or when its file is wrong."""
    files = feature_files()
    if name not in files:
        near = difflib.get_close_matches(name, files, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(files) or 'none yet'}"
        raise FeatureError(f"no feature {name!r} in {features_directory()}; {hint}")
    return load_feature(files[name])


def load_feature(path: Path) -> Feature:
    """Read and validate one feature file. Raises FeatureError with a line for every mistake in it."""
    label = _label(path)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", path.stem):
        raise FeatureError(
            f"{label}: the file's name is the feature's name, and {path.stem!r} is not one; "
            "use lower-case letters, digits and underscores, as in support_drafts.yaml"
        )
    try:
        text = path.read_text(encoding="utf-8")
        raw = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise FeatureError(f"{label}: cannot be read: {error}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise FeatureError(f"{label}: is not YAML: {_yaml_problem(error)}") from error
    if not isinstance(raw, dict):
        raise FeatureError(f"{label}: must be a mapping of fields; features/_example.yaml shows them all")
    try:
        feature = Feature.model_validate(raw)
    except ValidationError as error:
        lines = _line_numbers(text)
        raise FeatureError("\n".join(_mistakes(label, raw, lines, error))) from None
    feature._name = path.stem
    feature._file = path.absolute()
    return feature


def place_of(feature: Feature, *field: str | int) -> str:
    """Where a field stands, as in `features/drafts.yaml:14`, for an error about it; of one that is gone, the file."""
    try:
        line = _line_numbers(feature.file.read_text(encoding="utf-8")).get(field)
    except (OSError, ValueError, yaml.YAMLError):
        line = None
    return _label(feature.file) + (f":{line}" if line else "")


def _label(path: Path) -> str:
    """A file's path as a person would write it: relative to the checkout where it is inside."""
    path = path.absolute()
    return str(path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path)


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return where + (getattr(error, "problem", None) or str(error))


def _line_numbers(text: str) -> dict[tuple[str | int, ...], int]:
    """The line of every field of a YAML text, by its path."""
    lines: dict[tuple[str | int, ...], int] = {}

    def visit(node: yaml.Node, path: tuple[str | int, ...]) -> None:
        lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                lines[(*path, key.value)] = key.start_mark.line + 1
                visit(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                visit(value, (*path, index))

    if (document := yaml.compose(text, Loader=yaml.SafeLoader)) is not None:
        visit(document, ())
    return lines


def _mistakes(label: str, raw: dict, lines: dict, error: ValidationError) -> list[str]:
    """One line per mistake: file and line, field, what was found, what is allowed, what the field is for."""
    mistakes = []
    problems = error.errors()
    for problem in problems:
        if _follows_from_another(problem, problems):
            continue
        loc = _path_in_file(raw, problem["loc"])
        field = ".".join(str(part) for part in loc) or "the file"
        line = next((lines[loc[:k]] for k in range(len(loc), -1, -1) if loc[:k] in lines), 1)
        where = f"{label}:{line}: "
        model, info = _schema_of(loc, raw)
        purpose = f" ({info.description})" if info is not None and info.description else ""
        if problem["type"] == "extra_forbidden":
            allowed = [f.alias or name for name, f in model.model_fields.items()] if model else []
            near = difflib.get_close_matches(str(loc[-1]), allowed, 1)
            hint = f"did you mean {near[0]}?" if near else f"allowed here: {', '.join(allowed)}"
            mistakes.append(f"{where}{field} is not a field; {hint}")
        elif problem["type"] == "missing":
            mistakes.append(f"{where}{field} is missing{purpose}; add it")
        else:
            message = problem["msg"].removeprefix("Value error, ").replace("Input should be", "it must be")
            message = message[:1].lower() + message[1:] if message.startswith(("Input", "String")) else message
            value = problem["input"]
            shown = f" is {value!r}" if isinstance(value, str | int | float | bool | date | None) else ""
            mistakes.append(
                f"{where}{field}{shown}; {message}{purpose}" if shown else f"{where}{field}: {message}{purpose}"
            )
    return list(dict.fromkeys(mistakes))


def _follows_from_another(problem: ErrorDetails, problems: list[ErrorDetails]) -> bool:
    """A list that is too short because its items are wrong; a mapping that is no text where either is allowed."""
    if problem["type"] == "too_short":
        return any(other["loc"][: len(problem["loc"])] == problem["loc"] != other["loc"] for other in problems)
    return problem["type"] == "string_type" and isinstance(problem["input"], dict)


def _path_in_file(raw: Any, loc: tuple) -> tuple:
    """Pydantic's path without the parts that are not in the file (the names of a union's branches, `[key]`)."""
    path, value = [], raw
    for part in loc:
        is_index = isinstance(value, list) and isinstance(part, int) and part < len(value)
        if is_index or (isinstance(value, dict) and part in value):
            value = value[part]
        elif isinstance(value, dict) and part not in ("str", "SourceFields", "[key]"):
            value = None  # a field that the file does not have
        else:
            continue
        path.append(part)
    return tuple(path)


def _schema_of(loc: tuple, raw: dict) -> tuple[type[BaseModel] | None, Any]:
    """The section that a path's last part belongs to, and that field's description."""
    model: Any = Feature
    owner, info = None, None
    for part in loc:
        if isinstance(part, int):
            continue
        owner = model if isinstance(model, type) and issubclass(model, BaseModel) else None
        info = None
        if owner is not None:
            info = owner.model_fields.get(part) or next(
                (f for f in owner.model_fields.values() if f.alias == part), None
            )
        model = _model_in(info.annotation) if info is not None else None
        if model is JudgeConfig:
            model = judge_settings(raw.get(part))
        if model is FlagSettings:
            model = flag_settings(raw.get(part))
    return owner, info


def _model_in(annotation: Any) -> Any:
    """The section inside an annotation such as `Baseline | None` or `tuple[Stage, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if (model := _model_in(inner)) is not None and model is not SourceFields:
            return model
    return None
