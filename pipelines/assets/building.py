"""What every asset shares: its key, group, tags, schema and partitions, how it fails, and what it shows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.made_by import made_by
from pipelines.catalogue import tables as catalogue
from pipelines.catalogue.tables import Layer
from pipelines.data_directory import lock
from pipelines.errors import UserError
from pipelines.feature import Feature
from pipelines.judging.providers import provider_of
from pipelines.judging.ruler import digest
from pipelines.lake.misfits import telling_misfits

PARTITION = "dagster/partition"  # the tag of a run of one day, which is Dagster's own
FEATURE = "prod-evals/feature"  # the tag of one feature's assets, and of a run of one feature's jobs
PUBLISHED = dg.AssetKey(["published"])  # what is made once for all features
WAIT_UNTIL = "prod-evals/wait-until"  # the tag of a run that waits for verdicts
DATA_VERSION = "dagster/data_version"  # the tag of a version that an asset gives itself
SOON_AFTER = timedelta(minutes=30)
DAYS_A_RUN = 5  # of a backfill: beginning a run takes as long as a few days of rules or of batches that are submitted


@dataclass(frozen=True)
class Shown:
    """What a person sees of one table that an asset made.

    `rows` are the rows written; `table` is Markdown; `numbers` become time-series in the UI; `checks` are the results,
    by name, of the checks that the asset declares, each as in `Checked`.
    """

    rows: int
    table: str = ""
    numbers: Mapping[str, int | float | None] = field(default_factory=dict)
    checks: Mapping[str, "CheckedTuple"] = field(default_factory=dict)


Numbers = Mapping[str, int | float]
CheckedTuple = tuple[bool, str] | tuple[bool, str, Numbers]


class Checked(NamedTuple):
    """Whether a check passed, what there is to say, and the numbers that it went by, where they are not the table's own.

    Both are shown with the result, and become time-series."""

    passed: bool
    text: str
    numbers: Numbers = MappingProxyType({})


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


def group(layer: Layer) -> str:
    """The group that assets of a layer are in, which is what jobs select by."""
    return layer.value.replace(" ", "_")


def keys_of(assets: Iterable[object], *layers: Layer) -> list[dg.AssetKey]:
    """The tables of some layers among assets."""
    groups = {group(layer) for layer in layers}
    definitions = (asset for asset in assets if isinstance(asset, dg.AssetsDefinition))
    return [spec.key for asset in definitions for spec in asset.specs if spec.group_name in groups]


def daily_partitions(feature: Feature) -> dg.DailyPartitionsDefinition:
    """The feature's days from `start`, in its own time zone; a day is there once it is over."""
    return dg.DailyPartitionsDefinition(start_date=feature.start.isoformat(), timezone=feature.timezone)


