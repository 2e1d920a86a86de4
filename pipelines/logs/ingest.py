"""A day's files become prod_logs, rejected_logs and log_files, with every line of them accounted for.

The files are read twice. The first reading takes only what decides a line's fate, in order, so that it gives the line
numbers that DuckDB's JSON reader does not; after it, everything to be left out is known, and the second streams the
logs of the day into Parquet. In between, the text of the rejected lines is fetched from the files themselves. Measured,
this costs less than one reading that has to be written again without the duplicates.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby, tee
from operator import itemgetter
from pathlib import Path

import duckdb

from pipelines import lake
from pipelines.duckdb_rows import one_row
from pipelines.feature import CanonicalColumn, Feature
from pipelines.logs.files import LogFile, day_files, missing_neighbours
from pipelines.logs.paths import identifier, literal
from pipelines.logs.records import ColumnPath, column_paths, keeping_order, show_records
from pipelines.logs.staging import (
    RAW_BYTES,
    RawRecord,
    StagedFile,
    is_utf8,
    raw_records,
    stage,
    staging_directory,
)


class Reason(StrEnum):
    """Why a line is not in prod_logs; a line has the first that applies."""

    MALFORMED = "malformed"
    INVALID_UTF8 = "invalid_utf8"
    MISSING_ID = "missing_id"
    UNREADABLE_TIME = "unreadable_time"
    EMPTY_INPUT = "empty_input"
    EMPTY_OUTPUT = "empty_output"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class FileAccount:
    """Where the lines of one file went; a row of log_files."""

    file: str
    file_day: date
    physical_lines: int
    prod_logs: int
    rejected: int
    other_day: int
    blank: int
    unreadable_cells: int

    @property
    def unaccounted(self) -> int:
        """Lines that were counted and went nowhere; below 0 if more went somewhere than were counted. 0, or a bug."""
        return self.physical_lines - self.prod_logs - self.rejected - self.other_day - self.blank


@dataclass(frozen=True)
class ColumnFill:
    """What a canonical column was filled from, and in what share of the day's logs it is empty; None without logs."""

    column: CanonicalColumn
    path: str
    empty_share: float | None


@dataclass(frozen=True)
class DayReading:
    """What a day's files hold."""

    files: tuple[FileAccount, ...]
    rejected: dict[Reason, int]
    columns: tuple[ColumnFill, ...]
    missing_neighbours: tuple[str, ...]

    @property
    def prod_logs(self) -> int:
        return sum(file.prod_logs for file in self.files)

    @property
    def physical_lines(self) -> int:
        return sum(file.physical_lines for file in self.files)

    @property
    def other_day(self) -> int:
        return sum(file.other_day for file in self.files)

    @property
    def blank(self) -> int:
        return sum(file.blank for file in self.files)

    @property
    def unaccounted(self) -> tuple[FileAccount, ...]:
        """The files whose account does not add up: data was lost or made up, so nothing may rest on it."""
        return tuple(file for file in self.files if file.unaccounted)


