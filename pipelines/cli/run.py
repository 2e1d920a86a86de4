"""`prod-evals run`: nights through Dagster, with progress, and what became of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import click
from rich.text import Text

from pipelines import lake
from pipelines.cli import terminal
from pipelines.duckdb_rows import dict_rows
from pipelines.errors import UserError
from pipelines.feature import Feature, feature_files, features_directory, find_feature, load_feature
from pipelines.judging.judge import ItemKind
from pipelines.judging.judges import judge_label

DECISION_STYLES = {"advance": "bold green", "hold": "bold yellow", "roll_back": "bold red"}


def run_nights(name: str | None, first: date | None, last: date | None, jobs: int) -> int:
    """Run the days of one feature, or of all; returns the exit code: 1 when anything failed."""
    features, broken = ([find_feature(name)], []) if name else every_feature()
    failed = bool(broken)
    for error in broken:
        terminal.error(error)
    for feature in features:
        failed |= not run_feature(feature, days_of(feature, first, last), jobs)
    return int(failed)


def run_feature(feature: Feature, days: Sequence[date], jobs: int) -> bool:
    """Run a feature's days and its history, and print what became of them. Returns whether all succeeded."""
    from pipelines.orchestration.command_line_runs import (
        collect_days,
        open_instance,
        run_days,
        run_history,
        run_night,
        waiting_for,
    )

    with open_instance(), terminal.progress(len(days) + 1, feature.name) as steps:
        if len(days) == 1:
            steps.begin(f"{feature.name} {days[0]}")
            of_day, history = run_night(feature, days[0], lambda: steps.begin(f"{feature.name} history"), steps.at)
            made = [{days[0]: of_day}]
        else:
            made = [run_days(feature, days, lambda day: steps.begin(f"{feature.name} {day}"), steps.at, jobs)]
            steps.begin(f"{feature.name} history")
            history = run_history(feature, steps.at)
        if waiting := waiting_for(feature):  # all days are submitted: now one wait serves them all
            until = datetime.now(UTC) + feature.judge.wait  # real time: what is waited for keeps no pinned clock
            steps.more(sum(day is not None for _, day in waiting) + 1)
            made.append(collect_days(feature, until, lambda what: steps.begin(f"{feature.name} {what}"), steps.at))
            steps.begin(f"{feature.name} history")
            history = run_history(feature, steps.at, until)
    show_nights(feature, days)
    if waiting := waiting_for(feature):
        names = {ItemKind.COLD: "the cold eval", ItemKind.ANCHOR: "anchors"}
        terminal.console.print(
            f"Verdicts of {', '.join(names.get(kind, str(day)) for kind, day in waiting)} are still on their way after "
            f"{feature.judge.wait}; `prod-evals run` again, or `make dev`, collects them when their batch has ended.",
            markup=False,
        )
    ended = [(day, outcome) for outcomes in made for day, outcome in outcomes.items()]
    failures = [(str(day), *failure) for day, outcome in ended for failure in outcome.failures]
    failures += [("history", *failure) for failure in history.failures]
    for when, step, message in failures:
        terminal.error(f"{feature.name} {when}: {step}: {message}")
    return not failures


def days_of(feature: Feature, first: date | None, last: date | None) -> list[date]:
    """The days asked for; the latest complete day by default. Raises click.UsageError for days that cannot be run."""
    latest = feature.latest_complete_day()
    if latest < feature.start:
        raise UserError(
            f"{feature.name} starts on {feature.start}, and the latest complete day is {latest}: nothing to run yet"
        )
    first, last = first or latest, last or latest
    if first < feature.start:
        raise click.UsageError(f"{feature.name} starts on {feature.start}; {first} is before it")
    if last > latest:
        raise click.UsageError(f"{last} is not over yet in {feature.timezone}; the latest complete day is {latest}")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def show_nights(feature: Feature, days: Sequence[date]) -> None:
    """Print the nights' table and the decision that the newest of them leads to."""
    with lake.unchanging(feature.name), lake.connect() as connection:
        tables = ("gate_decisions", "funnel", "divergence")
        lake.read(connection, *tables, since=min(days), until=max(days), feature=feature.name)
        nights = dict_rows(lake.run(connection, "publishing/night_outcomes"))
    shown = [night for night in nights if night["day"] in set(days)]
    terminal.table(
        f"{feature.name}: {len(shown)} night{'' if len(shown) == 1 else 's'}, scores by {judge_label(feature)}",
        (
            "day",
            "stage",
            "lines",
            "rejected",
            "judged",
            "failed",
            "prod",
            "cold",
            "epoch diff",
            "quality",
            "decision",
            "why",
        ),
        [_row(night) for night in shown],
        numeric=("lines", "rejected", "judged", "failed", "prod", "cold", "epoch diff"),
    )
    if shown:
        newest = shown[-1]
        line = Text.assemble(
            (f"{newest['decision'].replace('_', ' ')}", DECISION_STYLES[newest["decision"]]),
            f" after {newest['day']:%A %d %B %Y}: ",
            terminal.plain(newest["explanation"]),
        )
        terminal.console.print(line)
        terminal.console.print()


def _row(night: dict) -> tuple:
    score = "{:.3f}".format
    number = "{:,}".format
    return (
        f"{night['day']:%a %d %b}",
        night["stage"],
        *(
            None if night[column] is None else number(night[column])
            for column in ("lines", "rejected", "scored", "failed")
        ),
        *(None if night[column] is None else score(night[column]) for column in ("night_mean", "baseline_mean")),
        None if night["epoch_difference"] is None else f"{night['epoch_difference']:+.1%}",
        night["verdict"],
        Text(night["decision"].replace("_", " "), style=DECISION_STYLES[night["decision"]]),
        ", ".join(night["reason_codes"]),
    )


def every_feature() -> tuple[list[Feature], list[UserError]]:
    features, broken = [], []
    for path in feature_files().values():
        try:
            features.append(load_feature(path))
        except UserError as error:
            broken.append(error)
    if not features and not broken:
        raise UserError(
            f"no feature files in {features_directory()}. Run `prod-evals demo`, or copy features/_example.yaml there"
        )
    return features, broken
