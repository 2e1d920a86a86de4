"""The nightly schedule runs once a day, or leaves a note for logs that are late, which the sensor serves once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.clock import NOW_VARIABLE
from pipelines.definitions import definitions_of
from pipelines.errors import UserError
from pipelines.orchestration import late_logs
from pipelines.orchestration.late_logs import LateNight, late_nights, wait_for_logs
from pipelines.orchestration.schedules import deciding_schedule, night_of, nightly_schedule
from tests.orchestration.waiting_feature import feature_of, put_logs

NEW_YORK = ZoneInfo("America/New_York")
BEGIN = datetime(2026, 11, 10, 4, 30, tzinfo=NEW_YORK)


def tick(feature, when=BEGIN):
    repository = definitions_of([feature]).get_repository_def()
    context = dg.build_schedule_context(scheduled_execution_time=when, repository_def=repository)
    return repository.get_schedule_def("drafts_nightly").evaluate_tick(context)


def look(features, cursor=None):
    repository = definitions_of(features).get_repository_def()
    context = dg.build_sensor_context(repository_def=repository, cursor=cursor)
    return repository.get_sensor_def("late_logs").evaluate_tick(context)


def at(monkeypatch, clock):
    monkeypatch.setenv(NOW_VARIABLE, datetime.fromisoformat(f"2026-11-10T{clock}").replace(tzinfo=NEW_YORK).isoformat())


def test_the_nightly_schedule_runs_the_last_complete_day_when_its_logs_are_there():
    feature = feature_of()
    put_logs("2026-11-09")
    (request,) = tick(feature).run_requests
    assert (request.partition_key, request.run_key) == ("2026-11-09", "drafts-night-2026-11-09")
    assert late_nights() == []


def test_it_reads_as_one_time_a_day_in_the_features_zone():
    schedule = nightly_schedule(feature_of('night: {at: "22:05", wait_hours: 5, decide_by: "03:30"}'))
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("5 22 * * *", "America/New_York")


def test_a_night_whose_logs_are_late_runs_once_as_soon_as_they_are_there(monkeypatch):
    feature = feature_of()
    waiting = tick(feature)
    assert waiting.run_requests == []
    assert waiting.skip_message.startswith("the logs of 2026-11-09 are late: the sensor late_logs runs the night")
    at(monkeypatch, "05:00")
    assert look([feature]).skip_message == "waiting: drafts for the logs of 2026-11-09"
    put_logs("2026-11-09")
    result = look([feature])
    (request,) = result.run_requests
    assert (request.job_name, request.partition_key) == ("drafts_night", "2026-11-09")
    # a tick that did not come to its end asks under the same key, and Dagster launches one run for one key
    assert look([feature]).run_requests[0].run_key == request.run_key
    assert look([feature], result.cursor).skip_message == "no night waits for its logs"
    assert late_nights() == []


def test_when_the_wait_is_over_it_runs_whatever_is_there(monkeypatch):
    feature = feature_of()  # which waits for 6 hours from 04:30
    tick(feature)
    at(monkeypatch, "10:29")
    assert look([feature]).run_requests == []
    at(monkeypatch, "10:30")
    assert [request.partition_key for request in look([feature]).run_requests] == ["2026-11-09"]


def test_a_feature_whose_logs_cannot_be_looked_for_keeps_no_other_waiting(monkeypatch):
    features = [feature_of(), feature_of(name="search")]
    for feature in features:
        wait_for_logs(LateNight(feature.name, date(2026, 11, 9), BEGIN))
    put_logs("2026-11-09")
    source_of = late_logs.log_source

    def source(feature):
        if feature.name == "drafts":
            raise UserError("its bucket does not answer")
        return source_of(feature)

    monkeypatch.setattr(late_logs, "log_source", source)
    at(monkeypatch, "05:00")
    assert [request.job_name for request in look(features).run_requests] == ["search_night"]


def test_a_night_waits_until_its_feature_s_file_is_mended_and_no_longer_than_there_is_one(monkeypatch):
    feature, other = feature_of(), feature_of(name="search")
    tick(feature)
    put_logs("2026-11-09")
    at(monkeypatch, "05:00")
    assert look([other]).skip_message == "waiting: drafts for its file to be mended"
    assert [request.partition_key for request in look([feature, other]).run_requests] == ["2026-11-09"]
    feature.file.unlink()
    assert look([other]).skip_message == "no night waits for its logs"
    assert late_nights() == []


def test_a_night_before_a_start_that_was_moved_is_none_any_more(monkeypatch):
    feature = feature_of()
    tick(feature)
    put_logs("2026-11-09")
    at(monkeypatch, "05:00")
    later = feature.model_copy(update={"start": date(2026, 11, 10)})
    assert look([later]).skip_message == "no night waits for its logs"


def test_a_feature_that_does_not_wait_runs_at_once():
    assert len(tick(feature_of("night: {wait_hours: 0}")).run_requests) == 1


def test_two_features_that_waited_for_the_same_day_both_run(monkeypatch):
    features = [feature_of(), feature_of(name="search")]
    tick(features[0])
    repository = definitions_of(features).get_repository_def()
    context = dg.build_schedule_context(scheduled_execution_time=BEGIN, repository_def=repository)
    repository.get_schedule_def("search_nightly").evaluate_tick(context)
    put_logs("2026-11-09")
    at(monkeypatch, "05:00")
    requests = look(features).run_requests
    assert {request.job_name for request in requests} == {"drafts_night", "search_night"}
    assert len({request.run_key for request in requests}) == 2


def test_a_night_late_in_the_evening_is_for_the_day_before_it():
    feature = feature_of('night: {at: "22:00", wait_hours: 5, decide_by: "03:30"}')
    assert night_of(feature, datetime(2026, 11, 10, 22, 0, tzinfo=NEW_YORK)) == date(2026, 11, 9)


def test_a_day_before_the_feature_starts_is_not_run():
    put_logs("2026-10-31")
    result = tick(feature_of(), datetime(2026, 11, 1, 4, 30, tzinfo=NEW_YORK))
    assert result.skip_message == "drafts starts on 2026-11-01; 2026-10-31 is before it"


def test_the_deciding_schedule_is_every_day_at_decide_by_in_the_features_zone():
    schedule = deciding_schedule(feature_of('night: {decide_by: "11:15"}'))
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("15 11 * * *", "America/New_York")


def test_schedules_can_be_off_from_the_start():
    assert nightly_schedule(feature_of()).default_status is dg.DefaultScheduleStatus.RUNNING
    off = feature_of("night: {scheduled: false}")
    assert nightly_schedule(off).default_status is dg.DefaultScheduleStatus.STOPPED
