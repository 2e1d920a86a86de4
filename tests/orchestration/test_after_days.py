"""The sensor that follows runs: the history once after days, and days that failed among several each by itself."""

from datetime import timedelta

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from pipelines import lake
from pipelines.assets.building import asset_key
from pipelines.clock import NOW_VARIABLE
from pipelines.definitions import definitions_of
from pipelines.orchestration.command_line_runs import QUIET, open_instance
from tests.nights.rollout import START, make_rollout
from tests.orchestration.waiting_feature import feature_of

Status = dg.DagsterRunStatus
ENDS = {
    Status.SUCCESS: dg.DagsterEventType.RUN_SUCCESS,
    Status.FAILURE: dg.DagsterEventType.RUN_FAILURE,
    Status.CANCELED: dg.DagsterEventType.RUN_CANCELED,
}
NOTHING = "the history has seen every day there is"


class Follower:
    """The sensor with its cursor, in an instance whose runs begin and end."""

    def __init__(self, instance, features):
        self.instance = instance
        self.definitions = definitions_of(features)
        self.repository = self.definitions.get_repository_def()
        self.cursor = None

    def tick(self):
        context = dg.build_sensor_context(instance=self.instance, repository_def=self.repository, cursor=self.cursor)
        result = self.repository.get_sensor_def("after_days").evaluate_tick(context)
        self.cursor = result.cursor
        return result

    def asked(self):
        return [(request.job_name, request.partition_key) for request in self.tick().run_requests]

    def begin(self, job_name):
        job = self.definitions.resolve_job_def(job_name)
        run = self.instance.create_run_for_job(job, status=Status.STARTING)
        self._event(dg.DagsterEventType.RUN_START, run)
        return run

    def end(self, run, status=Status.SUCCESS):
        self._event(ENDS[status], run)

    def run(self, job_name, status=Status.SUCCESS):
        self.end(self.begin(job_name), status)

    def _event(self, kind, run):
        self.instance.report_dagster_event(dg.DagsterEvent(kind.value, run.job_name), run.run_id)


@pytest.fixture
def follower():
    with dg.DagsterInstance.ephemeral() as instance:
        yield Follower(instance, [feature_of(), feature_of(name="search")])


def test_the_history_follows_a_day_that_was_run_alone_and_no_other_feature_s(follower):
    assert follower.tick().skip_message == NOTHING
    follower.run("drafts_day")
    assert follower.asked() == [("drafts_history", None)]
    assert follower.tick().skip_message == NOTHING


@pytest.mark.parametrize("status", ENDS)
def test_it_follows_days_however_their_run_ended(follower, status):
    follower.run("drafts_day", status)
    assert follower.asked() == [("drafts_history", None)]


def test_it_waits_until_no_more_days_are_on_their_way_and_is_made_once(follower):
    other = follower.begin("drafts_day")
    follower.run("drafts_day")
    assert follower.tick().skip_message == "drafts: more days are on their way"
    follower.end(other)
    assert follower.asked() == [("drafts_history", None)]
    follower.run("drafts_history")
    assert follower.tick().skip_message == NOTHING


def test_it_waits_for_the_end_of_a_backfill_whose_next_days_have_no_run_yet(follower):
    backfill = PartitionBackfill(
        "abc", BulkActionStatus.REQUESTED, False, {}, 0.0, asset_selection=[asset_key("drafts", "prod_logs")]
    )
    follower.instance.add_backfill(backfill)
    follower.run("drafts_day")
    follower.run("search_day")
    assert follower.asked() == [("search_history", None)]
    assert follower.tick().skip_message == "drafts: a backfill has days left"
    follower.instance.update_backfill(backfill.with_status(BulkActionStatus.COMPLETED_SUCCESS))
    assert follower.asked() == [("drafts_history", None)]


def test_a_night_that_made_its_own_history_needs_no_other_and_one_that_failed_does(follower):
    follower.run("drafts_night")
    assert follower.tick().skip_message == NOTHING
    follower.run("drafts_night", Status.FAILURE)
    assert follower.asked() == [("drafts_history", None)]


