"""Redacted copies of the lake's files: what is published of features whose `publish.text` is redacted.

A copy stands beside its original and names, in its own metadata, the bytes and the version of the rules that it was
made from: it is made again when either changes, and stays otherwise. So a night redacts a day, and the first publishing
all days that there are.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import duckdb

from pipelines import lake
from pipelines.catalogue import tables as catalogue
from pipelines.lake import LakeFile
from pipelines.redaction.redactor import VERSION, NotRedacted, Redactor, redactor
from pipelines.sql_quoting import literal

WITHHELD_ERROR = "(not published)"  # that there was an error is no text, and error rates need it

log = logging.getLogger(__name__)


def redacted_copies(
    connection: duckdb.DuckDBPyConnection, table: str, files: Iterable[LakeFile]
) -> tuple[list[LakeFile], list[LakeFile]]:
    """The redacted copies of a table's files, made where there are none yet, and the files that cannot be read.

    Each row is redacted by itself: a number stands for the same value in all texts of a row, and for another one in
    other rows. A row with a text that cannot be redacted in time has no text. Raises RedactionUnavailable when the
    extra is not installed.
    """
    copies, unreadable = [], []
    connection.create_function("redacted", _redacted_json(redactor()), ["VARCHAR"], "VARCHAR")
    try:
        for file in files:
            try:
                copies.append(_copy(connection, table, file))
            except (duckdb.Error, OSError) as error:
                if file.is_stored():  # else a night has just replaced what it belonged to
                    # the error of a row may quote it
                    log.warning("left out: %s cannot be read or redacted (%s)", file.location, type(error).__name__)
                    unreadable.append(file)
    finally:
        connection.remove_function("redacted")
    return copies, unreadable


def _copy(connection: duckdb.DuckDBPyConnection, table: str, file: LakeFile) -> LakeFile:
    copy = file.redacted
    made_from = f"{VERSION} {hashlib.sha256(file.read()).hexdigest()}"
    if _made_from(connection, copy) == made_from:
        return copy
    columns = catalogue.columns(table)
    texts = catalogue.table_of(table).text
    packed = ", ".join(f"'{column}': \"{column}\"" for column in texts)
    shape = ", ".join(f'"{column}" {columns[column]}' for column in texts)
    shown_columns = ", ".join(_published(column, texts) for column in catalogue.own_columns(table))
    with lake.writing_redacted(file) as path:
        connection.execute(
            f"COPY (SELECT {shown_columns} FROM (SELECT *, "
            f"CAST(CAST(redacted(CAST(to_json({{{packed}}}) AS VARCHAR)) AS JSON) AS STRUCT({shape})) AS row_texts "
            f"FROM ({lake.scan(table, [file])}))) "
            f"TO {literal(str(path))} "
            f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{made_from: '{made_from}'}})"
        )
    return copy


def _published(column: str, texts: tuple[str, ...]) -> str:
    if column not in texts:
        return f'"{column}"'
    if column == "error":
        return f"CASE WHEN error IS NOT NULL THEN coalesce(row_texts.error, '{WITHHELD_ERROR}') END AS error"
    return f'row_texts."{column}" AS "{column}"'


def _made_from(connection: duckdb.DuckDBPyConnection, copy: LakeFile) -> str | None:
    try:
        rows = connection.execute(
            "SELECT CAST(value AS VARCHAR) FROM parquet_kv_metadata($copy) WHERE CAST(key AS VARCHAR) = 'made_from'",
            {"copy": copy.location},
        ).fetchall()
    except duckdb.Error:
        return None  # what is not there or cannot be read is made again
    return rows[0][0] if rows else None


def _redacted_json(redactor: Redactor) -> Callable[[str], str]:
    """A function for DuckDB: the texts of a row as JSON in, the same with every string redacted out."""

    def redacted(texts: str) -> str:
        row = json.loads(texts)
        strings = list(_strings(row))
        try:
            new = iter([redacted.text for redacted in redactor.redact_together(strings)])
        except NotRedacted:
            return json.dumps(dict.fromkeys(row))
        return json.dumps(_replaced(row, new))

    return redacted


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _replaced(value: Any, new: Iterator[str]) -> Any:
    """A value with its strings replaced, in the order in which `_strings` gives them."""
    if isinstance(value, str):
        return next(new)
    if isinstance(value, dict):
        return {key: _replaced(inner, new) for key, inner in value.items()}
    return [_replaced(inner, new) for inner in value] if isinstance(value, list) else value
