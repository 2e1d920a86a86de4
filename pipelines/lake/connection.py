"""The DuckDB connections through which the lake is read and written."""

import os

import duckdb

from pipelines.data_directory import private_directory
from pipelines.lake import opening


def connect() -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB, through which files are read and written; nothing is kept in it.

    Times are UTC; row order is not kept, because no table has one; extensions are never downloaded; spills go to the
    data directory.
    """
    connection = duckdb.connect(
        config={
            "TimeZone": "UTC",
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "memory_limit": os.environ.get("PROD_EVALS_MEMORY", "1GB"),
            "temp_directory": str(private_directory("tmp")),
        }
    )
    opening.lake_store().prepare(connection)
    return connection
