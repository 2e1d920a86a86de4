"""How staged files are shown to SQL: a view of records, each canonical column as it stands in them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

import duckdb

from pipelines import lake
from pipelines.duckdb_rows import one_row
from pipelines.feature import Feature, SourceFields
from pipelines.logs.paths import RecordReader, Step, identifier, json_path, literal, parse_path
from pipelines.logs.staging import MAX_LINE_BYTES


@dataclass(frozen=True)
class ColumnPath:
    """Where a column is in a record. `parts` are where a source's id, title and text are, inside the list."""

    written: str
    steps: tuple[Step, ...]
    parts: tuple[tuple[Step, ...], ...] = ()


def column_paths(feature: Feature, section: str, columns: type[StrEnum], fields: dict) -> dict[str, ColumnPath]:
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


def show_records(session: duckdb.DuckDBPyConnection, files: Sequence[Path], paths: dict[str, ColumnPath]) -> None:
    """Make the view `records`: file (a staged file's number), kept, and each column as it stands in the record;
    and the macros of formats/cells.sql, which read what stands there.

    A line that is no JSON object is a row of nulls; a blank line is none.
    """
    reader = RecordReader(
        texts={column: path.steps for column, path in paths.items() if column != "sources"},
        documents={"sources": paths["sources"].steps},
    )
    names = ", ".join(literal(str(file)) for file in files)
    selected = ",\n".join(f"{sql} AS {identifier(column)}" for column, sql in reader.expressions().items())
    session.execute(
        "CREATE OR REPLACE TEMP VIEW records AS SELECT "
        "CAST(split_part(parse_filename(filename), '.', 1) AS USMALLINT) AS file, "
        f"suffix(filename, '.kept.jsonl') AS kept, {selected} "
        f"FROM read_json([{names}], format = 'newline_delimited', ignore_errors = true, "
        f"maximum_object_size = {MAX_LINE_BYTES}, {reader.arguments()})"
    )
    parts = paths["sources"].parts
    session.execute("SET VARIABLE source_paths = $paths", {"paths": [json_path(part) for part in parts]})
    session.execute(f"CREATE OR REPLACE TEMP MACRO typed_sources(cell) AS {_typed_sources(parts)}")
    lake.run(session, "formats/cells")


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
