"""What follows runs that made days: those that failed among several, each by itself, and then the history, once.

A backfill of day tables has no history in its runs, a day that fails skips what is below it, and verdicts come home after
the run that asked for them. One sensor follows the runs of all features. What it asks at every tick is one thing, which
runs have ended since the last one; all else is asked about the features that those runs were of. Times are the instance's
own, in seconds since 1970: what is followed keeps no pinned clock.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg
from dagster._core.execution.backfill import (  # which have no public names
    BulkActionsFilter,
    BulkActionStatus,
    PartitionBackfill,
)
from dagster._core.storage.dagster_run import RunRecord  # what get_run_records gives, which has none either
from pydantic import BaseModel

from pipelines.assets.building import daily_partitions
from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers import provider_of
from pipelines.orchestration.jobs import MAKES_INPUTS, JobKind, job_name
from pipelines.orchestration.runs import ACTIVE, ENDED, makes_history, makes_inputs, selects_inputs

LOOK_SECONDS = 15
LOOK_BACK_SECONDS = 7 * 24 * 60 * 60  # of the first tick, which has not seen anything yet
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
BACKFILL, WILL_RETRY = "dagster/backfill", "dagster/will_retry"
UNDER_WAY = [BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING]


class Unseen(BaseModel):
    """Days that a history has not seen: when the first and the last of the runs ended that made them."""

    first: float
    last: float


class Cursor(BaseModel):
    """Up to when runs have been followed, what is due by feature, and when the last history of each began."""

    followed: float
    due: dict[str, Unseen] = {}
    begun: dict[str, float] = {}

    def follow(self, record: RunRecord, feature: Feature) -> None:
        """What the end of a run means for a feature's history."""
        run, ended = record.dagster_run, record.end_time or record.update_timestamp.timestamp()
        if makes_history(run, feature) and run.status is dg.DagsterRunStatus.SUCCESS and record.start_time:
            self.history_begins(feature, record.start_time)
        elif makes_inputs(run, feature) and ended > self.begun.get(feature.name, 0.0):
            unseen = self.due.setdefault(feature.name, Unseen(first=ended, last=ended))
            unseen.last = max(unseen.last, ended)

    def history_begins(self, feature: Feature, when: float) -> None:
        """A history sees all days that were made before it began."""
        self.begun[feature.name] = max(when, self.begun.get(feature.name, 0.0))
        if feature.name in self.due and self.due[feature.name].last < when:
            del self.due[feature.name]


def after_days_sensor(features: Sequence[Feature], jobs: dg.Definitions) -> dg.SensorDefinition:
    """Make what has to follow the runs that have ended; one sensor for all features."""
    asked_for = {job_name(feature, kind) for feature in features for kind in (JobKind.DAY, JobKind.HISTORY)}

    @dg.sensor(
        name="after_days",
        jobs=[job for job in jobs.jobs or () if job.name in asked_for],
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="After a backfill, a day that was run alone, or verdicts that came home: days that failed among "
        "several, each by itself, and then the history, once.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        now = time.time()
        cursor = (
            Cursor.model_validate_json(context.cursor) if context.cursor else Cursor(followed=now - LOOK_BACK_SECONDS)
        )
        requests: list[dg.RunRequest] = []
        for record in _ended_since(context.instance, cursor.followed):
            cursor.followed = max(cursor.followed, record.update_timestamp.timestamp())
            for feature in features:
                cursor.follow(record, feature)
                requests += _days_by_themselves(context.instance, record.dagster_run, feature)
        waiting = ["days that failed among others are made by themselves first"] if requests else []
        for feature in features if not requests else ():
            unseen = cursor.due.get(feature.name)
            if unseen is None:
                continue
            reason = _not_yet(context.instance, feature, unseen, now)
            if reason is None:
                requests.append(
                    dg.RunRequest(
                        run_key=f"{feature.name}-history-{unseen.last}",
                        job_name=job_name(feature, JobKind.HISTORY),
                    )
                )
                cursor.history_begins(feature, now)
            else:
                waiting.append(f"{feature.name}: {reason}")
        skipped = None if requests else "; ".join(waiting) or "the history has seen every day there is"
        return dg.SensorResult(requests, cursor=cursor.model_dump_json(), skip_reason=skipped)

    return sensor


def _ended_since(instance: dg.DagsterInstance, moment: float) -> list[RunRecord]:
    """The runs that have ended since a moment, in the order in which they ended."""
    since = dg.RunsFilter(statuses=ENDED, updated_after=datetime.fromtimestamp(moment, UTC))
    return sorted(instance.get_run_records(since), key=lambda record: record.end_time or 0.0)


def _days_by_themselves(instance: dg.DagsterInstance, run: dg.DagsterRun, feature: Feature) -> list[dg.RunRequest]:
    """Requests for each day that a failed run of several has not made whole; of a run that Dagster will retry, none.

    Each then fails or succeeds for itself, under its own name.
    """
    selected = {key for key in run.asset_selection or () if key.path[0] == feature.name}
    is_range = RANGE_START in run.tags and run.tags[RANGE_START] != run.tags[RANGE_END]
    if not (is_range and selected and run.status is dg.DagsterRunStatus.FAILURE):
        return []
    if run.tags.get(WILL_RETRY) == "true":  # what that run does not make, it is asked about in its turn
        return []
    made: dict[str, set[dg.AssetKey]] = {}
    for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
        event = entry.dagster_event
        if event is not None and event.asset_key is not None and event.partition is not None:
            made.setdefault(event.partition, set()).add(event.asset_key)
    # by the feature's days as they are now: one whose `start` is later since then has fewer
    partitions = daily_partitions(feature).get_partition_keys()
    days = [day for day in partitions if run.tags[RANGE_START] <= day <= run.tags[RANGE_END]]
    tags = {BACKFILL: run.tags[BACKFILL]} if BACKFILL in run.tags else {}
    return [
        dg.RunRequest(
            run_key=f"{run.run_id}-{day}",
            job_name=job_name(feature, JobKind.DAY),
            partition_key=day,
            asset_selection=sorted(selected, key=str),
            tags=tags,
        )
        for day in days
        if selected - made.get(day, set())
    ]


def _not_yet(instance: dg.DagsterInstance, feature: Feature, unseen: Unseen, now: float) -> str | None:
    """Why the history is not made now; None when it is."""
    runs = instance.get_runs(dg.RunsFilter(statuses=ACTIVE))
    if any(makes_inputs(run, feature) for run in runs):
        return "more days are on their way"
    if any(makes_history(run, feature) for run in runs):
        return "a history is being made"
    backfills = instance.get_backfills(filters=BulkActionsFilter(statuses=UNDER_WAY))
    if any(_is_of(backfill, feature) for backfill in backfills):
        return "a backfill has days left"
    if provider_of(feature).collects(feature) and now < unseen.first + feature.judge.wait.total_seconds():
        with Ledger() as ledger:
            if BatchBook(ledger).waiting(feature.name):
                return f"verdicts are on their way, and are waited for up to {feature.judge.wait}"
    return None


def _is_of(backfill: PartitionBackfill, feature: Feature) -> bool:
    """Whether a backfill makes days of a feature: of a selection of its assets, or by one of its jobs."""
    if backfill.asset_selection is not None:
        return selects_inputs(backfill.asset_selection, feature)
    return backfill.partition_set_name in {f"{job_name(feature, kind)}_partition_set" for kind in MAKES_INPUTS}
