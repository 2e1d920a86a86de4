"""The tables' files in the lake: how partitions are written, and how SQL sees them.

A table is declared once, in sql/tables/ (catalogue/tables.py); a file that is written is cast to that declaration, and a
table of which no file exists yet reads as an empty one of the same columns. A partition is one file, which its store has
under the key `TABLE/KEY=VALUE/.../data.parquet`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.catalogue.tables import columns, folders, own_columns
from pipelines.lake import opening
from pipelines.lake.statements import named_in
from pipelines.lake.store import Store
from pipelines.sql_quoting import literal

FILE_NAME = "data.parquet"
REDACTED_NAME = "redacted.parquet"
DAY_KEYS = ("day", "judged_on")  # keys that are the day of all rows of a file
MONTH_KEY = "month"  # as in 2026-11: the rows are of its days
# Wide rows: groups this small keep a writer's memory in bounds, and are large enough to compress well.
ROW_GROUP_SIZE = 40_960


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A file of a table, whether it exists or not: the `folder` of the catalogue, the values of its keys in their order,
    and what the store has it under."""

    folder: str
    keys: tuple[str, ...]
    key: str

    @property
    def partition(self) -> dict[str, str]:
        """The values of the folder's keys by name."""
        return dict(zip(folders()[self.folder].keys, self.keys, strict=True))

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day that it can have rows of, where its keys say so."""
        for name, value in self.partition.items():
            if days := _days(name, value):
                return days
        return None

    @property
    def location(self) -> str:
        """What DuckDB reads it by, and what a person finds it by."""
        return opening.lake_store().location(self.key)

    @property
    def redacted(self) -> "LakeFile":
        """Its redacted copy: beside it, so that it goes when its partition goes."""
        return LakeFile(self.folder, self.keys, f"{self.key.rpartition('/')[0]}/{REDACTED_NAME}")

    def is_stored(self) -> bool:
        return bool(opening.open_lake().listing(self.key))

    def read(self) -> bytes:
        """What it holds. Raises FileNotFoundError."""
        return opening.open_lake().read(self.key)


@dataclass(frozen=True, slots=True)
class StoredFile(LakeFile):
    """A file of a table as it stands: another `version` is another content. `size` is in bytes."""

    size: int
    version: str


@dataclass(frozen=True)
class Days:
    """Some days: those from `since` to `until`, and of these the `chosen` ones; each None for no bound."""

    since: date | None = None
    until: date | None = None
    chosen: frozenset[date] | None = None

    def meet(self, first: date, last: date) -> bool:
        """Whether a file with rows of the days from `first` to `last`, one day or a month, can have any of them."""
        if (self.since and last < self.since) or (self.until and first > self.until):
            return False
        if self.chosen is None:
            return True
        return first in self.chosen if first == last else any(first <= day <= last for day in self.chosen)


ALL_DAYS = Days()


def unchanging(feature: str) -> AbstractContextManager:
    """While this is held, no file of the feature is replaced, and new ones may appear all the time.

    DuckDB opens a Parquet file more than once in a query; one that is replaced in between would be read half old and
    half new. So whoever reads files that others may be replacing holds this. Every feature has its own: no night waits
    for another feature's.
    """
    return opening.lake_store().lease(f"lake-{feature}")


def partition(table: str, **keys: Any) -> LakeFile:
    """The one file of a table's partition. Raises KeyError when a key is missing, ValueError for one that cannot be."""
    values = {name: str(keys[name]) for name in folders()[table].keys}
    for name, value in values.items():
        if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
            raise ValueError(f"{table}: {name}={value!r} cannot be part of a path")
    return LakeFile(table, tuple(values.values()), _pattern(table, values))


def exists(table: str, **keys: Any) -> bool:
    """Whether a table's partition has been written."""
    return partition(table, **keys).is_stored()


def files(table: str, among: Days = ALL_DAYS, **keys: Any) -> list[StoredFile]:
    """The files of a table in the order of their keys, of those partitions whose keys are given; all the others' too.

    Where keys say of which days a file's rows are, only files that can have rows of the days `among` these are listed.
    """

    def enters(folder: str) -> bool:
        name, _, value = folder[folder.rfind("/", 0, -1) + 1 : -1].partition("=")
        days = _days(name, value)
        return days is None or among.meet(*days)

    listed = opening.open_lake().listing(_pattern(table, keys), None if among == ALL_DAYS else enters)
    of_table = [StoredFile(table, _values(stored.key), stored.key, stored.size, stored.version) for stored in listed]
    return sorted(of_table, key=lambda file: file.keys)


