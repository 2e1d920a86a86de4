"""Schedules wait for logs and then run whatever is there; the sensor makes the history again when days are new to it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from pipelines.assets.building import LISTED_AT, asset_key
from pipelines.definitions import definitions_of
from pipelines.feature import features_directory, load_feature
from pipelines.orchestration import nights

NEW_YORK = ZoneInfo("America/New_York")


def feature_of(more="", zone="America/New_York"):
    path = features_directory() / "drafts.yaml"
    path.write_text(
        f'start: 2026-11-01\ntimezone: {zone}\nlogs: {{path: "logs/{{{{ day }}}}.jsonl", read_days: {{}}}}\n{more}\n'
    )
    return load_feature(path)


def tick(feature, when):
    repository = definitions_of([feature]).get_repository_def()
    context = dg.build_schedule_context(scheduled_execution_time=when, repository_def=repository)
    return repository.get_schedule_def("drafts_nightly").evaluate_tick(context)


def put_logs(day):
    path = features_directory() / "logs" / f"{day}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.touch()


def test_the_nightly_schedule_runs_the_last_complete_day_when_its_logs_are_there():
    feature = feature_of()
    put_logs("2026-11-09")
    (request,) = tick(feature, datetime(2026, 11, 10, 4, 30, tzinfo=NEW_YORK)).run_requests
    assert (request.partition_key, request.run_key) == ("2026-11-09", "night-2026-11-09")


def test_it_waits_while_the_logs_are_not_there_and_then_runs_once():
    feature = feature_of()
    waiting = tick(feature, datetime(2026, 11, 10, 5, 0, tzinfo=NEW_YORK))
    assert waiting.run_requests == []
    assert waiting.skip_message == "waiting for the logs of 2026-11-09, at most 6 h"
    put_logs("2026-11-09")
    keys = {
        tick(feature, datetime(2026, 11, 10, 5, minute, tzinfo=NEW_YORK)).run_requests[0].run_key for minute in (10, 20)
    }
    assert keys == {"night-2026-11-09"}  # Dagster launches one run for one key


def test_when_the_wait_is_over_it_runs_whatever_is_there():
    (request,) = tick(feature_of(), datetime(2026, 11, 10, 10, 30, tzinfo=NEW_YORK)).run_requests
    assert request.partition_key == "2026-11-09"


def test_a_wait_that_goes_past_midnight_is_for_the_day_of_the_evening_it_began():
    feature = feature_of('night: {at: "22:00", wait_hours: 5, decide_by: "03:30"}')
    day, waited = nights.night_of(feature, datetime(2026, 11, 11, 1, 30, tzinfo=NEW_YORK))
    assert (day, waited) == (date(2026, 11, 9), timedelta(hours=3, minutes=30))


def test_a_day_before_the_feature_starts_is_not_run():
    put_logs("2026-10-31")
    result = tick(feature_of(), datetime(2026, 11, 1, 4, 30, tzinfo=NEW_YORK))
    assert result.skip_message == "drafts starts on 2026-11-01; 2026-10-31 is before it"


@pytest.mark.parametrize(
    ("begin", "ticks", "crons"),
    [
        (4 * 60 + 30, 0, ["30 4 * * *"]),
        # 04:30 to 05:30 by ten minutes
        (4 * 60 + 30, 6, ["30,40,50 4 * * *", "0,10,20,30 5 * * *"]),
        # over midnight
        (23 * 60 + 55, 2, ["5,15 0 * * *", "55 23 * * *"]),
    ],
)
def test_the_ticks_cover_the_wait_and_nothing_else(begin, ticks, crons):
    assert nights._crons(begin, ticks) == crons


def test_the_deciding_schedule_is_every_day_at_decide_by_in_the_features_zone():
    schedule = nights.deciding_schedule(feature_of('night: {decide_by: "11:15"}'))
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("15 11 * * *", "America/New_York")


def test_schedules_can_be_off_from_the_start():
    assert nights.nightly_schedule(feature_of()).default_status is dg.DefaultScheduleStatus.RUNNING
    off = feature_of("night: {scheduled: false}")
    assert nights.nightly_schedule(off).default_status is dg.DefaultScheduleStatus.STOPPED


def report(instance, table, when=None, partition=None):
    metadata = {} if when is None else {LISTED_AT: dg.MetadataValue.timestamp(when)}
    instance.report_runless_asset_event(
        dg.AssetMaterialization(asset_key("drafts", table), partition=partition, metadata=metadata)
    )


def asked(instance):
    repository = definitions_of([feature_of()]).get_repository_def()
    context = dg.build_sensor_context(instance=instance, repository_def=repository)
    return repository.get_sensor_def("drafts_history_after_days").evaluate_tick(context)


def test_the_sensor_asks_for_the_history_when_a_day_is_newer_than_it():
    with dg.DagsterInstance.ephemeral() as instance:
        assert asked(instance).skip_message == "the history has seen every day there is"
        report(instance, "funnel", partition="2026-11-09")
        assert len(asked(instance).run_requests) == 1
        report(instance, "nights", when=datetime.now().timestamp())
        assert asked(instance).skip_message == "the history has seen every day there is"
        report(instance, "prod_logs", partition="2026-11-08")
        assert len(asked(instance).run_requests) == 1


def test_a_history_that_listed_the_lake_before_a_day_appeared_has_not_seen_it():
    with dg.DagsterInstance.ephemeral() as instance:
        before = datetime.now().timestamp() - 5
        report(instance, "funnel", partition="2026-11-09")
        report(instance, "nights", when=before)
        assert len(asked(instance).run_requests) == 1
