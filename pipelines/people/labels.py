"""Human labels: what people said of items that the judge has scored, in JSON-lines files."""

import glob
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.errors import UserError
from pipelines.feature import Feature

NOT_APPLICABLE = "na"
UNNAMED = "(unnamed)"
_SHOWN_MISTAKES = 5
_ASKED = '{"item_id": "...", "criterion": "tone", "label": 4}'


class LabelError(UserError):
    """Labels that cannot be used as they are."""


class MissingLabels(LabelError):
    """human_labels.path matches no file."""


@dataclass(frozen=True)
class Label:
    """One person's word on one criterion of one item. `level` is 1 to 5, or None where the criterion does not apply.

    `day` tells logs of several days apart that have one id; None for a cold item. `place` is its file and line.
    """

    item_id: str
    criterion: str
    level: int | None
    rater: str
    day: date | None
    place: str


def label_files(feature: Feature) -> list[Path]:
    """The files of `human_labels.path`, by name; none without the field. Raises MissingLabels when it matches none."""
    if feature.human_labels is None:
        return []
    pattern = feature.directory / feature.human_labels.path
    files = sorted(Path(path) for path in glob.glob(str(pattern), recursive=True) if Path(path).is_file())
    if not files:
        raise MissingLabels(
            f"{feature.name}: no human labels: looked for {pattern}. Bring the files, or correct human_labels.path in "
            f"{feature.name}'s file; `prod-evals calibrate {feature.name} --to-label 50` says which items to label"
        )
    return files


def read_labels(files: Iterable[Path]) -> list[Label]:
    """The labels of JSON-lines files, in their order. A line whose label is null is not filled in yet, and left out.

    Each line is an object with item_id, criterion and label, and where there are several raters or days, rater and day;
    other fields are not looked at. Raises LabelError naming file and line of what cannot be used, and of a second label
    by the same rater that differs from the first; an equal one is left out.
    """
    labels: dict[tuple, Label] = {}
    mistakes = []
    for file in files:
        for number, line in enumerate(_lines(file), start=1):
            if not line.strip():
                continue
            place = f"{file.name}:{number}"
            try:
                label = _label(line, place)
            except ValueError as error:
                mistakes.append(f"{place}: {error}")
                continue
            if label is None:
                continue
            first = labels.setdefault((label.item_id, label.criterion, label.rater, label.day), label)
            if first.level != label.level:
                mistakes.append(
                    f"{place}: {label.rater} labels {label.criterion} of {json.dumps(label.item_id)} as "
                    f"{_shown(label.level)}, and as {_shown(first.level)} in {first.place}; keep one"
                )
    if mistakes:
        raise LabelError("\n".join(summed_up(mistakes)))
    return list(labels.values())


def summed_up(mistakes: list[str]) -> list[str]:
    """The first few mistakes, and how many more there are."""
    rest = len(mistakes) - _SHOWN_MISTAKES
    return mistakes[:_SHOWN_MISTAKES] + ([f"and {rest} more"] if rest > 0 else [])


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{file}: cannot be read: {error}") from error


def _label(line: str, place: str) -> Label | None:
    """One line's label; None where it has not been filled in. Raises ValueError with what is wrong."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON; a line is as in {_ASKED}") from error
    if not isinstance(record, dict):
        raise ValueError(f"is not an object; a line is as in {_ASKED}")
    if "label" in record and record["label"] is None:
        return None
    for name in ("item_id", "criterion", "label"):
        if record.get(name) in (None, ""):
            raise ValueError(f"has no {name}; a line is as in {_ASKED}")
    return Label(
        item_id=_text("item_id", record["item_id"]),
        criterion=_text("criterion", record["criterion"]),
        level=_level(record["label"]),
        rater=_text("rater", record.get("rater") or UNNAMED),
        day=_day(record.get("day")),
        place=place,
    )


def _text(name: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"{name} is {json.dumps(value)}; it must be a text")
    return value


def _level(value: Any) -> int | None:
    if value == NOT_APPLICABLE:
        return None
    if isinstance(value, bool) or value not in (1, 2, 3, 4, 5):
        raise ValueError(f'label is {json.dumps(value)}; it must be a level of 1 to 5, or "na" where it does not apply')
    return int(value)


def _day(value: Any) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"day is {json.dumps(value)}; it must be a date as in 2026-11-23") from error


def _shown(level: int | None) -> str:
    return NOT_APPLICABLE if level is None else str(level)