def every_day_by(feature: Feature, at: time) -> dg.FreshnessPolicy:
    """That a table is made every day by an hour, or soon after: what Dagster's UI shows as late when nothing runs."""
    deadline = datetime.combine(date.min, at) + SOON_AFTER
    return dg.FreshnessPolicy.cron(
        f"{deadline.minute} {deadline.hour} * * *", lower_bound_delta=SOON_AFTER, timezone=feature.timezone
    )


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

    Two runs of one day take turns, asset by asset; other days go on. That is a lock of files and no pool of Dagster's: a
    pool belongs to an asset and not to one of its days, and the command line runs beside the daemon. A stage that
    `waits` is told how long it may, as `wait`: what its run was started with.

    A backfill may give a run several days. They are made one after the other, each written whole; a day that fails keeps
    none of the others from being made, and then the run fails, naming the days that it has not made.
    """

    def made(context: dg.AssetExecutionContext, day: date) -> list[Made]:
        wait_argument = {"wait": wait_left(context.run.tags)} if waits else {}
        with lock(f"{feature.name}-{day}"):
            return _made(feature, tables, lambda connection: make(connection, feature, day, **wait_argument), day=day)

    def compute(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        days = [date.fromisoformat(key) for key in context.partition_keys]
        if len(days) == 1:
            yield from _results(feature, checks, made(context, days[0]))
        else:
            yield from _results_of_days(context, feature, checks, days, lambda day: made(context, day))

    days_a_run = 1 if provider_of(feature).pays_twice(feature) else DAYS_A_RUN  # a day that is asked live takes long
    return _asset(
        feature,
        tables,
        make,
        compute,
        deps,
        kinds,
        checks,
        partitions=daily_partitions(feature),
        backfills=dg.BackfillPolicy.multi_run(max_partitions_per_run=days_a_run),
    )


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
        wait_argument: dict[str, timedelta] = {}
        if waits:
            wait_argument["wait"] = timedelta() if PARTITION in context.run.tags else wait_left(context.run.tags)
        yield from _results(
            feature, checks, _made(feature, tables, lambda connection: make(connection, feature, **wait_argument))
        )

    return _asset(feature, tables, make, compute, deps, kinds, checks)


def history_asset(
    feature: Feature,
    tables: Sequence[str],
    make: MakeHistory,
    *,
    deps: Sequence[str] = (),
    kinds: set[str],
    checks: Sequence[Check] = (),
    freshness: dg.FreshnessPolicy | None = None,
) -> dg.AssetsDefinition:
    """Tables of the whole history, made by `make(connection, feature)` from all day tables there are.

    Only one process at a time makes history: of two that list, compute and write at once, the one that listed first
    could write last, and lose the days that the other had seen. The lock of files sees to that, whoever runs: the command
    line beside the daemon takes it too, and it ends with its process. The pool is for the daemon alone: runs that begin
    with history wait in its queue, and not in the place of a run that could work.
    """

    def compute(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with lake.unchanging(feature.name):
            made = _made(feature, tables, lambda connection: make(connection, feature))
        yield from _results(feature, checks, made)

    return _asset(
        feature, tables, make, compute, deps, kinds, checks, pool=f"{feature.name}_history", freshness=freshness
    )


def markdown(headers: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """A Markdown table. Cells may come from logs, so nothing in them is markup."""
    lines = ["| " + " | ".join(headers) + " |", "|" + " --- |" * len(headers)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


@dataclass(frozen=True)
class Made:
    """A table that was made: what is shown of it, and its version, which tells its rows from those before."""

    table: str
    shown: Shown
    row_count: str
    version: str

    @property
    def numbers(self) -> dict[str, int | float]:
        return {str(name): value for name, value in self.shown.numbers.items() if value is not None}

    @property
    def metadata(self) -> dict[str, Any]:
        table = {"table": dg.MetadataValue.md(self.shown.table)} if self.shown.table else {}
        return {self.row_count: self.shown.rows, **table, **self.numbers}


def _asset(
    feature: Feature,
    tables: Sequence[str],
    make: Callable,
    compute: Callable,
    deps: Sequence[str],
    kinds: set[str],
    checks: Sequence[Check],
    partitions: dg.PartitionsDefinition | None = None,
    backfills: dg.BackfillPolicy | None = None,
    pool: str | None = None,
    freshness: dg.FreshnessPolicy | None = None,
) -> dg.AssetsDefinition:
    made_of = made_by(make, tables)
    specs = [
        dg.AssetSpec(
            asset_key(feature.name, table),
            deps=[asset_key(feature.name, dep) for dep in deps],
            description=catalogue.comments(catalogue.folders()[table].table)[0],
            metadata={"dagster/column_schema": _schema(table), "dagster/code_references": made_of.references},
            group_name=group(catalogue.folders()[table].layer),
            code_version=made_of.version,
            tags={FEATURE: feature.name},
            owners=feature.owners,
            kinds=kinds,
            partitions_def=partitions,
            freshness_policy=freshness,
        )
        for table in tables
    ]
    check_specs = [
        dg.AssetCheckSpec(check.name, asset=specs[0].key, description=check.description, blocking=check.blocking)
        for check in checks
    ]
    name = f"{feature.name}__{tables[0]}"
    definition = dg.multi_asset(name=name, specs=specs, check_specs=check_specs, backfill_policy=backfills, pool=pool)
    return definition(compute)


def _made(
    feature: Feature,
    tables: Sequence[str],
    make: Callable[[duckdb.DuckDBPyConnection], Mapping[str, Shown]],
    **keys: date,
) -> list[Made]:
    """Run `make` on a connection of its own. A user's mistake fails the step with its message alone."""
    try:
        with telling_misfits(), lake.connect() as connection:
            shown = make(connection)
    except UserError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    row_count = "dagster/partition_row_count" if keys else "dagster/row_count"
    return [Made(table, shown[table], row_count, _version(feature, table, **keys)) for table in tables]


