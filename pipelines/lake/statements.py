"""The SQL files of sql/, by name, on a connection."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb

from pipelines.checkout import SQL


@cache
def statement(name: str) -> str:
    """The text of a SQL file, by its path inside sql/ without the ending."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def run(connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any) -> duckdb.DuckDBPyConnection:
    """Execute a SQL file. It takes those of the parameters that it names as $parameter."""
    text = statement(name)
    return connection.execute(text, named_in(text, parameters))


def materialise(connection: duckdb.DuckDBPyConnection, table: str, name: str, **parameters: Any) -> None:
    """Make a temporary table of a SQL file's rows. It takes those of the parameters that it names."""
    text = statement(name)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {text}", named_in(text, parameters))


def view(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Let other SQL on this connection see the rows of a SQL file without parameters, by the file's own name."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name.rpartition('/')[2]} AS {statement(name)}")


def named_in(text: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the parameters that a query names; DuckDB refuses any other."""
    names = set().union(*(statement.named_parameters for statement in duckdb.extract_statements(text)))
    return {name: parameters[name] for name in names}
