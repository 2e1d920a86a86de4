"""What every asset shares: its key, group, description and partitions, how it fails, and what it shows."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.catalogue import tables as catalogue
from pipelines.data_directory import lock
from pipelines.errors import UserError
from pipelines.feature import Feature
from pipelines.lake.misfits import telling_misfits

PARTITION = "dagster/partition"  # the tag of a run of one day, which is Dagster's own
FEATURE = "prod-evals/feature"  # the tag of a run of one feature's jobs
PUBLISHED = dg.AssetKey(["published"])  # what is made once for all features
WAIT_UNTIL = "prod-evals/wait-until"  # the tag of a run that waits for verdicts
LISTED_AT = "listed_at"  # when a history asset looked at the lake: what appeared later, it has not seen


@dataclass(frozen=True)
class Shown:
    """What a person sees of one table that an asset made.

    `rows` are the rows written; `table` is Markdown; `numbers` become time-series in the UI; `checks` are the results,
    by name, of the checks that the asset declares: whether it passed, and what there is to say.
    """

    rows: int
    table: str = ""
    numbers: Mapping[str, int | float | None] = field(default_factory=dict)
    checks: Mapping[str, tuple[bool, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A check of a table. A blocking one stops the night on broken data; the others warn."""

    name: str
    description: str
    blocking: bool = False


MakeDay = Callable[..., Mapping[str, Shown]]  # of a connection, a feature, a day and, where a stage waits, how long
MakeHistory = Callable[..., Mapping[str, Shown]]


def asset_key(feature_name: str, table: str) -> dg.AssetKey:
    return dg.AssetKey([feature_name, table])


def daily_partitions(feature: Feature) -> dg.DailyPartitionsDefinition:
    """The feature's days from `start`, in its own time zone; a day is there once it is over."""
    return dg.DailyPartitionsDefinition(start_date=feature.start.isoformat(), timezone=feature.timezone)


def waiting_until(moment: datetime) -> dict[str, str]:
    """The tags of a run that waits for verdicts until a moment; a run without them submits, and does not wait."""
    return {WAIT_UNTIL: moment.astimezone(UTC).isoformat(timespec="seconds")}


def wait_left(tags: Mapping[str, str]) -> timedelta:
    """How much longer a run with these tags may wait. Real time: what is waited for keeps no pinned clock."""
    if WAIT_UNTIL not in tags:
        return timedelta()
    return max(timedelta(), datetime.fromisoformat(tags[WAIT_UNTIL]) - datetime.now(UTC))


