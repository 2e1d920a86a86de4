"""Rows on their way out of DuckDB and into it."""

from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    import pandas as pd


def one_row(result: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """The row of a statement that always has exactly one, as an aggregate or a setting. Raises LookupError without one."""
    row = result.fetchone()
    if row is None:
        raise LookupError("a statement that always has a row had none")
    return row


def dict_rows(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows in their order, each as its values by column."""
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def null_for_nan(frame: "pd.DataFrame") -> "pd.DataFrame":
    """A frame for DuckDB to read, in which a number that is none is null: of numpy's floats it would stay nan."""
    return frame.astype(dict.fromkeys(frame.select_dtypes("float").columns, "Float64"))
