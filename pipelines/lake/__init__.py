"""The lake: where each table's Parquet files live, how they get there whole, and how SQL files see them.

Only this module knows paths. A table is declared once, in sql/tables/ (catalogue/tables.py); a file that is written is
cast to that declaration, and a table of which no file exists yet reads as an empty one of the same columns.
"""

import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock

from pipelines.catalogue.tables import columns, folders, own_columns
from pipelines.checkout import CHECKOUT, SQL

DATA_VARIABLE = "PROD_EVALS_DATA"

FILE_NAME = "data.parquet"
DAY_KEYS = ("day", "judged_on")  # keys that are the day of all rows of a file
MONTH_KEY = "month"  # as in 2026-11: the rows are of its days
# Wide rows: groups this small keep a writer's memory in bounds, and are large enough to compress well.
ROW_GROUP_SIZE = 40_960


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a folder of the lake as it stands: another size or time of writing is another content.

    `keys` are the values of the folder's keys in their order; `place` is relative to the data directory.
    """

    folder: str
    keys: tuple[str, ...]
    place: str
    size: int
    mtime_ns: int

    @property
    def path(self) -> Path:
        return data_directory() / self.place

    @property
    def version(self) -> str:
        return f"{self.size}-{self.mtime_ns}"

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day that it can have rows of, where its place says so."""
        return _days(folders()[self.folder].keys, self.keys)


def data_directory() -> Path:
    """Where everything made is kept: PROD_EVALS_DATA, else data/ in the checkout."""
    return Path(os.environ.get(DATA_VARIABLE) or CHECKOUT / "data").absolute()


def private_directory(name: str) -> Path:
    """A folder of the data directory that only its owner may read (mode 0700): raw text lives there."""
    path = data_directory() / name
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def lock(name: str) -> FileLock:
    """A lock between processes, by name; it ends with the process that holds it, however that ends.

    Who holds it may take it again.
    """
    return FileLock(private_directory("locks") / f"{name}.lock", is_singleton=True)


def steady(feature: str) -> FileLock:
    """The lock under which a feature's files are replaced: while it is held, what the feature has stays as it is.

    DuckDB opens a Parquet file more than once in a query; one that is replaced in between would be read half old and
    half new. New files may appear all the time. So whoever reads files that others may be replacing holds this. Every
    feature has its own: no night waits for another feature's.
    """
    return lock(f"lake-{feature}")


def connect() -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB, through which files are read and written; nothing is kept in it.

    Times are UTC; row order is not kept, because no table has one; extensions are never downloaded; spills go to the
    data directory.
    """
    return duckdb.connect(
        config={
            "TimeZone": "UTC",
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "memory_limit": os.environ.get("PROD_EVALS_MEMORY", "1GB"),
            "temp_directory": str(private_directory("tmp")),
        }
    )


@cache
def statement(name: str) -> str:
    """The text of a SQL file, by its path inside sql/ without the ending."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def run(connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any) -> duckdb.DuckDBPyConnection:
    """Execute a SQL file. It takes those of the parameters that it names as $parameter."""
    text = statement(name)
    return connection.execute(text, _named(text, parameters))


def keep(connection: duckdb.DuckDBPyConnection, table: str, name: str, **parameters: Any) -> None:
    """Keep the rows of a SQL file as a table of the connection. It takes those of the parameters that it names."""
    text = statement(name)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {text}", _named(text, parameters))