def ingest(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> DayReading:
    """Read a day's files and write its partitions of prod_logs, rejected_logs and log_files.

    Raises MissingLogs without a file of the day's own, UnreadableFile for a damaged one, PathError for a wrong field.
    """
    with staging_directory() as directory:
        reading = read_day(connection, feature, day, directory)
        for table in ("prod_logs", "rejected_logs", "log_files"):
            with lake.writing(table, feature=feature.name, day=day) as place:
                os.replace(directory / f"{table}.parquet", place)
    return reading


def read_day(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date, directory: Path) -> DayReading:
    """The same reading into an empty folder, as prod_logs.parquet, rejected_logs.parquet and log_files.parquet."""
    paths = column_paths(feature, "logs", CanonicalColumn, feature.logs.fields)
    files = day_files(feature, day)
    with _session(connection, feature.logs.timezone) as session, keeping_order(session) as order:
        staged = [stage(session, file, directory / f"{index}.jsonl") for index, file in enumerate(files)]
        _declare(session, feature, day, files, staged)
        show_records(session, [file.path for file in staged], paths)
        lake.run(session, f"formats/{feature.logs.preset}")
        lake.run(session, "logs/line_fates")
        texts, kept = _fetch_texts(session, staged, directory)
        order.relax()
        _write_rejected_logs(session, texts, directory)
        show_records(session, [*(file.path for file in staged), *kept], paths)
        _choose_logs(session)
        _copy(session, lake.statement("logs/prod_logs"), directory / "prod_logs.parquet")
        _write_log_files(session, directory)
        return DayReading(
            files=_accounts(session),
            rejected=_rejected(session),
            columns=_column_fills(session, paths),
            missing_neighbours=tuple(missing_neighbours(feature, day)),
        )


@contextmanager
def _session(connection: duckdb.DuckDBPyConnection, timezone: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the same database with temporary tables and a time zone of its own."""
    with connection.cursor() as session:
        session.execute(f"SET TimeZone = {literal(timezone)}")
        yield session


def _declare(
    session: duckdb.DuckDBPyConnection,
    feature: Feature,
    day: date,
    files: Sequence[LogFile],
    staged: Sequence[StagedFile],
) -> None:
    """Tell SQL which files there are, with the count of their lines, and where the day begins and ends."""
    begin, end = feature.bounds(day)
    neighbours = [index for index, file in enumerate(files) if not file.own]
    session.execute("SET VARIABLE day_begin = $begin", {"begin": begin})
    session.execute("SET VARIABLE day_end = $end", {"end": end})
    session.execute("SET VARIABLE neighbours = CAST($neighbours AS INTEGER[])", {"neighbours": neighbours})
    session.execute(
        "CREATE OR REPLACE TEMP TABLE day_files "
        "(file USMALLINT, label VARCHAR, file_day DATE, physical_lines BIGINT, blank BIGINT)"
    )
    session.executemany(
        "INSERT INTO day_files VALUES (?, ?, ?, ?, ?)",
        [
            (index, file.label, file.file_day, counted.lines, counted.blank)
            for index, (file, counted) in enumerate(zip(files, staged, strict=True))
        ],
    )


def _fetch_texts(
    session: duckdb.DuckDBPyConnection, staged: Sequence[StagedFile], directory: Path
) -> tuple[Path, list[Path]]:
    """Fetch the rejected lines into one file, and the repeated logs' copies that stay into one for each input file."""
    texts = directory / "rejected.jsonl"
    kept = []
    wanted = session.execute(lake.statement("logs/wanted_records"))
    with open(texts, "w", encoding="utf-8") as rejected:
        for index, group in groupby(_rows(wanted), key=itemgetter(0)):
            rows, again = tee(group)
            records = raw_records(staged[index], (record for _, record, _ in again))
            with ExitStack() as stack:
                kept_file = None
                for (_, record, stays), raw in zip(rows, records, strict=True):
                    if not stays:
                        rejected.write(_rejected_text(index, record, raw) + "\n")
                        continue
                    if kept_file is None:
                        kept.append(directory / f"{index}.kept.jsonl")
                        kept_file = stack.enter_context(open(kept[-1], "wb"))
                    kept_file.write(raw.json + b"\n")
    return texts, kept


def _rejected_text(index: int, record: int, raw: RawRecord) -> str:
    """What rejected_logs.sql needs of a line. Whether one so long is JSON at all is not looked into."""
    return json.dumps(
        {
            "file": index,
            "record": record,
            "line": raw.line,
            "json": raw.json.decode("utf-8", "replace") if len(raw.json) <= RAW_BYTES else None,
            "utf8": is_utf8(raw.text),
            "raw": raw.text[:RAW_BYTES].decode("utf-8", "replace"),
        }
    )


def _write_rejected_logs(session: duckdb.DuckDBPyConnection, texts: Path, directory: Path) -> None:
    session.execute(
        "CREATE OR REPLACE TEMP VIEW rejected_texts AS SELECT * FROM "
        f"read_json({literal(str(texts))}, format = 'newline_delimited', "
        "columns = {'file': 'USMALLINT', 'record': 'BIGINT', 'line': 'BIGINT', "
        "'json': 'VARCHAR', 'utf8': 'BOOLEAN', 'raw': 'VARCHAR'})"
    )
    _copy(session, lake.statement("logs/rejected_logs"), directory / "rejected_logs.parquet")


def _choose_logs(session: duckdb.DuckDBPyConnection) -> None:
    """Make the view staying_logs. On a clean day all of them stay, and to look at none saves a tenth of the time."""
    left_out = "SELECT EXISTS (FROM fates WHERE fate IS NOT NULL) OR EXISTS (FROM repeated_logs)"
    if one_row(session.execute(left_out))[0]:
        lake.run(session, "logs/staying_logs")
    else:
        session.execute("CREATE OR REPLACE TEMP VIEW staying_logs AS FROM fated_logs")


def _write_log_files(session: duckdb.DuckDBPyConnection, directory: Path) -> None:
    for table in ("prod_logs", "rejected_logs"):
        written = literal(str(directory / f"{table}.parquet"))
        session.execute(f"CREATE OR REPLACE TEMP VIEW written_{table} AS FROM read_parquet({written})")
    session.execute(f"CREATE OR REPLACE TEMP TABLE account AS {lake.statement('logs/log_files')}")
    _copy(session, "FROM account", directory / "log_files.parquet")


def _copy(session: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    session.execute(
        f"COPY ({query}) TO {literal(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {lake.ROW_GROUP_SIZE})"
    )


def _accounts(session: duckdb.DuckDBPyConnection) -> tuple[FileAccount, ...]:
    columns = ", ".join(FileAccount.__dataclass_fields__)
    return tuple(FileAccount(*row) for row in session.execute(f"SELECT {columns} FROM account").fetchall())


def _rejected(session: duckdb.DuckDBPyConnection) -> dict[Reason, int]:
    counted = dict(session.execute("SELECT reason, count(*) FROM written_rejected_logs GROUP BY reason").fetchall())
    return {reason: counted[reason] for reason in Reason if reason in counted}


def _column_fills(session: duckdb.DuckDBPyConnection, paths: dict[str, ColumnPath]) -> tuple[ColumnFill, ...]:
    """A category that is missing has a name, and sources that are an empty list are empty too."""
    empty = {"category": "category = 'uncategorized'", "sources": "coalesce(len(sources), 0) = 0"}
    shares = ", ".join(
        f"avg(CAST({empty.get(column, f'{identifier(column)} IS NULL')} AS INTEGER))" for column in paths
    )
    found = one_row(session.execute(f"SELECT {shares} FROM written_prod_logs"))
    return tuple(
        ColumnFill(CanonicalColumn(column), path.written, share)
        for (column, path), share in zip(paths.items(), found, strict=True)
    )


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple]:
    while rows := result.fetchmany(10_000):
        yield from rows
