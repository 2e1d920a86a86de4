"""When nights run by themselves: once a day at `night.at`, and a decision at `night.decide_by` whatever happened."""

from datetime import date, datetime, time, timedelta

import dagster as dg

from pipelines.feature import Feature
from pipelines.orchestration.jobs import JobKind, job_name
from pipelines.orchestration.late_logs import LateNight, have_come, night_kind, night_request, wait_for_logs


def nightly_schedule(feature: Feature) -> dg.ScheduleDefinition:
    """Run the last complete day at `night.at`. Where its logs are late, the sensor `late_logs` runs it when they come."""
    begin = feature.night.at

    def launch(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        day = night_of(feature, context.scheduled_execution_time)
        if day < feature.start:
            return dg.SkipReason(f"{feature.name} starts on {feature.start}; {day} is before it")
        if feature.night.wait_hours and not have_come(feature, day, context.log):
            wait_for_logs(LateNight(feature.name, day, context.scheduled_execution_time))
            return dg.SkipReason(
                f"the logs of {day} are late: the sensor late_logs runs the night when they are there, or after "
                f"{feature.night.wait_hours:g} h"
            )
        return night_request(feature, day)

    return dg.ScheduleDefinition(
        name=f"{feature.name}_nightly",
        job_name=job_name(feature, night_kind(feature)),
        cron_schedule=_cron(begin),
        execution_timezone=feature.timezone,
        execution_fn=launch,
        default_status=_status(feature),
        description=f"Every night at {begin:%H:%M} {feature.timezone}; logs that are late are waited for up to "
        f"{feature.night.wait_hours:g} h.",
    )


def deciding_schedule(feature: Feature) -> dg.ScheduleDefinition:
    """Decide at `night.decide_by`, whatever happened to the night: a night that failed is then a hold."""
    at = feature.night.decide_by
    return dg.ScheduleDefinition(
        name=f"{feature.name}_deciding",
        job_name=job_name(feature, JobKind.DECIDE),
        cron_schedule=_cron(at),
        execution_timezone=feature.timezone,
        default_status=_status(feature),
        description=f"Every day at {at:%H:%M} {feature.timezone}: a decision whatever happened to the night.",
    )


def night_of(feature: Feature, tick: datetime) -> date:
    """The day that a tick of the nightly schedule is for: the last one that is over."""
    return tick.astimezone(feature.zone).date() - timedelta(days=1)


def _cron(at: time) -> str:
    return f"{at.minute} {at.hour} * * *"


def _status(feature: Feature) -> dg.DefaultScheduleStatus:
    return dg.DefaultScheduleStatus.RUNNING if feature.night.scheduled else dg.DefaultScheduleStatus.STOPPED
