"""prod_logs, rejected_logs and log_files: a day's files, every line of them accounted for."""

from datetime import date

import dagster as dg
import duckdb

from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.feature import Feature
from pipelines.logs.account import DayReading
from pipelines.logs.ingest import ingest

EVERY_LINE = (
    "Each file's lines are in prod_logs, rejected, another day's, blank or, where the format says so, left out."
)
CHECKS = (
    Check("every_line_accounted_for", EVERY_LINE, blocking=True),
    Check("neighbouring_files_there", "The neighbouring files that may hold this day's rows were found."),
    Check("cells_readable", "No cell of a kept log had to become null because it is not of its column's type."),
    Check("few_lines_rejected", "Less than 5 % of the day's lines were rejected."),
)
MANY_REJECTED = 0.05


def prod_logs_asset(feature: Feature) -> dg.AssetsDefinition:
    return day_asset(
        feature, ["prod_logs", "rejected_logs", "log_files"], make_prod_logs, kinds={"duckdb", "parquet"}, checks=CHECKS
    )


def make_prod_logs(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> dict[str, Shown]:
    """Read a day's files and write its three tables."""
    reading = ingest(connection, feature, day)
    rejected = sum(reading.rejected.values())
    columns = [
        (fill.column, fill.path, None if fill.empty_share is None else f"{fill.empty_share:.1%}")
        for fill in reading.columns
    ]
    by_reason = markdown(("reason", "lines"), reading.rejected.items())
    numbers = {"lines": reading.physical_lines, "rejected": rejected}
    filled = markdown(("column", "filled from", "empty"), columns)
    accounts = markdown(*reading.accounts())
    outside = {"other day": reading.other_day, "blank": reading.blank}
    return {
        "prod_logs": Shown(reading.prod_logs, filled, numbers, _checked(reading, rejected)),
        "rejected_logs": Shown(rejected, by_reason, {reason.value: n for reason, n in reading.rejected.items()}),
        "log_files": Shown(len(reading.files), accounts, outside),
    }


def _checked(reading: DayReading, rejected: int) -> dict[str, tuple[bool, str, dict[str, int]]]:
    unaccounted = "; ".join(f"{file.file}: {file.unaccounted} lines" for file in reading.unaccounted)
    missing = "; ".join(f"nothing matches {pattern}" for pattern in reading.missing_neighbours)
    cells, read = sum(file.unreadable_cells for file in reading.files), reading.physical_lines
    few, lines = rejected <= MANY_REJECTED * (reading.prod_logs + rejected), reading.prod_logs + rejected
    return {
        "every_line_accounted_for": (not unaccounted, unaccounted or f"{read} lines", {"lines": read}),
        "neighbouring_files_there": (not missing, missing or "all were found", {}),
        "cells_readable": (cells == 0, f"{cells} cells became null", {"cells": cells}),
        "few_lines_rejected": (few, f"{rejected} of {lines} lines of the day", {"rejected": rejected}),
    }
