"""Numbered entries: the records of a feature that are only ever appended to, one file an entry, each written once.

Two processes may want to append at once. Each names the number of its entry, the one after the last that it has read;
whoever comes second is told so, reads again, and thinks again about what there is to add.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pipelines import lake
from pipelines.data_directory import data_directory
from pipelines.duckdb_rows import dict_rows

DIGITS = 4  # so that files are listed in the order of their entries


def read_entries(table: str, feature_name: str) -> list[dict[str, Any]]:
    """The entries of a feature's record, in the order of their numbers, as the table's columns."""
    files = tuple(lake.files(table, feature=feature_name))
    return [dict(entry) for entry in _entries_in(table, files, str(data_directory()))] if files else []


@lru_cache(maxsize=256)
def _entries_in(table: str, files: tuple[lake.StoredFile, ...], _: str) -> list[dict[str, Any]]:
    """What is in files of a data directory. A night asks a dozen times, and the same files always hold the same."""
    with lake.connect() as connection:
        return dict_rows(connection.execute(f"FROM ({lake.scan(table, files)}) ORDER BY entry"))


def append_entry(table: str, feature_name: str, number: int, values: Mapping[str, Any]) -> bool:
    """Write the entry of that number. False when it is there already: nothing was written then.

    `values` are the table's columns but for `feature` and `entry`.
    """
    query = "SELECT " + ", ".join(f'${name} AS "{name}"' for name in values)
    with lake.connect() as connection:
        return lake.write_first(connection, table, query, values, feature=feature_name, entry=f"{number:0{DIGITS}}")
