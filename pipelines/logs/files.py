"""Which files hold a day's logs, and how each is to be read."""

import glob
import os
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipelines.errors import UserError
from pipelines.feature import Feature, FileFormat


class Compression(StrEnum):
    NONE = ""
    GZIP = ".gz"
    ZSTD = ".zst"


FORMAT_OF_ENDING = {
    ".jsonl": FileFormat.JSONL,
    ".ndjson": FileFormat.JSONL,
    ".json": FileFormat.JSONL,
    ".csv": FileFormat.CSV,
    ".parquet": FileFormat.PARQUET,
}


class MissingLogs(UserError):
    """A day has no file of its own."""


class UnreadableFile(UserError):
    """A file that is there cannot be read as what it is said to be."""


@dataclass(frozen=True)
class InputFile:
    """A file and how to read it. `label` is its path relative to the feature file's folder."""

    path: Path
    label: str
    format: FileFormat
    compression: Compression


@dataclass(frozen=True)
class LogFile(InputFile):
    """A file that is read for a day. `file_day` is the day in its name; if that is the one read, the file is its own."""

    file_day: date
    own: bool


def day_files(feature: Feature, day: date) -> list[LogFile]:
    """The files that may hold a day's logs, each once, sorted by label: the day's own and its neighbours'.

    A file that the patterns of several days match belongs to `day` if its pattern matches, else to the nearest.
    Raises MissingLogs when the day has none of its own.
    """
    found: dict[Path, date] = {}
    for file_day in sorted(_days_read(feature, day), key=lambda other: (abs(other - day), other)):
        for path in _matches(feature, file_day):
            found.setdefault(path, file_day)
    if day not in found.values():
        raise MissingLogs(_what_was_looked_for(feature, day))
    files = [
        LogFile(
            **vars(input_file(feature, path, feature.logs.format, "logs")),
            file_day=file_day,
            own=file_day == day,
        )
        for path, file_day in found.items()
    ]
    return sorted(files, key=lambda file: file.label)


def missing_neighbours(feature: Feature, day: date) -> list[str]:
    """The patterns, as absolute paths, of neighbouring days that no file matches: rows of the day may be missing."""
    neighbours = [other for other in _days_read(feature, day) if other != day]
    return [str(_pattern(feature, other)) for other in neighbours if not _matches(feature, other)]


def logs_are_there(feature: Feature, day: date) -> bool:
    """Whether a night can begin: the day's own files are there, and the later ones that hold rows of it."""
    return all(_matches(feature, other) for other in _days_read(feature, day) if other >= day)


def input_file(feature: Feature, path: Path, format_: FileFormat | None, section: str) -> InputFile:
    """How a file is read, by its ending or by `format_`. `section` of the feature file is what an error names.

    Raises UnreadableFile when the ending tells nothing, or says a compression that its format does not take.
    """
    packed = (each for each in (Compression.GZIP, Compression.ZSTD) if path.name.lower().endswith(each))
    compression = next(packed, Compression.NONE)
    ending = Path(path.name[: len(path.name) - len(compression)]).suffix.lower()
    told = format_ or FORMAT_OF_ENDING.get(ending)
    if told is None:
        raise UnreadableFile(
            f"{path}: its ending does not tell its format; {', '.join(FORMAT_OF_ENDING)} do, the text ones also "
            f"with .gz or .zst. Else add `format: jsonl` (or csv, parquet) under {section} in {feature.name}'s file"
        )
    if told is FileFormat.PARQUET and compression is not Compression.NONE:
        raise UnreadableFile(
            f"{path}: Parquet is compressed inside; unpack the file, or write it without {compression}"
        )
    return InputFile(path, _label(feature, path), told, compression)


def _days_read(feature: Feature, day: date) -> list[date]:
    reach = feature.read_days()
    return [day + timedelta(days=offset) for offset in range(-reach.before, reach.after + 1)]


def _pattern(feature: Feature, day: date) -> Path:
    """`logs.path` for a day, absolute. Raises UserError when it is not a template that gives a path."""
    try:
        text = ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(feature.logs.path).render(day=day)
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise UserError(
            f"{feature.name}: logs.path is {feature.logs.path!r}, which cannot be rendered: {error}. "
            "{{ day }} stands for the date as in 2026-10-19; {{ day.strftime('%Y/%m/%d') }} writes it another way"
        ) from error
    return feature.directory / text


def _matches(feature: Feature, day: date) -> list[Path]:
    pattern = _pattern(feature, day)
    if pattern.is_file():
        return [pattern]  # a name that happens to hold a glob's characters
    # the folder of the feature file is no pattern, whatever characters its name has
    inside = os.path.relpath(pattern, feature.directory) if pattern.is_relative_to(feature.directory) else str(pattern)
    found = (feature.directory / match for match in glob.glob(inside, root_dir=feature.directory, recursive=True))
    return sorted(path for path in found if path.is_file())


def _label(feature: Feature, path: Path) -> str:
    # names are bytes to the file system; what is not UTF-8 could go into no table
    return os.fsencode(os.path.relpath(path, feature.directory)).decode("utf-8", "replace")


def _what_was_looked_for(feature: Feature, day: date) -> str:
    pattern = _pattern(feature, day)
    folder = pattern.parent
    if not folder.is_dir():
        there = f"there is no folder {folder}"
    elif others := sorted(path.name for path in folder.iterdir() if path.is_file()):
        files = "file" if len(others) == 1 else "files"
        there = f"{folder} holds {len(others)} other {files}, the last of them {others[-1]}"
    else:
        there = f"{folder} is empty"
    return (
        f"{feature.name}: no logs of {day}: looked for {pattern}; {there}. "
        f"Bring the file (an empty one says that the day has no logs), or correct logs.path in {feature.name}'s file"
    )
