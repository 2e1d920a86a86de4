"""Every table, as its file of sql/tables/ says it: columns and comments in SQL, the rest in the file's header.

A header is a run of comment lines, each a field and its value with a full stop behind it; a line that goes on is
indented. The vocabulary is closed: a field or a value that is not known is an error of the file.

    -- Grain: one criterion of one item.
    -- Key: feature, day, item_kind, item_id, criterion.
    -- Layer: day.
    -- Files: feature, day.
    -- Also: cold_judgments (cold eval; feature, baseline_id, rubric_id).
    -- Text: rationale, evidence.
    -- Published: recent days.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

from pipelines.checkout import SQL

Word = TypeVar("Word", bound=StrEnum)

DECLARATIONS = SQL / "tables"
FIELDS = ("Grain", "Key", "Layer", "Files", "Also", "Written", "Text", "Published")


class CatalogueError(Exception):
    """A file of the catalogue that cannot be read as one: a mistake of whoever wrote it, told with its place."""


class Layer(StrEnum):
    """When a table is made, and out of what."""

    DAY = "day"  # by one night, from that day alone
    COLD_EVAL = "cold eval"  # from the cold eval as it is now
    HISTORY = "history"  # from the days there are
    RECORD = "record"  # appended to, or named by what it holds: never made again


class Published(StrEnum):
    """How a table is in the published file."""

    WHOLE = "whole"
    RECENT = "recent days"  # the days of the window are inside, all of them in the schema `lake`
    LAKE = "in the lake"  # a view: too large to copy
    NOT = "not"  # of use to the pipeline alone


@dataclass(frozen=True)
class Folder:
    """A folder of the lake: files with the columns of one table, cut by `keys`, each written once or replaced whole."""

    name: str
    table: str
    layer: Layer
    keys: tuple[str, ...]
    written_once: bool


@dataclass(frozen=True)
class Table:
    """A table of the contract. `key` says what tells its rows apart; `text` are the columns that quote users or answers,
    of which `never_redacted` publishes none unless all text may be shown."""

    name: str
    grain: str
    key: tuple[str, ...]
    folders: tuple[Folder, ...]
    published: Published
    text: tuple[str, ...] = ()
    never_redacted: bool = False

    @property
    def layer(self) -> Layer:
        return self.folders[0].layer


@cache
def tables() -> dict[str, Table]:
    """Every table by name, in the order of layers and then of names. Raises CatalogueError for a wrong file."""
    found = [read_table(path) for path in sorted(DECLARATIONS.glob("*.sql"))]
    found.sort(key=lambda table: list(Layer).index(table.layer))
    return {table.name: table for table in found}


@cache
def folders() -> dict[str, Folder]:
    """Every folder of the lake by name, in the order of the tables."""
    return {folder.name: folder for table in tables().values() for folder in table.folders}


def table_of(folder: str) -> Table:
    """The table whose columns a folder's files have."""
    return tables()[folders()[folder].table]


def of_layer(layer: Layer) -> tuple[str, ...]:
    """The folders of a layer, in the order of their names."""
    return tuple(folder.name for folder in folders().values() if folder.layer is layer)


@cache
def declaration(table: str) -> str:
    """The text of a table's file in sql/tables/."""
    return (DECLARATIONS / f"{table}.sql").read_text(encoding="utf-8")


@cache
def columns(folder: str) -> dict[str, str]:
    """The columns and types of a folder's files, keys included, as DuckDB reads the table's declaration."""
    import duckdb

    table = folders()[folder].table
    with duckdb.connect() as connection:
        connection.execute(declaration(table))
        return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {table}").fetchall()}


def own_columns(folder: str) -> list[str]:
    """The columns that a folder's files hold themselves: those that their place does not say."""
    return [column for column in columns(folder) if column not in folders()[folder].keys]


@cache
def comments(table: str) -> tuple[str, dict[str, str]]:
    """The comment of a table, and of each of its columns."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(declaration(table))
        of_table = connection.execute("SELECT comment FROM duckdb_tables()").fetchall()[0][0]
        of_columns = connection.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    return of_table, dict(of_columns)


def read_table(path: Path) -> Table:
    """The table that a file declares, without its columns. Raises CatalogueError."""
    header = read_header(path, FIELDS)
    name = path.stem
    for needed in ("Grain", "Key", "Layer", "Files"):
        if needed not in header:
            raise CatalogueError(f"{path}: its header has no {needed}")
    once = _written(path, header.get("Written"))
    own = Folder(name, name, _word(path, "Layer", Layer, header["Layer"]), _listed(header["Files"]), once)
    text, _, rest = header.get("Text", "").partition(";")
    if rest.strip() not in ("", "never redacted"):
        raise CatalogueError(f"{path}: Text ends in {rest.strip()!r}; only `never redacted` can stand there")
    return Table(
        name=name,
        grain=header["Grain"],
        key=_listed(header["Key"]),
        folders=(own, *_also(path, name, header.get("Also"))),
        published=_word(path, "Published", Published, header.get("Published", Published.WHOLE)),
        text=_listed(text),
        never_redacted=bool(rest),
    )


def read_header(path: Path, allowed: tuple[str, ...]) -> dict[str, str]:
    """The fields of the comment lines that a SQL file begins with. Raises CatalogueError for one that is not allowed."""
    header: dict[str, str] = {}
    name = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.startswith("--"):
            break
        if line.startswith("--  ") and name:
            header[name] += " " + line.removeprefix("--").strip()
            continue
        name, colon, value = line.removeprefix("--").strip().partition(":")
        if not colon or name not in allowed:
            raise CatalogueError(f"{path}:{number}: {line!r} is no field of a header; allowed are {', '.join(allowed)}")
        if name in header:
            raise CatalogueError(f"{path}:{number}: {name} stands in the header twice")
        header[name] = value.strip()
    return {name: value.removesuffix(".") for name, value in header.items()}


def _also(path: Path, table: str, text: str | None) -> list[Folder]:
    """As in `cold_judgments (cold eval; feature, baseline_id), anchor_judgments (cold eval; feature, judged_on)`."""
    if text is None:
        return []
    parts = re.findall(r"(\w+) \(([\w ]+); ([\w, ]+)\)", text)
    if ", ".join(f"{name} ({layer}; {keys})" for name, layer, keys in parts) != text:
        raise CatalogueError(f"{path}: Also is {text!r}; write it as in `name (layer; key, key), name (layer; key)`")
    return [
        Folder(name, table, _word(path, "Also", Layer, layer), _listed(keys), written_once=False)
        for name, layer, keys in parts
    ]


def _written(path: Path, text: str | None) -> bool:
    if text not in (None, "once"):
        raise CatalogueError(f"{path}: Written is {text!r}; it can only be `once`")
    return text == "once"


def _word(path: Path, name: str, words: type[Word], text: str) -> Word:
    try:
        return words(text)
    except ValueError:
        raise CatalogueError(f"{path}: {name} is {text!r}; it must be one of {', '.join(words)}") from None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