def features() -> list[str]:
    """The features that have, or had, files in the lake."""
    store = opening.open_lake()
    named = (store.names(f"{folder.name}/feature=") for folder in folders().values() if folder.keys[0] == "feature")
    return sorted(set().union(*named))


def days(table: str, feature: str) -> list[date]:
    """The days of which a feature's table has a file, in order."""
    return sorted({date.fromisoformat(file.partition["day"]) for file in files(table, feature=feature)})


def versions(table: str, feature: str) -> dict[date, str]:
    """What tells the file of each day from another that stands or will stand in its place."""
    return {file.days[0]: file.version for file in files(table, feature=feature) if file.days}


def version(table: str, **keys: Any) -> str | None:
    """That of one partition's file; None when there is none."""
    return next((file.version for file in files(table, **keys)), None)


def month_of(day: date) -> str:
    """The month that a day's rows of a history table are in, as in 2026-11."""
    return f"{day:%Y-%m}"


def remove(file: LakeFile) -> None:
    """Remove a file, which may be gone already."""
    opening.open_lake().remove(file.key)


def remove_feature(feature: str) -> None:
    """Remove every file of a feature."""
    store = opening.open_lake()
    for folder in folders().values():
        if folder.keys[0] == "feature":
            store.remove_below(f"{folder.name}/feature={feature}/")


def read(
    connection: duckdb.DuckDBPyConnection,
    *tables: str,
    days: Iterable[date] | None = None,
    since: date | None = None,
    until: date | None = None,
    **keys: Any,
) -> None:
    """Let SQL on this connection see tables by their names, cut to the partitions whose keys are given.

    `read(connection, "sample", "judgments", feature="drafts", day=day)` makes `sample` and `judgments`. A key that a
    table is not cut by is left aside for it. `days`, or `since` and `until`, leave out the files that have no row of
    these days by their keys, so that they are not even opened: rows of other days may be seen all the same, where a
    file has those of a month.
    """
    among = Days(since, until, None if days is None else frozenset(days))
    for table in tables:
        own_keys = {name: value for name, value in keys.items() if name in folders()[table].keys}
        query = scan(table, files(table, among, **own_keys))
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {query}")


def scan(table: str, files: Iterable[LakeFile]) -> str:
    """The query that reads files of a table, with its declared columns in their order; of no files, no rows.

    A column that a file lacks is null, one that is not declared is left out, and one of another type is cast. A value
    that cannot be cast fails the query; misfits.py tells which file it is in.
    """
    store = opening.lake_store()
    return _scan(table, [store.location(file.key) for file in files])


def scan_all(table: str) -> str:
    """The same of every file that a table has or will have when the query is run, for a view that sees later days too.

    It fails while there are none.
    """
    return _scan(table, [opening.lake_store().location(_pattern(table, {}))])


def write(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    query: str,
    parameters: Mapping[str, Any] | None = None,
    note: str | None = None,
    **keys: Any,
) -> int:
    """Write one partition of a table from a query, whole or not at all, and return its rows.

    The query must give every column of the table that is not a key; they are cast to the declared types. Columns that
    it gives besides are left out. `note` is kept in the file's own metadata, beside the rows (`notes`).
    """
    with writing(table, **keys) as path:
        return _copy(connection, table, query, parameters or {}, path, note)


def write_first(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    query: str,
    parameters: Mapping[str, Any] | None = None,
    **keys: Any,
) -> bool:
    """Write a partition that is written once, as `write` does, unless it is there: whether it is this one's now.

    Of any number of processes that write the same partition, one is told that it did.
    """
    file = partition(table, **keys)
    store = opening.open_lake(writes=True)
    with store.writing(file.key) as path:
        _copy(connection, table, query, parameters or {}, path)
        return store.put_first(file.key, path)


@contextmanager
def writing(table: str, **keys: Any) -> Iterator[Path]:
    """A path to write one partition of a table to: `with writing("sample", feature="drafts", day=day) as path`.

    It is in its place when the block ends, or nothing is when the block fails. A file that is there is replaced while
    nobody holds its feature `unchanging`; one that is written once stays.
    """
    file = partition(table, **keys)
    store = opening.open_lake(writes=True)
    with store.writing(file.key) as path:
        yield path
        if not folders()[table].written_once:
            _put(store, file, path)
        elif not store.listing(file.key):
            store.put_first(file.key, path)


@contextmanager
def writing_redacted(file: LakeFile) -> Iterator[Path]:
    """A path to write the redacted copy of a table's file to, as `writing` of a partition."""
    store = opening.open_lake(writes=True)
    with store.writing(file.redacted.key) as path:
        yield path
        _put(store, file.redacted, path)


