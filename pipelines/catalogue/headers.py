"""The header of a SQL file of a catalogue: what the file says of itself besides its SQL.

A header is a run of comment lines, each a field and its value with a full stop behind it; a line that goes on is
indented. The vocabulary is closed: a field or a value that is not known is an error of the file, told with its line.

    -- Grain: one criterion of one item.
    -- Text: rationale,
    --   evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pipelines.errors import UserError

Word = TypeVar("Word", bound=StrEnum)


class CatalogueError(UserError):
    """A file of a catalogue that cannot be read as one: a mistake of whoever wrote it, told with its place."""


@dataclass(frozen=True)
class Header:
    """The fields of a file's header by name, without their full stops, and the line that each begins on."""

    path: Path
    fields: dict[str, str]
    lines: dict[str, int]

    def error(self, field: str, problem: str) -> CatalogueError:
        """What is wrong with the value of a field, to be raised."""
        return CatalogueError(f"{self.path}:{self.lines.get(field, 1)}: {field} is {self.fields[field]!r}; {problem}")

    def require(self, fields: Sequence[str]) -> None:
        """Raise CatalogueError for the first of these fields that the header has not."""
        for field in fields:
            if field not in self.fields:
                raise CatalogueError(f"{self.path}:1: its header has no {field}")

    def word(self, field: str, words: type[Word], default: Word | None = None) -> Word:
        """The value of a field as a word of a closed vocabulary, or the default. Raises CatalogueError for others."""
        if field not in self.fields and default is not None:
            return default
        self.require((field,))
        try:
            return words(self.fields[field])
        except ValueError:
            raise self.error(field, f"it must be one of {', '.join(words)}") from None

    def listed(self, field: str) -> tuple[str, ...]:
        """The parts of a value between commas; none where the header has not the field."""
        return parts(self.fields.get(field, ""))


def read_header(path: Path, allowed: Sequence[str]) -> Header:
    """The comment lines that a SQL file begins with. Raises CatalogueError for a field that is not `allowed`."""
    fields: dict[str, str] = {}
    lines: dict[str, int] = {}
    field = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.startswith("--"):
            break
        if line.startswith("--  ") and field:
            fields[field] += " " + line.removeprefix("--").strip()
            continue
        field, colon, value = line.removeprefix("--").strip().partition(":")
        if not colon or field not in allowed:
            raise CatalogueError(f"{path}:{number}: {line!r} is no field of a header; allowed are {', '.join(allowed)}")
        if field in fields:
            raise CatalogueError(f"{path}:{number}: {field} stands in the header twice")
        fields[field], lines[field] = value.strip(), number
    return Header(path, {name: value.removesuffix(".") for name, value in fields.items()}, lines)


def parts(text: str) -> tuple[str, ...]:
    """What stands between the commas of a text."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
