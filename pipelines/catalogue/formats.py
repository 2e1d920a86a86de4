"""Every format of logs, as its file of sql/formats/ says it: how a raw record becomes logs.

`preset: NAME` in a feature file is the file NAME.sql. Its header says what the records are, how many logs one may hold,
what the statement reads, and where each column is unless a feature file's `fields` says otherwise:

    -- Title: Batches of calls, as our gateway writes them.
    -- Logs a record: none to many.
    -- Reads: raw.
    -- Fields: log_id = id, ts = started, input = request.prompt, output = answer,
    --   sources = documents, sources.id = key.
    SELECT
        file,
        record,
        unnest(TRY_CAST(json -> 'calls' AS JSON[])) AS json
    FROM raw

One that reads `fields` selects from `records`: a row for each record with file, chosen, and a text for each canonical
column, as found along its path. It gives the same columns, a row for a row in the same order, and may change texts on
the way. It is the fastest, and its records are one log each.

One that reads `raw` selects from `raw`: file, record (its number), and json, a record as it is. It gives a row for each
log: file and record of where it is from, and json, in which the paths of `fields` are looked up; a column that it gives
under a canonical name comes from there instead, unless a feature file's `fields` maps that. A record of which it gives
no row is counted as left out where the header says `none to many`, and as lost, which fails the day, where it says
`one`. Lines that are no JSON object never reach it.

Logs are written by others: a statement must not fail on a record of another shape (TRY_CAST, and not CAST), since that
fails the day. Texts become times, numbers and flags behind either, in sql/logs/canonical_logs.sql.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pipelines.catalogue.headers import CatalogueError, Header, read_header
from pipelines.checkout import SQL

DIRECTORY = SQL / "formats"
FIELDS = ("Title", "Logs a record", "Reads", "Fields")
CANONICAL = "canonical"


class LogsARecord(StrEnum):
    """How many logs a record may hold."""

    ONE = "one"
    NONE_TO_MANY = "none to many"


class Reads(StrEnum):
    """What a format's statement reads."""

    FIELDS = "fields"  # the canonical columns, each as a text along its path
    RAW = "raw"  # records as they are


@dataclass(frozen=True)
class LogFormat:
    """A format. `fields` are the paths by canonical column, those of the parts of a source as `sources.id`."""

    name: str
    path: Path
    title: str
    logs_a_record: LogsARecord
    reads: Reads
    fields: Mapping[str, str]

    @property
    def statement(self) -> str:
        return self.path.read_text(encoding="utf-8").strip().removesuffix(";")


def format_names() -> list[str]:
    """What `preset` may be: the files there are."""
    return sorted(path.stem for path in DIRECTORY.glob("*.sql"))


def find_format(name: str) -> LogFormat:
    """The format of that name. Raises CatalogueError when there is none, or its file is wrong."""
    names = format_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise CatalogueError(f"it must be a file of sql/formats/ without its ending: {', '.join(names)}{hint}")
    return read_format(DIRECTORY / f"{name}.sql")


def read_format(path: Path) -> LogFormat:
    """The format that a file declares. Raises CatalogueError."""
    header = read_header(path, FIELDS)
    header.require(("Title", "Logs a record", "Reads"))
    format_ = LogFormat(
        name=path.stem,
        path=path,
        title=header.fields["Title"],
        logs_a_record=header.word("Logs a record", LogsARecord),
        reads=header.word("Reads", Reads),
        fields=_fields(header),
    )
    if format_.reads is Reads.FIELDS and format_.logs_a_record is not LogsARecord.ONE:
        raise header.error("Logs a record", "a format that reads `fields` has one; let it read `raw`")
    return format_


def _fields(header: Header) -> dict[str, str]:
    """As in `log_id = id, input = request.prompt, sources = documents, sources.id = key`."""
    fields: dict[str, str] = {}
    for field in header.listed("Fields"):
        column, equals, path = (part.strip() for part in field.partition("="))
        if not (column and equals and path):
            raise header.error("Fields", f"{field!r} must be as in `input = request.prompt`")
        if column in fields:
            raise header.error("Fields", f"{column} stands there twice")
        fields[column] = path
    return fields
