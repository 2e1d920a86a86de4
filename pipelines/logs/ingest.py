"""A day's files become prod_logs, rejected_logs and log_files, with every line of them accounted for.

The files are read twice. The first reading takes only what decides a line's fate, in order, so that it gives the line
numbers that DuckDB's JSON reader does not; after it, everything to be left out is known, and the second streams the
logs of the day into Parquet. In between, the text of the rejected lines is fetched from the files themselves. Measured,
this costs less than one reading that has to be written again without the duplicates.

The statements of sql/logs in their order: cells; raw, for formats that read records as they are; the format's own
(formats.py); canonical_logs, line_fates, wanted_records, rejected_logs; the second reading; chosen_logs, prod_logs,
log_files.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import groupby, tee
from operator import itemgetter
from pathlib import Path

import duckdb

from pipelines import lake
from pipelines.duckdb_rows import one_row
from pipelines.feature import CanonicalColumn, Feature
from pipelines.logs.account import ColumnFill, DayReading, FileAccount, Reason
from pipelines.logs.containers.container import RAW_BYTES, is_utf8
from pipelines.logs.formats import format_reader
from pipelines.logs.records import CHOSEN_SUFFIX, keeping_order
from pipelines.logs.sources import log_source
from pipelines.logs.sources.source import DayPart
from pipelines.logs.staging import RawRecord, StagedPart, raw_records, stage, staging_directory
from pipelines.sql_quoting import identifier, literal


def ingest(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> DayReading:
    """Read a day's files and write its partitions of prod_logs, rejected_logs and log_files.

    Raises MissingLogs without a file of the day's own, UnreadableFile for a damaged one, ChangedPart for one that is
    written to meanwhile, PathError for a wrong field, FormatError for a wrong format.
    """
    with staging_directory() as directory:
        reading = read_day(connection, feature, day, directory)
        for table in ("prod_logs", "rejected_logs", "log_files"):
            with lake.writing(table, feature=feature.name, day=day) as place:
                os.replace(directory / f"{table}.parquet", place)
    return reading


def read_day(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date, directory: Path) -> DayReading:
    """The same reading into an empty folder, as prod_logs.parquet, rejected_logs.parquet and log_files.parquet."""
    source = log_source(feature)
    parts = source.day_parts(day)
    with _session(connection, feature.logs.timezone) as session, keeping_order(session) as order:
        staged_as = [directory / f"{index}.jsonl" for index in range(len(parts))]
        reader = format_reader(session, feature, staged_as, directory)
        staged = stage(session, source, parts, directory)
        _declare(session, feature, day, parts, staged)
        reader.read_first()
        lake.run(session, "logs/canonical_logs")
        lake.run(session, "logs/line_fates")
        texts, chosen = _fetch_texts(session, staged, directory)
        order.relax()
        _write_rejected_logs(session, texts, directory)
        reader.read_again(chosen)
        _choose_logs(session)
        _copy(session, lake.statement("logs/prod_logs"), directory / "prod_logs.parquet")
        _write_log_files(session, directory)
        for part in parts:
            source.refuse_changed(part)
        return DayReading(
            files=_accounts(session),
            rejected=_rejected(session),
            columns=_column_fills(session, reader.filled_from),
            missing_neighbours=tuple(source.missing_neighbours(day)),
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
    parts: Sequence[DayPart],
    staged: Sequence[StagedPart],
) -> None:
    """Tell SQL which parts there are, with the count of their lines, and where the day begins and ends."""
    begin, end = feature.bounds(day)
    neighbours = [index for index, part in enumerate(parts) if not part.own]
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
            (index, part.label, part.part_day, counted.lines, counted.blank)
            for index, (part, counted) in enumerate(zip(parts, staged, strict=True))
        ],
    )


def _fetch_texts(
    session: duckdb.DuckDBPyConnection, staged: Sequence[StagedPart], directory: Path
) -> tuple[Path, list[Path]]:
    """Fetch the rejected lines into one file, and the chosen copies of repeated logs into one for each input file."""
    texts = directory / "rejected.jsonl"
    chosen = []
    wanted = session.execute(lake.statement("logs/wanted_records"))
    with open(texts, "w", encoding="utf-8") as rejected:
        for index, group in groupby(_rows(wanted), key=itemgetter(0)):
            rows, again = tee(group)
            records = raw_records(staged[index], (record for _, record, _ in again))
            with ExitStack() as stack:
                chosen_file = None
                for (_, record, is_chosen), raw in zip(rows, records, strict=True):
                    if not is_chosen:
                        rejected.write(_rejected_text(index, record, raw) + "\n")
                        continue
                    if chosen_file is None:
                        chosen.append(directory / f"{index}{CHOSEN_SUFFIX}")
                        chosen_file = stack.enter_context(open(chosen[-1], "wb"))
                    chosen_file.write(raw.json + b"\n")
    return texts, chosen


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
    """Make the view chosen_logs. On a clean day all of them stay, and to look at none saves a tenth of the time."""
    any_not_chosen = "SELECT EXISTS (FROM fates WHERE fate IS NOT NULL) OR EXISTS (FROM repeated_logs)"
    if one_row(session.execute(any_not_chosen))[0]:
        lake.run(session, "logs/chosen_logs")
    else:
        session.execute("CREATE OR REPLACE TEMP VIEW chosen_logs AS FROM fated_logs")


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


def _column_fills(session: duckdb.DuckDBPyConnection, filled_from: dict[str, str]) -> tuple[ColumnFill, ...]:
    """A category that is missing has a name, and sources that are an empty list are empty too."""
    empty = {"category": "category = 'uncategorized'", "sources": "coalesce(len(sources), 0) = 0"}
    averages = ", ".join(
        f"avg(CAST({empty.get(column, f'{identifier(column)} IS NULL')} AS INTEGER))" for column in filled_from
    )
    shares = one_row(session.execute(f"SELECT {averages} FROM written_prod_logs"))
    return tuple(
        ColumnFill(CanonicalColumn(column), written, share)
        for (column, written), share in zip(filled_from.items(), shares, strict=True)
    )


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple]:
    while rows := result.fetchmany(10_000):
        yield from rows
