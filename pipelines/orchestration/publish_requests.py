"""Requests to publish that a run which was killed has left: served by a run of their own."""

import dagster as dg

from pipelines.data_directory import LockHeld
from pipelines.orchestration.runs import retry_period
from pipelines.publishing.database import publishing_lock
from pipelines.publishing.publisher import waited, waiting

REQUEST_SECONDS = 60  # after which a request to publish that nobody serves has been left by one who was killed


def publishing_sensor(jobs: dg.Definitions) -> dg.SensorDefinition:
    """Serve requests to publish that were left by a run that was killed, one sensor for all features. `jobs` is the one that
    publishes."""

    @dg.sensor(
        name="publishing",
        jobs=list(jobs.jobs or ()),
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
        return dg.RunRequest(run_key=f"{left[0]}-{retry_period()}")

    return sensor