def day_asset(
    feature: Feature,
    tables: Sequence[str],
    make: MakeDay,
    *,
    deps: Sequence[str] = (),
    kinds: set[str],
    checks: Sequence[Check] = (),
    waits: bool = False,
) -> dg.AssetsDefinition:
    """Tables of one day, made together by `make(connection, feature, day)` from that day alone.

    Two runs of one day take turns, asset by asset; other days go on. A stage that `waits` is told how long it may, as
    `wait`: what its run was started with.
    """

    def compute(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        day = date.fromisoformat(context.partition_key)
        more = {"wait": wait_left(context.run.tags)} if waits else {}
        with lock(f"{feature.name}-{day}"):
            yield from _results(
                feature,
                "dagster/partition_row_count",
                checks,
                lambda connection: make(connection, feature, day, **more),
            )

    return _asset(feature, tables, compute, deps, kinds, checks, daily_partitions(feature))


def cold_asset(
    feature: Feature,
    tables: Sequence[str],
    make: MakeHistory,
    *,
    deps: Sequence[str] = (),
    kinds: set[str],
    checks: Sequence[Check] = (),
    waits: bool = False,
) -> dg.AssetsDefinition:
    """Tables of the cold eval as it is now, made by `make(connection, feature)`; `waits` as for a day's.

    They are named by the hash of the items, so that two processes at once write the same. Judging them may take long,
    so nobody waits for it; nor does the run of a day, whose steps take turns: it submits them, and then its day, and
    waits for that alone.
    """

    def compute(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        more: dict[str, timedelta] = {}
        if waits:
            more["wait"] = timedelta() if PARTITION in context.run.tags else wait_left(context.run.tags)
        yield from _results(feature, "dagster/row_count", checks, lambda connection: make(connection, feature, **more))

    return _asset(feature, tables, compute, deps, kinds, checks, None)


def history_asset(
    feature: Feature,
    tables: Sequence[str],
    make: MakeHistory,
    *,
    deps: Sequence[str] = (),
    kinds: set[str],
    checks: Sequence[Check] = (),
) -> dg.AssetsDefinition:
    """Tables of the whole history, made by `make(connection, feature)` from all day tables there are.

    Only one process at a time makes history: of two that list, compute and write at once, the one that listed first
    could write last, and lose the days that the other had seen.
    """

    def make_alone(connection: duckdb.DuckDBPyConnection, feature: Feature) -> Mapping[str, Shown]:
        with lake.unchanging(feature.name):
            return make(connection, feature)

    return cold_asset(feature, tables, make_alone, deps=deps, kinds=kinds, checks=checks)


def broken_feature_asset(name: str, error: UserError) -> dg.AssetsDefinition:
    """What stands in for a feature whose file is wrong: an asset that fails with what is wrong."""

    @dg.asset(key=asset_key(name, "feature_file"), group_name=name, description=f"Cannot be loaded.\n\n{error}")
    def feature_file() -> None:
        raise dg.Failure(str(error), allow_retries=False)

    return feature_file


def markdown(headers: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """A Markdown table. Cells may come from logs, so nothing in them is markup."""
    lines = ["| " + " | ".join(headers) + " |", "|" + " --- |" * len(headers)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _asset(
    feature: Feature,
    tables: Sequence[str],
    compute: Callable,
    deps: Sequence[str],
    kinds: set[str],
    checks: Sequence[Check],
    partitions: dg.PartitionsDefinition | None,
) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            asset_key(feature.name, table),
            deps=[asset_key(feature.name, dep) for dep in deps],
            description=_description(table),
            group_name=feature.name,
            kinds=kinds,
            partitions_def=partitions,
        )
        for table in tables
    ]
    check_specs = [
        dg.AssetCheckSpec(check.name, asset=specs[0].key, description=check.description, blocking=check.blocking)
        for check in checks
    ]
    return dg.multi_asset(name=f"{feature.name}__{tables[0]}", specs=specs, check_specs=check_specs)(compute)


def _results(
    feature: Feature,
    row_count: str,
    checks: Sequence[Check],
    make: Callable[[duckdb.DuckDBPyConnection], Mapping[str, Shown]],
) -> list[dg.MaterializeResult]:
    """Run `make` on a connection of its own. A user's mistake fails the step with its message alone."""
    levels = dg.AssetCheckSeverity
    severity = {check.name: levels.ERROR if check.blocking else levels.WARN for check in checks}
    listed_at = time.time()
    try:
        with telling_misfits(), lake.connect() as connection:
            made = make(connection)
    except UserError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    results: list[dg.MaterializeResult] = []
    for table, shown in made.items():
        metadata: dict[str, Any] = {row_count: shown.rows, LISTED_AT: dg.MetadataValue.timestamp(listed_at)}
        if shown.table:
            metadata["table"] = dg.MetadataValue.md(shown.table)
        metadata |= {str(name): value for name, value in shown.numbers.items() if value is not None}
        results.append(
            dg.MaterializeResult(
                asset_key=asset_key(feature.name, table),
                metadata=metadata,
                check_results=[
                    dg.AssetCheckResult(passed=passed, check_name=name, description=text, severity=severity[name])
                    for name, (passed, text) in shown.checks.items()
                ],
            )
        )
    return results


@cache
def _description(table: str) -> str:
    """The table's comment in its declaration: one text for the graph and for who reads the published file."""
    return catalogue.comments(catalogue.folders()[table].table)[0]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = " ".join(str(value)[:200].split())
    for character in "\\|`*_<>[]":
        text = text.replace(character, "\\" + character)
    return text