def _version(feature: Feature, table: str, **keys: Any) -> str:
    """What tells the files of a table from those that stood there before."""
    stored = lake.files(table, feature=feature.name, **keys)
    return digest([[file.key, file.version] for file in stored])


def _results(feature: Feature, checks: Sequence[Check], made: Sequence[Made]) -> Iterator[dg.MaterializeResult]:
    levels = dg.AssetCheckSeverity
    severity = {check.name: levels.ERROR if check.blocking else levels.WARN for check in checks}
    for table in made:
        yield dg.MaterializeResult(
            asset_key=asset_key(feature.name, table.table),
            metadata=table.metadata,
            data_version=dg.DataVersion(table.version),
            check_results=[
                dg.AssetCheckResult(
                    passed=passed,
                    check_name=name,
                    description=text,
                    severity=severity[name],
                    metadata={"rows": table.shown.rows, **table.numbers, **numbers},
                )
                for name, (passed, text, numbers) in _checked(table.shown).items()
            ],
        )


def _checked(shown: Shown) -> dict[str, Checked]:
    return {name: Checked(*result) for name, result in shown.checks.items()}


def _results_of_days(
    context: dg.AssetExecutionContext,
    feature: Feature,
    checks: Sequence[Check],
    days: Sequence[date],
    make: Callable[[date], list[Made]],
) -> Iterator[dg.MaterializeResult]:
    """Make several days, one after the other, and say of each what has been made of it.

    Dagster takes one result of a step for all of its days. So when one of them has failed, the others are reported each by
    itself, and the step fails; the sensor `after_days` then has what is missing made day by day.
    """
    blocking = {check.name for check in checks if check.blocking}
    made_on: dict[date, list[Made]] = {}
    failures: dict[date, str] = {}
    for day in days:
        try:
            made = make(day)
        except dg.Failure as failure:
            failures[day] = failure.description or "it failed without saying why"
        except Exception as error:  # whatever it was, it is this day's
            context.log.exception(f"{day} failed")
            failures[day] = f"{type(error).__name__}: {error}"
        else:
            for name, result in ((name, result) for table in made for name, result in _checked(table.shown).items()):
                if name in blocking and not result.passed:
                    failures[day] = f"{name}: {result.text}"
            made_on[day] = made
    if failures:
        for day, made in made_on.items():
            for table in made if day not in failures else ():
                context.log_event(
                    dg.AssetMaterialization(
                        asset_key(feature.name, table.table),
                        partition=str(day),
                        metadata=table.metadata,
                        tags={DATA_VERSION: table.version},
                    )
                )
        raise dg.Failure(
            "\n".join(f"{day}: {failure}" for day, failure in failures.items()),
            metadata={"days that failed": len(failures), "days made": len(days) - len(failures)},
            allow_retries=False,
        )
    for day, made in made_on.items():
        for table in made:
            context.add_asset_metadata(table.metadata, asset_key(feature.name, table.table), str(day))
    yield from _results(feature, checks, _together(list(made_on.values())))


def _together(made_by_day: Sequence[Sequence[Made]]) -> list[Made]:
    """The tables of several days as one result of each: a check passes when it does on every day."""
    together = []
    for of_table in zip(*made_by_day, strict=True):
        checked = [_checked(made.shown) for made in of_table]
        checks = {name: _all_passed([results[name] for results in checked]) for name in checked[0]}
        rows = sum(made.shown.rows for made in of_table)
        version = digest([made.version for made in of_table])
        together.append(Made(of_table[0].table, Shown(rows, checks=checks), "rows of all days", version))
    return together


def _all_passed(results: Sequence[Checked]) -> Checked:
    failed = [result.text for result in results if not result.passed]
    numbers: dict[str, int | float] = {"days": len(results), "days that failed": len(failed)}
    for result in results:
        for name, number in result.numbers.items():
            numbers[name] = numbers.get(name, 0) + number
    return Checked(not failed, "; ".join(failed) or f"on each of {len(results)} days", numbers)


@cache
def _schema(table: str) -> dg.TableSchema:
    """The table's columns as its declaration says them: names, types, comments."""
    declared = catalogue.declared()[catalogue.folders()[table].table]
    return dg.TableSchema(
        [dg.TableColumn(name, type_, description=comment) for name, (type_, comment) in declared.columns.items()]
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = " ".join(str(value)[:200].split())
    for character in "\\|`*_<>[]":
        text = text.replace(character, "\\" + character)
    return text
