"""`prod-evals demo`: make five weeks at Acme, run every night, and show what came of it."""

import os
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipelines import clock, lake
from pipelines.cli import terminal
from pipelines.cli.run import run_feature
from pipelines.data_directory import data_directory
from pipelines.demo import Demo, make_demo
from pipelines.demo.story import TIME_ZONE
from pipelines.errors import UserError
from pipelines.feature import Feature, features_directory, load_feature
from pipelines.publishing.ramp_gate import ramp_gate_path


def show_demo(as_of: date | None, seed: int, jobs: int) -> int:
    """Make the demo and run it; returns 1 when a night failed."""
    zone = ZoneInfo(TIME_ZONE)
    today = clock.now().astimezone(zone).date()
    if as_of is not None and as_of > today:
        raise UserError(f"--as-of {as_of} is in the future; the demo's five weeks must be over")
    if as_of is not None and as_of < today:
        morning = datetime.combine(as_of, time(6), zone)
        os.environ[clock.NOW_VARIABLE] = morning.isoformat()
        terminal.console.print(f"Taking {morning:%A %d %B %Y, %H:%M} in {TIME_ZONE} for now, as --as-of says.")
    terminal.console.print("Making five weeks of logs at Acme, and a cold eval of 600 items ...")
    demo = make_demo(as_of or today, features_directory(), data_directory() / "demo", seed)
    terminal.console.print(f"{demo.lines:,} lines in {len(demo.log_files)} files, for {demo.feature_file}")
    feature = load_feature(demo.feature_file)
    lake.remove_feature(feature.name)  # the days of an earlier demo
    ramp_gate_path(feature.name).unlink(missing_ok=True)
    days = [demo.first_day + timedelta(days=number) for number in range((demo.last_day - demo.first_day).days + 1)]
    succeeded = run_feature(feature, days, jobs)
    show_findings(feature)
    show_planted(demo)
    show_where_to_look(feature)
    return 0 if succeeded else 1


def show_planted(demo: Demo) -> None:
    """Print what the demo put into its logs, so that a newcomer can see whether it was found."""
    terminal.table(
        "What had been planted in the logs",
        ("what", "when", "where it should show"),
        [
            (
                planted.what,
                f"{planted.first_day:%d %b}"
                + (f" to {planted.last_day:%d %b}" if planted.last_day > planted.first_day else ""),
                planted.where,
            )
            for planted in demo.planted
        ],
    )


def show_findings(feature: Feature) -> None:
    """Print what the nights found, as the tables say it."""
    with lake.unchanging(feature.name), lake.connect() as connection:
        lake.read(connection, "divergence", "signals", "rejected_logs", feature=feature.name)
        rows = lake.run(connection, "publishing/findings").fetchall()
    terminal.table(
        "What was found",
        ("kind", "what", "criterion", "first", "last", "days", "worst", "limit"),
        [
            (
                kind,
                what,
                criterion,
                f"{first:%d %b}",
                f"{last:%d %b}",
                days,
                _worst(kind, worst),
                None if limit is None else f"{limit:,.4g}",
            )
            for kind, what, criterion, first, last, days, worst, limit in rows
        ],
        numeric=("days", "worst", "limit"),
    )


def show_where_to_look(feature: Feature) -> None:
    """Print what a newcomer may do next."""
    data = data_directory()
    lines = (
        ("the page of the morning", f"{data / 'pages' / feature.name}.html"),
        (
            "the decision for a ramp gate",
            f"{data / 'ramp_gate' / feature.name}.json, or: .venv/bin/prod-evals gate {feature.name}",
        ),
        ("the tables", f"{data / 'prod_evals.duckdb'}, with ready questions in sql/analysts/"),
        ("the graph, runs and backfills", "make dev, then http://127.0.0.1:3000"),
        ("your own logs", "README.md: Your own logs in ten minutes"),
    )
    terminal.table("What to look at next", ("what", "where"), lines)


def _worst(kind: str, value: float) -> str:
    return f"{value:+.1%}" if kind == "below the cold eval" else f"{value:,.4g}"
