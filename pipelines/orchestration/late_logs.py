"""Nights whose logs were not there at `night.at`: run when they are, or when the wait is over.

The schedule leaves a note, a small file, and the sensor looks at notes: where there is none, that is all it does. So a
night begins as soon as its logs are there, no run sits and waits, and a schedule that is off leaves nothing to wait for.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg

from pipelines import clock
from pipelines.data_directory import appearing_whole, private_directory
from pipelines.errors import UserError
from pipelines.feature import Feature, feature_files
from pipelines.judging.providers import provider_of
from pipelines.logs.sources import log_source
from pipelines.orchestration.jobs import JobKind, job_name

LOOK_SECONDS = 60
SEPARATOR = "."  # between feature and day in a note's name: neither has one


@dataclass(frozen=True)
class LateNight:
    """A night that waits for its logs, and since when."""

    feature: str
    day: date
    since: datetime

    @property
    def note(self) -> Path:
        return private_directory("late_logs") / f"{self.feature}{SEPARATOR}{self.day}"


def wait_for_logs(night: LateNight) -> None:
    """Leave a note that a night waits."""
    with appearing_whole(night.note) as temporary:
        temporary.write_text(night.since.isoformat(), encoding="utf-8")


def late_nights() -> list[LateNight]:
    """The nights that wait, by feature and day."""
    nights = []
    for note in sorted(private_directory("late_logs").glob("[!.]*")):  # one that is being written begins with a dot
        feature, _, day = note.name.partition(SEPARATOR)
        nights.append(LateNight(feature, date.fromisoformat(day), datetime.fromisoformat(note.read_text())))
    return nights


def night_kind(feature: Feature) -> JobKind:
    """The job of a night. Where verdicts come home later, it submits and ends; the history follows when they are there."""
    return JobKind.SUBMIT if provider_of(feature).collects(feature) else JobKind.NIGHT


def night_request(feature: Feature, day: date) -> dg.RunRequest:
    """One run for one night, however often it is asked for."""
    return dg.RunRequest(
        run_key=f"{feature.name}-night-{day}",
        job_name=job_name(feature, night_kind(feature)),
        partition_key=day.isoformat(),
    )


def late_logs_sensor(features: Sequence[Feature], jobs: dg.Definitions) -> dg.SensorDefinition:
    """Run nights that waited for their logs; one sensor for all features."""
    by_name = {feature.name: feature for feature in features}
    asked_for = {job_name(feature, night_kind(feature)) for feature in features}

    @dg.sensor(
        name="late_logs",
        jobs=[job for job in jobs.jobs or () if job.name in asked_for],
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Nights whose logs were late, when they have come or the wait is over.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        launched = set((context.cursor or "").split())  # asked for by the last tick
        requests, waiting = [], []
        for night in late_nights():
            feature = by_name.get(night.feature)
            if night.note.name in launched or _is_void(night, feature):
                night.note.unlink(missing_ok=True)
                continue
            if feature is None:
                waiting.append(f"{night.feature} for its file to be mended")
                continue
            is_over = clock.now() - night.since >= timedelta(hours=feature.night.wait_hours)
            if is_over or have_come(feature, night.day, context.log):
                requests.append((night.note.name, night_request(feature, night.day)))
            else:
                waiting.append(f"{night.feature} for the logs of {night.day}")
        if not requests:
            return dg.SkipReason(f"waiting: {', '.join(waiting)}" if waiting else "no night waits for its logs")
        return dg.SensorResult([request for _, request in requests], cursor=" ".join(name for name, _ in requests))

    return sensor


def _is_void(night: LateNight, feature: Feature | None) -> bool:
    """Whether a night is none any more: its feature has no file, or begins on a later day. `feature` is None where there
    is no file, and where it cannot be loaded now."""
    return night.feature not in feature_files() if feature is None else night.day < feature.start


def have_come(feature: Feature, day: date, log: logging.Logger) -> bool:
    """Whether a day's logs are there. Where that cannot be known now, they are not yet; other features' nights go on."""
    try:
        return log_source(feature).is_ready(day)
    except UserError as error:
        log.warning(f"{feature.name}: {error}")
        return False
