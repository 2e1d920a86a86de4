"""When a feature's assets run: the jobs, the nightly and the deciding schedule, and what follows a backfill."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition as AssetJob,  # what define_asset_job gives, which has no public name
)

from pipelines import clock
from pipelines.assets.building import FEATURE, LISTED_AT, PARTITION, PUBLISHED, asset_key, waiting_until
from pipelines.catalogue.tables import Layer, of_layer
from pipelines.data_directory import LockHeld
from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.judge import ItemKind
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers import provider_of
from pipelines.judging.ruler import digest
from pipelines.logs.files import logs_are_there
from pipelines.publishing.database import publishing_lock
from pipelines.publishing.publisher import waited, waiting

DAY_TABLES = of_layer(Layer.DAY)
JUDGED_TABLES = ("judgments", "judge_votes", "funnel", "night_summary")

COLLECT_SECONDS = 60  # how often the API is asked about batches that are under way
RETRY_MINUTES = 10  # after which a collection that failed is tried again
REQUEST_SECONDS = 60  # after which a request to publish that nobody serves has been left by one who was killed
TICK_MINUTES = 10  # how often the nightly schedule looks for logs that are late
ACTIVE = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def cold_tables(feature: Feature) -> tuple[str, ...]:
    """A feature without a cold eval has none of its tables; anchors are for a judge that can drift."""
    if feature.baseline is None:
        return ()
    return tuple(table for table in of_layer(Layer.COLD_EVAL) if table != "anchor_judgments" or feature.has_anchors)


def history_tables(feature: Feature) -> tuple[str, ...]:
    """A feature without human labels has nothing to set beside the judge."""
    made = (table for table in of_layer(Layer.HISTORY) if table != "calibration" or feature.human_labels)
    return ("stage_history", *made, "gate_log")


def night_job(feature: Feature) -> AssetJob:
    """A whole night: one day, then the history."""
    tables = (*DAY_TABLES, *cold_tables(feature), *history_tables(feature))
    return _job(feature, "night", tables, "One day, then the history.", publishes=True)


def day_job(feature: Feature) -> AssetJob:
    """One day alone, as runs of many days use it before they make the history once."""
    return _job(feature, "day", DAY_TABLES, "One day's tables alone.")


def collect_job(feature: Feature) -> AssetJob:
    """One day's verdicts again, when a batch has ended: what has come, and what had to be asked once more."""
    return _job(feature, "collect", JUDGED_TABLES, "One day's verdicts, collected from batches that have ended.")


def history_job(feature: Feature) -> AssetJob:
    """The history from all days there are, by the cold eval as it is now."""
    tables = (*cold_tables(feature), *history_tables(feature))
    return _job(feature, "history", tables, "The cold eval and the history, after a backfill.", publishes=True)


def decide_job(feature: Feature) -> AssetJob:
    """The history alone: it needs neither logs nor cold eval nor judge: nothing of theirs can keep it from deciding."""
    tables = history_tables(feature)
    description = "The history alone: a decision whatever happened to the night."
    return _job(feature, "decide", tables, description, publishes=True)


def publishing_job() -> AssetJob:
    """What is published of all features, alone."""
    return dg.define_asset_job(
        "publishing",
        selection=dg.AssetSelection.assets(PUBLISHED),
        description="The DuckDB file and the pages of all features, from what there is.",
        executor_def=dg.in_process_executor,
    )


def job_name(feature: Feature, kind: str) -> str:
    return f"{feature.name}_{kind}"


