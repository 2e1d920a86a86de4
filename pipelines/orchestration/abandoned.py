"""Runs that the command line began and did not end: its process was killed.

Dagster watches over the processes that its daemon starts. One that a person starts holds a lock of files while it runs,
which ends with it, however it ends. So a run that is said to be going on, and whose lock is free, has been abandoned; else
it would go on for ever in the UI, and keep what waits for its end.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from pipelines.data_directory import LockHeld, lock
from pipelines.orchestration.runs import ACTIVE

LOOK_SECONDS = 60
PROCESS = "prod-evals/process"  # the tag of a run that the command line began: what its lock is called
BEGUN_BY, COMMAND_LINE = "prod-evals/begun-by", "command line"
NO_RETRIES = {"dagster/max_retries": "0"}  # the daemon could not begin it again


@contextmanager
def watched_run() -> Iterator[dict[str, str]]:
    """The tags of a run of this process, while it goes on."""
    name = f"process-{uuid.uuid4().hex}"
    of_process = lock(name)
    with of_process:
        try:
            yield {BEGUN_BY: COMMAND_LINE, PROCESS: name, **NO_RETRIES}
        finally:
            Path(of_process.lock_file).unlink(missing_ok=True)  # its name is its own: nobody else locks it


def end_abandoned(instance: dg.DagsterInstance) -> list[str]:
    """Say of every abandoned run that it has failed; their ids."""
    ended = []
    for run in instance.get_runs(dg.RunsFilter(statuses=ACTIVE, tags={BEGUN_BY: COMMAND_LINE})):
        of_process = lock(run.tags[PROCESS])
        try:
            with of_process.acquire(blocking=False):
                Path(of_process.lock_file).unlink(missing_ok=True)
                current = instance.get_run_by_id(run.run_id)
                if current is None or current.status not in ACTIVE:
                    continue  # it came to its own end after it was listed
                instance.report_run_failed(current, "The process that ran it was killed; run it again.")
        except LockHeld:
            continue
        ended.append(run.run_id)
    return ended


def abandoned_sensor() -> dg.SensorDefinition:
    """End the runs of the command line whose process was killed."""

    @dg.sensor(
        name="abandoned_runs",
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Runs of the command line whose process was killed: they have failed.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        ended = end_abandoned(context.instance)
        return dg.SkipReason(f"ended {', '.join(ended)}" if ended else "no run has been abandoned")

    return sensor
