"""How staged parts are shown to SQL: as records with the columns along the paths of `fields`, or as they are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

import duckdb

from pipelines import lake
from pipelines.duckdb_rows import one_row
from pipelines.feature import Feature, SourceFields
from pipelines.logs.containers.container import MAX_LINE_BYTES
from pipelines.logs.paths import RecordReader, Step, json_path, parse_path
from pipelines.sql_quoting import identifier, literal

CHOSEN_SUFFIX = ".chosen.jsonl"  # of files that hold the chosen copies of repeated logs
_FILE = "CAST(split_part(parse_filename(filename), '.', 1) AS USMALLINT) AS file"


@dataclass(frozen=True)
class ColumnPath:
    """Where a column is in a record. `parts` are where a source's id, title and text are, inside the list."""

    written: str
    steps: tuple[Step, ...]
    parts: tuple[tuple[Step, ...], ...] = ()


def column_paths(feature: Feature, section: str, columns: type[StrEnum], fields: Mapping) -> dict[str, ColumnPath]:
    """Each column's path: the one that `fields` of a section of the feature file maps, else a field of the same name.

    Raises PathError.
    """
    paths = {}
    for column in columns:
        where = f"{feature.name}: {section}.fields.{column}"
        mapped = fields.get(column, column.value)
        if column == "sources":
            mapped = mapped if isinstance(mapped, SourceFields) else SourceFields(path=mapped)
            parts = tuple(parse_path(getattr(mapped, part), f"{where}.{part}") for part in ("id", "title", "text"))
            paths[column.value] = ColumnPath(mapped.path, parse_path(mapped.path, where), parts)
        else:
            paths[column.value] = ColumnPath(str(mapped), parse_path(mapped, where))
    return paths


def record_reader(paths: Mapping[str, ColumnPath]) -> RecordReader:
    """How columns are read along their paths: each as a text, sources as JSON."""
    return RecordReader(
        texts={column: path.steps for column, path in paths.items() if column != "sources"},
        documents={column: path.steps for column, path in paths.items() if column == "sources"},
    )


def show_records(session: duckdb.DuckDBPyConnection, files: Sequence[Path], reader: RecordReader) -> None:
    """Make the view `records`: file (a staged part's number), chosen (whether it is read from a file of chosen copies),
    and each column as it stands in the record.

    A line that is no JSON object is a row of nulls; a blank line is none.
    """
    selected = ",\n".join(f"{sql} AS {identifier(column)}" for column, sql in reader.expressions().items())
    session.execute(
        f"CREATE OR REPLACE TEMP VIEW records AS SELECT {_FILE}, suffix(filename, '{CHOSEN_SUFFIX}') AS chosen, "
        f"{selected} FROM {_read_json(files, reader.arguments())}"
    )


def show_raw(session: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """Make the view `raw`: file, record (from 0 in its file), and json, each record that is a JSON object as it is.

    And the view record_numbers: file, record, is_object of every record that is not blank.
    """
    session.execute(
        "CREATE OR REPLACE TEMP VIEW numbered_records AS SELECT file, row_number() OVER () AS number, "
        f"CASE WHEN json_type(record) = 'OBJECT' THEN record END AS json FROM (SELECT {_FILE}, record FROM "
        f"{_read_json(files, RecordReader({}).arguments())})"
    )
    lake.run(session, "logs/raw")


def show_cells(session: duckdb.DuckDBPyConnection, source_parts: Sequence[tuple[Step, ...]]) -> None:
    """Make the macros of logs/cells.sql, which read a column's text; `source_parts` are where a source's parts are."""
    session.execute("SET VARIABLE source_paths = $paths", {"paths": [json_path(part) for part in source_parts]})
    session.execute(f"CREATE OR REPLACE TEMP MACRO typed_sources(cell) AS {_typed_sources(source_parts)}")
    lake.run(session, "logs/cells")


def _read_json(files: Iterable[Path], arguments: str) -> str:
    names = ", ".join(literal(str(file)) for file in files)
    return (
        f"read_json([{names}], format = 'newline_delimited', ignore_errors = true, "
        f"maximum_object_size = {MAX_LINE_BYTES}, {arguments})"
    )


def _typed_sources(parts: Sequence[tuple[Step, ...]]) -> str:
    """Sources as a list of objects with plain fields; null where they are something else, or the fields lie deeper."""
    names = [str(part[0]) for part in parts]  # a path begins with a name
    if any(len(part) > 1 for part in parts) or len({name.casefold() for name in names}) < len(names):
        return 'CAST(NULL AS STRUCT(id VARCHAR, title VARCHAR, "text" VARCHAR)[])'
    structure = literal(json.dumps([dict.fromkeys(names, "VARCHAR")]))
    cells = [f"nullif(struct_extract(source, {literal(name)}), '')" for name in names]
    return (
        f"list_transform(from_json(cell, {structure}), lambda source: CASE WHEN source IS NOT NULL "
        f"THEN {{'id': {cells[0]}, 'title': {cells[1]}, 'text': {cells[2]}}} END)"
    )


class keeping_order:
    """While it holds, rows keep the order of the file they are read from; `relax` ends it early."""

    def __init__(self, session: duckdb.DuckDBPyConnection):
        self._session = session

    def __enter__(self) -> Self:
        (self._before,) = one_row(self._session.execute("SELECT current_setting('preserve_insertion_order')"))
        self._session.execute("SET preserve_insertion_order = true")
        return self

    def relax(self) -> None:
        self._session.execute(f"SET preserve_insertion_order = {self._before}")

    def __exit__(self, *_: object) -> None:
        self.relax()