def count(connection: duckdb.DuckDBPyConnection, table: str, **keys: Any) -> int:
    """How many rows a table has in the partitions whose keys are given, as its files' own footers say."""
    return sum(rows(connection, files(table, **keys)).values())


def rows(connection: duckdb.DuckDBPyConnection, files: Iterable[LakeFile]) -> dict[str, int]:
    """How many rows files have by their keys, as their own footers say. One that cannot be read fails them all."""
    keys = {file.location: file.key for file in files}
    if not keys:
        return {}
    query = "SELECT file_name, num_rows FROM parquet_file_metadata($files)"
    counted = connection.execute(query, {"files": list(keys)}).fetchall()
    return {keys[location]: int(number) for location, number in counted}


def notes(connection: duckdb.DuckDBPyConnection, files: Iterable[LakeFile]) -> dict[str, str]:
    """The notes that files were written with by their keys; without those that have none, or cannot be read."""
    keys = {file.location: file.key for file in files}
    if not keys:
        return {}
    query = (
        "SELECT file_name, CAST(value AS VARCHAR) FROM parquet_kv_metadata($files) WHERE CAST(key AS VARCHAR) = 'note'"
    )

    def noted(locations: list[str]) -> dict[str, str]:
        try:
            noted_rows = connection.execute(query, {"files": locations}).fetchall()
            return {keys[location]: note for location, note in noted_rows}
        except duckdb.Error:
            if len(locations) == 1:
                return {}
        # one that cannot be read is enough to fail them all
        return {key: note for location in locations for key, note in noted([location]).items()}

    return noted(list(keys))


def _put(store: Store, file: LakeFile, path: Path) -> None:
    """Put a file into its place: a new one at once, another in the place of one while the feature may change."""
    if not store.listing(file.key) and store.put_first(file.key, path):
        return
    feature = file.partition.get("feature")
    if feature is None:
        store.put(file.key, path)
        return
    with unchanging(feature):
        store.put(file.key, path)


def _scan(table: str, locations: Iterable[str]) -> str:
    declared = columns(table)
    nulls = ", ".join(f'CAST(NULL AS {type_}) AS "{name}"' for name, type_ in declared.items())
    names = ", ".join(map(literal, locations))
    if not names:
        return f"SELECT {nulls} WHERE false"
    types = ", ".join(f"{key}: {declared.get(key, 'VARCHAR')}" for key in folders()[table].keys)
    # of files with different types for a column, reading them together makes one that no table has
    selected = ", ".join(f'CAST("{name}" AS {type_}) AS "{name}"' for name, type_ in declared.items())
    # files that an older version wrote may lack a column; the empty branch adds it as null
    return (
        f"SELECT {selected} FROM "
        f"(FROM read_parquet([{names}], hive_partitioning = true, hive_types = {{{types}}}, union_by_name = true) "
        f"UNION ALL BY NAME SELECT {nulls} WHERE false)"
    )


def _copy(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    query: str,
    parameters: Mapping[str, Any],
    path: Path,
    note: str | None = None,
) -> int:
    """Write a query's rows to a file, with the table's own columns cast to their declared types; returns the rows."""
    types = columns(table)
    selected = ", ".join(f'CAST("{name}" AS {types[name]}) AS "{name}"' for name in own_columns(table))
    noted = "" if note is None else f", KV_METADATA {{note: {literal(note)}}}"
    copied = connection.execute(
        f"COPY (SELECT {selected} FROM ({query.rstrip().rstrip(';')})) TO {literal(str(path))} "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {ROW_GROUP_SIZE}{noted})",
        named_in(query, parameters),
    )
    return copied.fetchall()[0][0]


def _pattern(table: str, keys: Mapping[str, Any]) -> str:
    """The store's pattern of a table's files with these keys."""
    return "/".join([table, *(f"{key}={keys.get(key, '*')}" for key in folders()[table].keys), FILE_NAME])


def _values(key: str) -> tuple[str, ...]:
    """The values of the keys of the file that the store has under `key`."""
    return tuple(name.partition("=")[2] for name in key.split("/")[1:-1])


def _days(key: str, value: str) -> tuple[date, date] | None:
    """The first and the last day of the rows of a file whose key has a value; None where it is no key of days."""
    if key in DAY_KEYS:
        day = date.fromisoformat(value)
        return day, day
    if key == MONTH_KEY:
        first = date.fromisoformat(f"{value}-01")
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return None
