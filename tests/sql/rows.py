"""Small rows for SQL files: a table of the contract filled from dictionaries, and a statement's rows as dictionaries."""

import duckdb

from pipelines import lake


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict]) -> None:
    """Make a table of the contract on the connection; columns that a row leaves out are null."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {lake.scan(table, [])}")
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join("?" for _ in row)
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", list(row.values()))


def ask(connection: duckdb.DuckDBPyConnection, name: str, **parameters) -> list[dict]:
    """Run a SQL file and return its rows."""
    result = lake.run(connection, name, **parameters)
    columns = [column[0] for column in result.description]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