def view(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Let other SQL on this connection see the rows of a SQL file without parameters, by the file's own name."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name.rpartition('/')[2]} AS {statement(name)}")


def path(table: str, **keys: Any) -> Path:
    """The one file of a table's partition. Raises KeyError when a key is missing."""
    private_directory("lake")
    place = _root() / table
    for key in folders()[table].keys:
        value = str(keys[key])
        if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
            raise ValueError(f"{table}: {key}={value!r} cannot be part of a path")
        place /= f"{key}={value}"
    return place / FILE_NAME


def exists(table: str, **keys: Any) -> bool:
    return path(table, **keys).exists()


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


def files(table: str, among: Days = ALL_DAYS, **keys: Any) -> list[Path]:
    """The files of a table in the order of their keys, of those partitions whose keys are given; all the others' too.

    Where a place says of which days its rows are, only files that can have rows of the days `among` these are there.
    """
    return [Path(path) for _, path in sorted(_places(table, keys, among)) if os.path.exists(path)]


def stored(table: str, **keys: Any) -> list[StoredFile]:
    """The same files, each with its size and the time it was written."""
    root = f"{data_directory()}/"
    found = []
    for values, path in sorted(_places(table, keys)):
        try:
            stat = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        found.append(StoredFile(table, values, path.removeprefix(root), stat.st_size, stat.st_mtime_ns))
    return found


def features() -> list[str]:
    """The features that have a folder in the lake."""
    found = set()
    for folder in folders().values():
        if folder.keys[0] == "feature":
            found.update(_values(f"{_root()}/{folder.name}", "feature"))
    return sorted(found)


def key(file: Path, name: str) -> str:
    """The value of a key, as a file's path has it: `key(file, "feature")`."""
    inside = file.relative_to(data_directory() / "lake").parts
    return next(part.removeprefix(f"{name}=") for part in inside if part.startswith(f"{name}="))


def redacted(file: Path) -> Path:
    """Where the redacted copy of a table's file is: beside it, so that it goes when its partition goes."""
    return file.with_name("redacted.parquet")


def pattern(table: str) -> str:
    """The glob of every file that a table has or will have, for a view that is to see those of later days too."""
    return str(data_directory() / "lake" / table / _levels(table, {}))


def days(table: str, feature: str) -> list[date]:
    """The days of which a feature's table has a file, in order."""
    return sorted({date.fromisoformat(key(file, "day")) for file in files(table, feature=feature)})


def versions(table: str, feature: str) -> dict[date, str]:
    """What tells the file of each day from another that stands or will stand in its place."""
    return {file.days[0]: file.version for file in stored(table, feature=feature) if file.days}


def version(table: str, **keys: Any) -> str | None:
    """That of one partition's file; None when there is none."""
    return next((file.version for file in stored(table, **keys)), None)


def month_of(day: date) -> str:
    """The month that a day's rows of a history table are in, as in 2026-11."""
    return f"{day:%Y-%m}"


def forget(feature: str) -> None:
    """Remove every file of a feature."""
    for folder in folders().values():
        if folder.keys[0] == "feature":
            shutil.rmtree(_root() / folder.name / f"feature={feature}", ignore_errors=True)


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
    these days by their places, so that they are not even opened: rows of other days may be seen all the same, where a
    file has those of a month.
    """
    among = Days(since, until, None if days is None else frozenset(days))
    for table in tables:
        mine = {name: value for name, value in keys.items() if name in folders()[table].keys}
        found = files(table, among, **mine)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {scan(table, found)}")


def scan(table: str, found: Iterable[Path | str]) -> str:
    """The query that reads files of a table, with its declared columns in their order; of no files, no rows.

    A column that a file lacks is null, one that is not declared is left out, and one of another type is cast. A value
    that cannot be cast fails the query; misfits.py tells which file it is in.
    """
    declared = columns(table)
    nulls = ", ".join(f'CAST(NULL AS {type_}) AS "{name}"' for name, type_ in declared.items())
    names = ", ".join(literal(str(file)) for file in found)
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
    with place(table, **keys) as temporary:
        return _copy(connection, table, query, parameters or {}, temporary, note)


def count(connection: duckdb.DuckDBPyConnection, table: str, **keys: Any) -> int:
    """How many rows a table has in the partitions whose keys are given, as its files' own footers say."""
    found = [str(file) for file in files(table, **keys)]
    if not found:
        return 0
    query = "SELECT SUM(num_rows) FROM parquet_file_metadata($files)"
    return int(connection.execute(query, {"files": found}).fetchall()[0][0])


def notes(connection: duckdb.DuckDBPyConnection, found: Iterable[Path]) -> dict[Path, str]:
    """The notes that files were written with, by file; those without one, and those that cannot be read, are left out."""
    query = (
        "SELECT file_name, CAST(value AS VARCHAR) FROM parquet_kv_metadata($files) WHERE CAST(key AS VARCHAR) = 'note'"
    )
    files = [str(file) for file in found]
    if not files:
        return {}
    try:
        return {Path(file): note for file, note in connection.execute(query, {"files": files}).fetchall()}
    except duckdb.Error:
        if len(files) == 1:
            return {}
    noted: dict[Path, str] = {}
    for file in files:  # one that cannot be read is enough to fail them all
        noted |= notes(connection, [Path(file)])
    return noted


def _noted(note: str | None) -> str:
    return "" if note is None else f", KV_METADATA {{note: {literal(note)}}}"


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
    placing = place(table, **keys)
    with placing as temporary:
        _copy(connection, table, query, parameters or {}, temporary)
    return placing.is_ours


def place(table: str, **keys: Any) -> "appearing_whole":
    """Where one partition of a table is to be written: `with place("sample", feature="drafts", day=day) as path`.

    A file that is there is replaced while nobody holds its feature `steady`; one that is written once stays.
    """
    target = path(table, **keys)
    _root(writes=True)
    lock = steady(keys["feature"]) if "feature" in keys else None
    return appearing_whole(target, lock, once=folders()[table].written_once)


class appearing_whole:
    """A path beside the target to write to, renamed into its place at the end; removed if anything goes wrong.

    A target that is there is replaced under `lock`, or with `once` is left as it is; `is_ours` says afterwards whether
    what is there is what was written here. What a killed process left beside the target is removed first, once that
    process is gone.
    """

    def __init__(self, target: Path, lock: AbstractContextManager | None = None, once: bool = False):
        self.target = target
        self.lock = lock or nullcontext()
        self.once = once
        self.is_ours = False
        self.temporary = target.with_name(f".{target.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.tmp")

    def __enter__(self) -> Path:
        self.target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self.target.parent.glob(f".{self.target.name}.*.tmp*"):
            if not _alive(int(left.name.removeprefix(f".{self.target.name}.").split("-")[0])):
                left.unlink(missing_ok=True)
        return self.temporary

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._put_into_place()
        finally:
            self.temporary.unlink(missing_ok=True)

    def _put_into_place(self) -> None:
        try:
            os.link(self.temporary, self.target)  # a rename would replace a target that has just appeared
        except OSError:  # it is there, or the file system has no links
            with self.lock:
                if self.once and self.target.exists():
                    return
                os.replace(self.temporary, self.target)
        self.is_ours = True


def _root(writes: bool = False) -> Path:
    """The lake's folder, with files of this version: every way to them leads through here. Who `writes` marks a new one.

    Raises UserError for a lake of a newer version.
    """
    from pipelines.lake import upgrades  # which writes as this module does

    root = data_directory() / "lake"
    upgrades.bring_up_to_date(root)
    if writes:
        upgrades.mark_new(root)
    return root


def _copy(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    query: str,
    parameters: Mapping[str, Any],
    target: Path,
    note: str | None = None,
) -> int:
    """Write a query's rows to a file, with the table's own columns cast to their declared types; returns the rows."""
    types = columns(table)
    selected = ", ".join(f'CAST("{name}" AS {types[name]}) AS "{name}"' for name in own_columns(table))
    copied = connection.execute(
        f"COPY (SELECT {selected} FROM ({query.rstrip().rstrip(';')})) TO {literal(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {ROW_GROUP_SIZE}{_noted(note)})",
        _named(query, parameters),
    )
    return copied.fetchall()[0][0]


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _places(table: str, keys: Mapping[str, Any], among: Days = ALL_DAYS) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where a table's files are, or would be: the values of their keys, and the path. Listed level by level: `glob`
    takes several times as long where there are years of days."""
    names = folders()[table].keys

    def below(directory: str, known: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
        if among != ALL_DAYS and (days := _days(names, known)) and not among.meet(*days):
            return
        if len(known) == len(names):
            yield known, f"{directory}/{FILE_NAME}"
            return
        name = names[len(known)]
        for value in [str(keys[name])] if name in keys else _values(directory, name):
            yield from below(f"{directory}/{name}={value}", (*known, value))

    return below(f"{_root()}/{table}", ())


def _values(directory: str, key: str) -> list[str]:
    try:
        return [name.removeprefix(f"{key}=") for name in os.listdir(directory) if name.startswith(f"{key}=")]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _days(names: tuple[str, ...], values: tuple[str, ...]) -> tuple[date, date] | None:
    """The first and the last day that the values of keys name, as far as they are known."""
    known = dict(zip(names, values, strict=False))
    for name in DAY_KEYS:
        if name in known:
            day = date.fromisoformat(known[name])
            return day, day
    if MONTH_KEY in known:
        first = date.fromisoformat(f"{known[MONTH_KEY]}-01")
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return None


def _levels(table: str, keys: Mapping[str, Any]) -> str:
    return "/".join([*(f"{key}={keys.get(key, '*')}" for key in folders()[table].keys), FILE_NAME])


def _named(text: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    names = set().union(*(statement.named_parameters for statement in duckdb.extract_statements(text)))
    return {name: parameters[name] for name in names}


def literal(text: str) -> str:
    """A text as SQL has it, between quotes."""
    return "'" + text.replace("'", "''") + "'"
