"""Every table, as its file of sql/tables/ says it: columns and comments in SQL, the rest in the file's header.

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

from pipelines.catalogue.headers import Header, parts, read_header
from pipelines.checkout import SQL

DECLARATIONS = SQL / "tables"
FIELDS = ("Grain", "Key", "Layer", "Files", "Also", "Written", "Text", "Published")


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
    declared = [read_table(path) for path in sorted(DECLARATIONS.glob("*.sql"))]
    declared.sort(key=lambda table: list(Layer).index(table.layer))
    return {table.name: table for table in declared}


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


@dataclass(frozen=True)
class Declared:
    """What a table's declaration says to DuckDB: its comment, and its columns in order, each with type and comment."""

    comment: str
    columns: dict[str, tuple[str, str]]


@cache
def declared() -> dict[str, Declared]:
    """Every table as DuckDB reads its declaration, all by one connection: opening one takes longer than a declaration."""
    import duckdb

    with duckdb.connect() as connection:
        for table in tables():
            connection.execute(declaration(table))
        comments = dict(connection.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall())
        columns = connection.execute(
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal "
            "ORDER BY table_name, column_index"
        ).fetchall()
    tables_declared = {table: Declared(comments[table], {}) for table in tables()}
    for table, column, type_, comment in columns:
        tables_declared[table].columns[column] = (type_, comment)
    return tables_declared


@cache
def columns(folder: str) -> dict[str, str]:
    """The columns and types of a folder's files, keys included, as DuckDB reads the table's declaration."""
    return {column: type_ for column, (type_, _) in declared()[folders()[folder].table].columns.items()}


def own_columns(folder: str) -> list[str]:
    """The columns that a folder's files hold themselves: those that their place does not say."""
    return [column for column in columns(folder) if column not in folders()[folder].keys]


def comments(table: str) -> tuple[str, dict[str, str]]:
    """The comment of a table, and of each of its columns."""
    table_declared = declared()[table]
    return table_declared.comment, {column: comment for column, (_, comment) in table_declared.columns.items()}


def read_table(path: Path) -> Table:
    """The table that a file declares, without its columns. Raises CatalogueError."""
    header = read_header(path, FIELDS)
    header.require(("Grain", "Key", "Layer", "Files"))
    own = Folder(path.stem, path.stem, header.word("Layer", Layer), header.listed("Files"), _written_once(header))
    text, _, rest = header.fields.get("Text", "").partition(";")
    if rest.strip() not in ("", "never redacted"):
        raise header.error("Text", "only `never redacted` can stand behind the semicolon")
    return Table(
        name=path.stem,
        grain=header.fields["Grain"],
        key=header.listed("Key"),
        folders=(own, *_also(header)),
        published=header.word("Published", Published, default=Published.WHOLE),
        text=parts(text),
        never_redacted=bool(rest),
    )


def _also(header: Header) -> list[Folder]:
    """As in `cold_judgments (cold eval; feature, baseline_id), anchor_judgments (cold eval; feature, judged_on)`."""
    text = header.fields.get("Also", "")
    folders = re.findall(r"(\w+) \(([\w ]+); ([\w, ]+)\)", text)
    if ", ".join(f"{name} ({layer}; {keys})" for name, layer, keys in folders) != text:
        raise header.error("Also", "write it as in `name (layer; key, key), name (layer; key)`")
    for _, layer, _ in folders:
        if layer not in list(Layer):
            raise header.error("Also", f"{layer!r} must be one of {', '.join(Layer)}")
    return [
        Folder(name, header.path.stem, Layer(layer), parts(keys), written_once=False) for name, layer, keys in folders
    ]


def _written_once(header: Header) -> bool:
    if header.fields.get("Written") not in (None, "once"):
        raise header.error("Written", "it can only be `once`")
    return "Written" in header.fields