def nightly_schedule(feature: Feature) -> dg.ScheduleDefinition:
    """Run the last complete day at `night.at`, or as soon after as its logs are there, at most `wait_hours` later.

    Then it runs whatever is there: logs that are missing are an error of that run, which names the path.
    """
    begin = feature.night.at
    ticks = int(feature.night.wait_hours * 60) // TICK_MINUTES

    def launch(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        tick = context.scheduled_execution_time.astimezone(feature.zone)
        day, waited = night_of(feature, tick)
        if day < feature.start:
            return dg.SkipReason(f"{feature.name} starts on {feature.start}; {day} is before it")
        if waited < timedelta(minutes=ticks * TICK_MINUTES) and not logs_are_there(feature, day):
            return dg.SkipReason(f"waiting for the logs of {day}, at most {feature.night.wait_hours:g} h")
        until = waiting_until(tick + feature.judge.wait)
        return dg.RunRequest(run_key=f"night-{day}", partition_key=day.isoformat(), tags=until)

    return dg.ScheduleDefinition(
        name=f"{feature.name}_nightly",
        job_name=job_name(feature, "night"),
        cron_schedule=_crons(begin.hour * 60 + begin.minute, ticks),
        execution_timezone=feature.timezone,
        execution_fn=launch,
        default_status=_status(feature),
        description=f"Every night at {begin:%H:%M} {feature.timezone}, "
        f"waiting up to {feature.night.wait_hours:g} h for logs.",
    )


def deciding_schedule(feature: Feature) -> dg.ScheduleDefinition:
    """Decide at `night.decide_by`, whatever happened to the night: a night that failed is then a hold."""
    at = feature.night.decide_by
    return dg.ScheduleDefinition(
        name=f"{feature.name}_deciding",
        job_name=job_name(feature, "decide"),
        cron_schedule=f"{at.minute} {at.hour} * * *",
        execution_timezone=feature.timezone,
        default_status=_status(feature),
        description=f"Every day at {at:%H:%M} {feature.timezone}: a decision whatever happened to the night.",
    )


def history_sensor(feature: Feature) -> dg.SensorDefinition:
    """Make the history again when days have been made that it has not seen, and no more of them are on their way.

    A backfill of day tables has no history in its runs, and one of its days may fail, which would skip what is below
    it; a night that made its own history needs no other.
    """

    @dg.sensor(
        name=f"{feature.name}_history_after_days",
        job_name=job_name(feature, "history"),
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="The history again, after a backfill or a day that was run alone.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        newest = max((event.timestamp for event in _latest(context.instance, feature, DAY_TABLES)), default=0.0)
        seen = max((_listed_at(event) for event in _latest(context.instance, feature, ("nights",))), default=0.0)
        if newest <= seen:
            return dg.SkipReason("the history has seen every day there is")
        if any(_concerns(run, feature) for run in context.instance.get_runs(dg.RunsFilter(statuses=ACTIVE))):
            return dg.SkipReason("more days are on their way")
        return dg.RunRequest(run_key=f"history-{newest}")

    return sensor


def collecting_sensor(feature: Feature, collect: AssetJob, history: AssetJob) -> dg.SensorDefinition:
    """Make tables with pending judgments again when a batch has ended, by the two jobs that make them.

    Runs wait for a while at most, and backfills not at all: this is how their verdicts come home, after hours or after
    a restart.
    """

    @dg.sensor(
        name=f"{feature.name}_collecting",
        jobs=[collect, history],
        minimum_interval_seconds=COLLECT_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Verdicts that were pending, once their batch has ended; the history follows.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        with Ledger() as ledger:
            book = BatchBook(ledger)
            waiting = book.waiting(feature.name)
            under_way = {batch.intent_id: batch for batch in book.open_batches()}
        if not waiting:
            return dg.SkipReason("no judgment is pending")
        awaited = set().union(*waiting.values()) & under_way.keys()
        batches = [under_way[intent_id] for intent_id in sorted(awaited)]
        still = awaited.difference(provider_of(feature).ended(feature, batches))
        due = {table: sorted(intents - still) for table, intents in waiting.items() if intents - still}
        if not due:
            return dg.SkipReason(f"{len(still)} batches are under way, and none has ended")
        being_made = _being_made(context.instance, feature)
        # the same batches give the same key, so that they are collected once; in a while again, should that have failed
        moment = int(clock.now().timestamp()) // (60 * RETRY_MINUTES)
        days = [
            dg.RunRequest(
                run_key=f"{day}-{digest([intents, moment])}",
                job_name=job_name(feature, "collect"),
                partition_key=day.isoformat(),
            )
            for (kind, day), intents in due.items()
            if kind is ItemKind.PROD and day is not None and day.isoformat() not in being_made
        ]
        others = [intents for (kind, _), intents in due.items() if kind is not ItemKind.PROD]
        cold = dg.RunRequest(run_key=f"cold-{digest([others, moment])}", job_name=job_name(feature, "history"))
        requests = days + ([cold] if others and None not in being_made else [])
        return requests or dg.SkipReason("batches have ended, and runs are under way that collect them")

    return sensor


def publishing_sensor(job: AssetJob) -> dg.SensorDefinition:
    """Serve requests to publish that were left by a run that was killed, one sensor for all features."""

    @dg.sensor(
        name="publishing",
        job=job,
        minimum_interval_seconds=REQUEST_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="What is published, when a run that was to publish it was killed.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        left = [request for request in waiting() if waited(request) > REQUEST_SECONDS]
        if not left:
            return dg.SkipReason("nobody waits to be published")
        try:
            with publishing_lock().acquire(blocking=False):
                pass  # who tried it in between has left a request as well, for the run that is asked for here
        except LockHeld:
            return dg.SkipReason("somebody is publishing, and will look again")
        # the same request gives the same key, so that it is served once; in a while again, should that have failed
        moment = int(clock.now().timestamp()) // (60 * RETRY_MINUTES)
        return dg.RunRequest(run_key=f"{left[0]}-{moment}")

    return sensor


def night_of(feature: Feature, tick: datetime) -> tuple[date, timedelta]:
    """The day that a tick of the nightly schedule is for, and how long after `night.at` the tick is.

    A tick between midnight and `night.at` belongs to a wait that began the evening before.
    """
    begun = tick.replace(hour=feature.night.at.hour, minute=feature.night.at.minute, second=0, microsecond=0)
    if begun > tick:
        begun -= timedelta(days=1)
    return begun.date() - timedelta(days=1), tick - begun


def _job(feature: Feature, kind: str, tables: tuple[str, ...], description: str, publishes: bool = False) -> AssetJob:
    keys = [asset_key(feature.name, table) for table in tables] + ([PUBLISHED] if publishes else [])
    return dg.define_asset_job(
        job_name(feature, kind),
        selection=dg.AssetSelection.assets(*keys),
        description=description,
        tags={FEATURE: feature.name},
        executor_def=dg.in_process_executor,
    )


def _crons(begin_minute: int, ticks: int) -> list[str]:
    """Cron lines for `begin_minute` of the day and every TICK_MINUTES after it, `ticks` times."""
    minutes_of_hour: dict[int, list[int]] = {}
    for tick in range(ticks + 1):
        hour, minute = divmod((begin_minute + tick * TICK_MINUTES) % (24 * 60), 60)
        minutes_of_hour.setdefault(hour, []).append(minute)
    return [f"{','.join(map(str, sorted(minutes)))} {hour} * * *" for hour, minutes in sorted(minutes_of_hour.items())]


def _status(feature: Feature) -> dg.DefaultScheduleStatus:
    return dg.DefaultScheduleStatus.RUNNING if feature.night.scheduled else dg.DefaultScheduleStatus.STOPPED


def _latest(instance: dg.DagsterInstance, feature: Feature, tables: tuple[str, ...]) -> Iterator[dg.EventLogEntry]:
    for table in tables:
        event = instance.get_latest_materialization_event(asset_key(feature.name, table))
        if event is not None:
            yield event


def _listed_at(event: dg.EventLogEntry) -> float:
    """When the history that was made looked at the lake, in seconds since 1970."""
    made = event.asset_materialization
    assert made is not None, "an event of a table that was made"
    moment = made.metadata[LISTED_AT]
    assert isinstance(moment, dg.TimestampMetadataValue)
    return moment.value


def _being_made(instance: dg.DagsterInstance, feature: Feature) -> set[str | None]:
    """The days that runs are making just now, as partition keys; None among them when one makes the cold tables."""
    found: set[str | None] = set()
    for run in instance.get_runs(dg.RunsFilter(statuses=ACTIVE)):
        if _concerns(run, feature):
            found.add(run.tags.get(PARTITION))
        if run.job_name in (job_name(feature, kind) for kind in ("night", "history")):
            found.add(None)
    return found


def _concerns(run: dg.DagsterRun, feature: Feature) -> bool:
    """Whether a run makes days of the feature: by one of its jobs, or by a selection of its assets."""
    if run.job_name in (job_name(feature, kind) for kind in ("night", "day", "collect")):
        return True
    return any(key.path[0] == feature.name and key.path[-1] in DAY_TABLES for key in run.asset_selection or ())
