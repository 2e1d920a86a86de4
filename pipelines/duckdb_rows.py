"""The row of a statement that has exactly one whatever there is to read."""

from typing import Any

import duckdb


def one_row(result: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """The row, as an aggregate or a setting always has one. Raises LookupError where there is none."""
    row = result.fetchone()
    if row is None:
        raise LookupError("a statement that always has a row had none")
    return row
