"""Parquet: each row is a record."""

from pathlib import Path

import duckdb

from pipelines.duckdb_rows import one_row
from pipelines.logs.containers.container import Container, Count
from pipelines.logs.containers.encoding import EncodedFile
from pipelines.sql_quoting import literal


class Parquet(Container):
    def unpack(self, connection: duckdb.DuckDBPyConnection, file: EncodedFile, target: Path) -> Count:
        plain = target.with_suffix(".parquet")
        plain.symlink_to(file.path.absolute())  # a name without characters that mean something in a glob
        rows = f"FROM read_parquet({literal(str(plain))})"
        connection.execute(f"COPY ({rows}) TO {literal(str(target))} (FORMAT json)")
        query = "SELECT num_rows FROM parquet_file_metadata($file)"
        (count,) = one_row(connection.execute(query, {"file": str(plain)}))
        return Count(count, blank=0)
