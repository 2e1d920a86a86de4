"""Verdicts that come home after the run that asked for them: collected when their batch has ended.

A run of the daemon submits and ends, and backfills do not wait either: so their verdicts come home, after minutes, hours
or a restart. One sensor serves all features. It first asks the ledger who waits at all, and then the judge about those
batches alone.
"""

from collections.abc import Sequence
from datetime import date

import dagster as dg

from pipelines.assets.building import PARTITION
from pipelines.errors import UserError
from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.judge import ItemKind
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers import provider_of
from pipelines.judging.ruler import digest
from pipelines.orchestration.jobs import JobKind, job_name
from pipelines.orchestration.runs import ACTIVE, makes_inputs, retry_period

LOOK_SECONDS = 60

Waiting = dict[tuple[ItemKind, date | None], set[str]]  # the intents of batches, by the table that waits for them


def collecting_sensor(features: Sequence[Feature], jobs: dg.Definitions) -> dg.SensorDefinition:
    """Make tables with pending judgments again when a batch has ended; the history follows, by the sensor `after_days`."""
    collecting = [feature for feature in features if provider_of(feature).collects(feature)]
    asked_for = {job_name(feature, kind) for feature in features for kind in (JobKind.COLLECT, JobKind.COLD_EVAL)}

    @dg.sensor(
        name="collecting",
        jobs=[job for job in jobs.jobs or () if job.name in asked_for],
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Verdicts that were pending, once their batch has ended.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        with Ledger() as ledger:
            waits = BatchBook(ledger).who_waits()
        if not waits:
            return dg.SkipReason("no judgment is pending")
        requests, reasons, errors = [], [], []
        for feature in collecting:
            if feature.name in waits:
                try:
                    collected = _collections(context.instance, feature)
                except UserError as mistake:  # of one feature's judge: the others are collected all the same
                    errors.append(mistake)
                else:
                    if isinstance(collected, str):
                        reasons.append(collected)
                    else:
                        requests += collected
        for error in errors:
            context.log.error(str(error))
        if errors and not requests:
            raise errors[0]
        return requests or dg.SkipReason("; ".join(reasons) or "no feature that is here waits for a judgment")

    return sensor


def _collections(instance: dg.DagsterInstance, feature: Feature) -> list[dg.RunRequest] | str:
    """Requests for what a feature waits for and has come; else why there are none."""
    with Ledger() as ledger:
        book = BatchBook(ledger)
        waiting: Waiting = {
            table: intents for table, intents in book.waiting(feature.name).items() if _can_be_made(feature, *table)
        }
        under_way = {batch.intent_id: batch for batch in book.open_batches()}
    awaited = set().union(*waiting.values()) & under_way.keys()
    batches = [under_way[intent_id] for intent_id in sorted(awaited)]
    still = awaited.difference(provider_of(feature).ended(feature, batches))
    due = {table: sorted(intents - still) for table, intents in waiting.items() if intents - still}
    if not due:
        return f"{len(still)} batches are under way, and none has ended"
    being_made = _being_made(instance, feature)
    period = retry_period()
    days = [
        dg.RunRequest(
            run_key=f"{feature.name}-{day}-{digest([intents, period])}",
            job_name=job_name(feature, JobKind.COLLECT),
            partition_key=day.isoformat(),
        )
        for (kind, day), intents in due.items()
        if kind is ItemKind.PROD and day is not None and day.isoformat() not in being_made
    ]
    others = [intents for (kind, _), intents in due.items() if kind is not ItemKind.PROD]
    cold = dg.RunRequest(
        run_key=f"{feature.name}-cold-{digest([others, period])}", job_name=job_name(feature, JobKind.COLD_EVAL)
    )
    requests = days + ([cold] if others and None not in being_made else [])
    return requests or "batches have ended, and runs are under way that collect them"


def _can_be_made(feature: Feature, kind: ItemKind, day: date | None) -> bool:
    """Whether a feature still has what waits: its file may since have lost its baseline, or begin on a later day."""
    if kind is ItemKind.PROD:
        return day is not None and day >= feature.start
    return feature.baseline is not None


def _being_made(instance: dg.DagsterInstance, feature: Feature) -> set[str | None]:
    """The days that runs are making just now, as partition keys; None among them when one makes the cold tables."""
    days_being_made: set[str | None] = set()
    cold = {job_name(feature, kind) for kind in (JobKind.NIGHT, JobKind.SUBMIT, JobKind.HISTORY, JobKind.COLD_EVAL)}
    for run in instance.get_runs(dg.RunsFilter(statuses=ACTIVE)):
        if makes_inputs(run, feature) and PARTITION in run.tags:
            days_being_made.add(run.tags[PARTITION])
        if run.job_name in cold:
            days_being_made.add(None)
    return days_being_made
