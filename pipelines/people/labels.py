"""Human labels: what people said of items that the judge has scored."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines import lake
from pipelines.errors import UserError
from pipelines.feature import Feature, FileFormat, LabelColumn
from pipelines.logs.paths import RecordReader
from pipelines.logs.records import column_paths, keeping_order, show_records
from pipelines.logs.sources import label_source
from pipelines.logs.sources.source import Part
from pipelines.logs.staging import RawRecord, raw_records, stage, staging_directory

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


def label_parts(feature: Feature, file: str | None = None) -> list[Part]:
    """The parts of `human_labels.path`, or of a file in its place; none without either.

    Raises MissingLabels when there are none.
    """
    source = label_source(feature, file)
    if source is None:
        return []
    parts = source.parts()
    if not parts:
        raise MissingLabels(
            f"{feature.name}: no human labels: looked for {source.looked_for}. Bring the files, or correct "
            f"human_labels.path in {feature.name}'s file; `prod-evals calibrate {feature.name} --to-label 50` says which "
            "items to label"
        )
    return parts


def read_labels(feature: Feature, file: str | None = None) -> list[Label]:
    """The labels of `human_labels.path`, or of a file in its place, in their order.

    Each record has an item_id, criterion and label, and where there are several raters or days, rater and day, along
    the paths of `human_labels.fields`; other fields are not looked at. One whose label is null, or in CSV empty, is not
    filled in yet, and left out. Raises LabelError naming file and line of what cannot be used, and of a second label by
    the same rater that differs from the first; an equal one is left out. Raises UnreadableFile for a damaged file and
    PathError for a wrong field.
    """
    labels: dict[tuple, Label] = {}
    mistakes = []
    for record in _records(feature, file):
        place = record.place
        try:
            label = _label(record.values(), place)
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


@dataclass(frozen=True)
class _Record:
    """A record of a file of labels: all of it, and each column that it has, as JSON."""

    place: str
    raw: RawRecord
    whole: str | None
    cells: dict[str, str]
    format: FileFormat

    def values(self) -> dict[str, Any]:
        """The columns that it has; null is None. Raises ValueError when it is no object."""
        if self.whole is None or not self.whole.startswith("{"):
            raise ValueError(
                f"is {'not an object' if _is_json(self.raw.json) else 'not JSON'}; a line is as in {_ASKED}"
            )
        values = {column: json.loads(cell) for column, cell in self.cells.items()}
        if self.format is FileFormat.CSV:  # which has texts alone
            label = values.get("label")
            values["label"] = None if label == "" else int(label) if label in set("12345") else label
        return values


def _records(feature: Feature, file: str | None) -> Iterator[_Record]:
    source = label_source(feature, file)
    if source is None:
        return
    fields = feature.human_labels.fields if feature.human_labels else {}
    paths = column_paths(feature, "human_labels", LabelColumn, fields)
    # the whole record beside its columns has them read as they stand: a text is not a number, null is not absence
    reader = RecordReader(texts={}, documents={"whole": ()} | {column: path.steps for column, path in paths.items()})
    with lake.connect() as connection, staging_directory() as directory, keeping_order(connection):
        for staged in stage(connection, source, label_parts(feature, file), directory):
            show_records(connection, [staged.path], reader)
            rows = connection.execute("SELECT * EXCLUDE (file, chosen) FROM records").fetchall()
            for (whole, *cells), raw in zip(rows, raw_records(staged, range(len(rows))), strict=True):
                by_column = {column: cell for column, cell in zip(paths, cells, strict=True) if cell is not None}
                place = f"{Path(staged.part.place).name}:{raw.line}"
                yield _Record(place, raw, whole, by_column, staged.part.encoding.format)


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _label(record: dict[str, Any], place: str) -> Label | None:
    """One record's label; None where it has not been filled in. Raises ValueError with what is wrong."""
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
