"""A run of the command line whose process was killed has failed; one that goes on is left alone."""

import subprocess
import sys

import dagster as dg

from pipelines.data_directory import data_directory
from pipelines.definitions import definitions_of
from pipelines.orchestration.abandoned import BEGUN_BY, COMMAND_LINE, PROCESS, end_abandoned, watched_run
from pipelines.orchestration.command_line_runs import open_instance
from tests.orchestration.waiting_feature import feature_of

WATCHED = """
import time
from pipelines.orchestration.abandoned import PROCESS, watched_run
with watched_run() as tags:
    print(tags[PROCESS], flush=True)
    time.sleep(600)
"""


def begun(instance, tags):
    job = definitions_of([feature_of()]).resolve_job_def("drafts_day")
    return instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED)


def test_a_run_whose_process_was_killed_is_ended_and_one_whose_process_lives_is_not():
    processes = [subprocess.Popen([sys.executable, "-c", WATCHED], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    locks = [process.stdout.readline().strip() for process in processes]
    with open_instance() as instance:
        killed, living = (begun(instance, {BEGUN_BY: COMMAND_LINE, PROCESS: lock}) for lock in locks)
        assert end_abandoned(instance) == []
        processes[0].kill()
        processes[0].wait()
        assert end_abandoned(instance) == [killed.run_id]
        assert instance.get_run_by_id(killed.run_id).status is dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(living.run_id).status is dg.DagsterRunStatus.STARTED
    processes[1].kill()
    processes[1].wait()


def test_the_command_line_says_that_a_run_is_its_own_and_leaves_no_lock_behind():
    with watched_run() as tags:
        assert tags[BEGUN_BY] == COMMAND_LINE
        assert len(list((data_directory() / "locks").glob("process-*"))) == 1
    assert list((data_directory() / "locks").glob("process-*")) == []
