"""The DuckDB connections through which the lake is read and written."""

import os
from functools import lru_cache
from typing import Any

import duckdb

from pipelines.data_directory import private_directory
from pipelines.lake import opening
from pipelines.lake.store import Store


def connect() -> duckdb.DuckDBPyConnection:
    """A connection to this process's in-memory DuckDB, through which files are read and written; nothing is kept in it.

    What it makes (temporary tables, views, macros, variables, registered frames) is its own, and goes when it is closed.
    Functions of Python, attached files and most settings would be every connection's: `connect_alone` is for them.
    """
    store: Any = opening.lake_store()  # a Protocol has no hash, and every store has one
    return _database(store, _settings()).cursor()


def connect_alone() -> duckdb.DuckDBPyConnection:
    """The same to a DuckDB of its own, which takes as long to make as a small table does."""
    return _made(opening.lake_store(), _settings())


Settings = tuple[tuple[str, str | bool], ...]


def _settings() -> Settings:
    """Times are UTC; row order is not kept, because no table has one; extensions are never downloaded; spills go to the
    data directory."""
    return (
        ("TimeZone", "UTC"),
        ("preserve_insertion_order", False),
        ("autoinstall_known_extensions", False),
        ("memory_limit", os.environ.get("PROD_EVALS_MEMORY", "1GB")),
        ("temp_directory", str(private_directory("tmp"))),
    )


@lru_cache(maxsize=1)
def _database(store: Store, settings: Settings) -> duckdb.DuckDBPyConnection:
    return _made(store, settings)


def _made(store: Store, settings: Settings) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config=dict(settings))
    store.prepare(connection)
    return connection