def test_a_history_that_fails_is_not_asked_for_again(follower):
    follower.run("drafts_day")
    follower.tick()
    follower.run("drafts_history", Status.FAILURE)
    assert follower.tick().skip_message == NOTHING


def test_a_history_that_began_before_a_day_was_made_has_not_seen_it(follower):
    history = follower.begin("drafts_history")
    follower.run("drafts_day")
    assert follower.tick().skip_message == "drafts: a history is being made"
    follower.end(history)
    assert follower.asked() == [("drafts_history", None)]


def test_a_history_of_somebody_else_s_that_began_after_the_days_has_seen_them(follower):
    history_begins_later = follower.begin("drafts_day")
    follower.end(history_begins_later)
    follower.run("drafts_decide")
    assert follower.tick().skip_message == NOTHING


FAILING = START + timedelta(days=1)


def test_a_day_that_fails_among_several_keeps_none_of_the_others_from_being_made(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-05T05:00:00+00:00")
    feature = make_rollout(days=3, logs=20)
    next((feature.directory / "logs" / "drafts").glob(f"{FAILING}*")).unlink()
    with open_instance() as instance:
        follower = Follower(instance, [feature])
        job = follower.repository.get_implicit_global_asset_job_def()
        keys = [key for key in job.asset_layer.selected_asset_keys if key.path[-1] in ("prod_logs", "signals")]
        siblings = [asset_key("drafts", table) for table in ("rejected_logs", "log_files")]
        result = job.execute_in_process(
            QUIET,
            instance,
            asset_selection=[*keys, *siblings],
            raise_on_error=False,
            tags={
                "dagster/asset_partition_range_start": str(START),
                "dagster/asset_partition_range_end": str(START + timedelta(days=2)),
                "dagster/backfill": "abc",
                "dagster/max_retries": "0",
            },
        )
        assert not result.success
        (failure,) = [event for event in result.all_events if event.is_step_failure]
        assert failure.step_failure_data.user_failure_data.description.startswith(f"{FAILING}: drafts: no logs of")
        # each of the other days is whole and said to be made; what is below it waits
        others = [START, START + timedelta(days=2)]
        assert lake.days("prod_logs", "drafts") == lake.days("log_files", "drafts") == others
        assert instance.get_materialized_partitions(asset_key("drafts", "prod_logs")) == set(map(str, others))
        assert lake.days("signals", "drafts") == []
        requests = follower.tick().run_requests
    # and then each day has a run of its own, of the same tables and in the same backfill
    assert [request.partition_key for request in requests] == [str(START + timedelta(days=n)) for n in range(3)]
    assert {request.job_name for request in requests} == {"drafts_day"}
    assert {request.tags["dagster/backfill"] for request in requests} == {"abc"}
    assert set(requests[0].asset_selection) == {*keys, *siblings}


def test_several_days_of_a_run_are_each_said_to_be_made_with_their_own_rows(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-05T05:00:00+00:00")
    feature = make_rollout(days=2, logs=20)
    with open_instance() as instance:
        job = definitions_of([feature]).resolve_job_def("drafts_day")
        end = START + timedelta(days=1)
        tags = {"dagster/asset_partition_range_start": str(START), "dagster/asset_partition_range_end": str(end)}
        result = job.execute_in_process(QUIET, instance, tags=tags)
        rows = {
            event.materialization.partition: event.materialization.metadata["dagster/partition_row_count"].value
            for event in result.all_events
            if event.is_step_materialization and event.asset_key == asset_key("drafts", "prod_logs")
        }
        (checked,) = [
            evaluation
            for evaluation in result.get_asset_check_evaluations()
            if evaluation.check_name == "every_line_accounted_for"
        ]
    assert rows == {str(START): 20, str(end): 20}
    assert checked.passed
    assert (checked.metadata["days"].value, checked.metadata["days that failed"].value) == (2, 0)
