"""The lake: where each table's Parquet files live, how they get there whole, and how SQL files see them.

Only this module knows paths. A table is declared once, in sql/tables/; a file that is written is cast to that
declaration, and a table of which no file exists yet reads as an empty one of the same columns.
"""

import os
import re
import shutil
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock

from pipelines.feature import CHECKOUT

DATA_VARIABLE = "PROD_EVALS_DATA"
SQL = CHECKOUT / "sql"

# How each table is cut into files. Everything else about a table is in its file of sql/tables/.
PARTITIONS: dict[str, tuple[str, ...]] = {
    "prod_logs": ("feature", "day"),
    "rejected_logs": ("feature", "day"),
    "log_files": ("feature", "day"),
    "signals": ("feature", "day"),
    "sample": ("feature", "day"),
    "judgments": ("feature", "day"),
    "judge_votes": ("feature", "day"),
    "funnel": ("feature", "day"),
    "cold_items": ("feature", "baseline_id"),
    "cold_judgments": ("feature", "baseline_id", "rubric_id"),
    "anchor_judgments": ("feature", "judged_on", "rubric_id"),
    "baseline": ("feature", "baseline_id", "rubric_id"),
    "judge_flips": ("feature",),
    "judge_costs": ("feature",),
    "rubrics": ("feature", "rubric_id"),
    "rulers": ("ruler_id",),
    "stage_history": ("feature",),
    "divergence": ("feature",),
    "mix_shift": ("feature",),
    "trends": ("feature",),
    "calibration": ("feature",),
    "judge_drift": ("feature",),
    "gate_decisions": ("feature",),
    "gate_log": ("feature", "decision_id"),
}
# Files of these are named by the hash of what they hold: one that is there is right, and is never replaced.
WRITTEN_ONCE = {"cold_items", "rubrics", "rulers", "gate_log"}
# These are kept apart from the days' judgments, and are the same table to who reads them.
DECLARED_AS = {"cold_judgments": "judgments", "anchor_judgments": "judgments"}

FILE_NAME = "data.parquet"
# Wide rows: groups this small keep a writer's memory in bounds, and are large enough to compress well.
ROW_GROUP_SIZE = 40_960


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


def steady() -> FileLock:
    """The lock under which files of the lake are replaced: while it is held, what is there stays as it is.

    DuckDB opens a Parquet file more than once in a query; one that is replaced in between would be read half old and
    half new. New files may appear all the time. So whoever reads files that others may be replacing holds this.
    """
    return lock("lake")


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
def declaration(table: str) -> str:
    """The text of a table's file in sql/tables/."""
    return (SQL / "tables" / f"{table}.sql").read_text(encoding="utf-8")


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
    """Let other SQL on this connection see the rows of a SQL file without parameters, by its name."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {statement(name)}")


def path(table: str, **keys: Any) -> Path:
    """The one file of a table's partition. Raises KeyError when a key is missing."""
    place = private_directory("lake") / table
    for key in PARTITIONS[table]:
        value = str(keys[key])
        if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
            raise ValueError(f"{table}: {key}={value!r} cannot be part of a path")
        place /= f"{key}={value}"
    return place / FILE_NAME


def exists(table: str, **keys: Any) -> bool:
    return path(table, **keys).exists()


def files(table: str, **keys: Any) -> list[Path]:
    """The files of a table, of those partitions whose keys are given; all the others' too."""
    return sorted((data_directory() / "lake" / table).glob(_levels(table, keys)))


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
    return [date.fromisoformat(file.parent.name.removeprefix("day=")) for file in files(table, feature=feature)]


def forget(feature: str) -> None:
    """Remove every file of a feature."""
    for table, keys in PARTITIONS.items():
        if keys[0] == "feature":
            shutil.rmtree(private_directory("lake") / table / f"feature={feature}", ignore_errors=True)


def read(connection: duckdb.DuckDBPyConnection, *tables: str, **keys: Any) -> None:
    """Let SQL on this connection see tables by their names, cut to the partitions whose keys are given.

    `read(connection, "sample", "judgments", feature="drafts", day=day)` makes `sample` and `judgments`. A key that a
    table is not cut by is left aside for it.
    """
    for table in tables:
        mine = {key: value for key, value in keys.items() if key in PARTITIONS[table]}
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {scan(table, files(table, **mine))}")


def scan(table: str, found: Iterable[Path | str]) -> str:
    """The query that reads files of a table, with its declared columns in their order; of no files, no rows."""
    declared = columns(DECLARED_AS.get(table, table))
    nulls = ", ".join(f'CAST(NULL AS {type_}) AS "{name}"' for name, type_ in declared.items())
    names = ", ".join(_literal(str(file)) for file in found)
    if not names:
        return f"SELECT {nulls} WHERE false"
    types = ", ".join(f"{key}: {'DATE' if key == 'day' else 'VARCHAR'}" for key in PARTITIONS[table])
    selected = ", ".join(f'"{column}"' for column in declared)
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
    **keys: Any,
) -> int:
    """Write one partition of a table from a query, whole or not at all, and return its rows.

    The query must give every column of the table that is not a key; they are cast to the declared types. Columns that
    it gives besides are left out.
    """
    declared = DECLARED_AS.get(table, table)
    selected = ", ".join(
        f'CAST("{name}" AS {type_}) AS "{name}"'
        for name, type_ in columns(declared).items()
        if name not in PARTITIONS[table]
    )
    target = path(table, **keys)
    with appearing_whole(target, once=table in WRITTEN_ONCE) as temporary:
        rows = connection.execute(
            f"COPY (SELECT {selected} FROM ({query.rstrip().rstrip(';')})) TO {_literal(str(temporary))} "
            f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {ROW_GROUP_SIZE})",
            _named(query, parameters or {}),
        ).fetchone()
    return rows[0]


class appearing_whole:
    """A path beside the target to write to, renamed into its place at the end; removed if anything goes wrong.

    A target that is there is replaced while nobody holds it `steady`, or with `once` is left as it is. What a killed
    process left beside the target is removed first, once that process is gone.
    """

    def __init__(self, target: Path, once: bool = False):
        self.target = target
        self.once = once
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
            if not (self.once and self.target.exists()):
                with steady():
                    os.replace(self.temporary, self.target)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@cache
def columns(table: str) -> dict[str, str]:
    """A table's columns and types, as DuckDB reads its declaration."""
    connection = duckdb.connect()
    connection.execute(declaration(table))
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {table}").fetchall()}


def _levels(table: str, keys: Mapping[str, Any]) -> str:
    return "/".join([*(f"{key}={keys.get(key, '*')}" for key in PARTITIONS[table]), FILE_NAME])


def _named(text: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    names = set().union(*(statement.named_parameters for statement in duckdb.extract_statements(text)))
    return {name: parameters[name] for name in names}


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
