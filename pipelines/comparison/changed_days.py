"""Which days a table of facts has to read again: those whose rows were made of other files than there are now."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pandas as pd


def changed_days(
    connection: duckdb.DuckDBPyConnection, table: str, key: str, made_of: Mapping[date, str]
) -> list[date]:
    """The days (the column `key`) whose rows in a table of the connection are not made of what `made_of` says."""
    known = dict(connection.execute(f"SELECT DISTINCT {key}, made_of FROM {table}").fetchall())
    return [day for day, digest in made_of.items() if known.get(day) != digest]


def list_days(
    connection: duckdb.DuckDBPyConnection,
    listed: str,
    key: str,
    made_of: Mapping[date, str],
    changed: list[date],
    **columns: list[Any],
) -> None:
    """Let SQL on this connection see, as `listed`, each day with what it is made of, whether it has changed, and more
    `columns` in the order of the days."""
    days, changed_set = list(made_of), set(changed)
    is_changed = [day in changed_set for day in days]
    frame = pd.DataFrame({key: days, "made_of": list(made_of.values()), "changed": is_changed, **columns})
    types = {key: "datetime64[s]", "made_of": "string", "changed": "bool"}  # which a frame without rows has, too
    connection.register(listed, frame.astype(types))
