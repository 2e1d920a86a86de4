"""Rows on their way out of DuckDB and into it."""

from typing import Any

import duckdb
import pandas as pd


def one_row(result: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """The row of a statement that has exactly one whatever there is to read: an aggregate's, a setting's.

    Raises LookupError where there is none.
    """
    row = result.fetchone()
    if row is None:
        raise LookupError("a statement that always has a row had none")
    return row


def null_for_nan(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame for DuckDB to read, in which a number that is none is null: of numpy's floats it would stay nan."""
    return frame.astype(dict.fromkeys(frame.select_dtypes("float").columns, "Float64"))
