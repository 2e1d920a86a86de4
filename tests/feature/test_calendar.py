"""A feature's days, and the hour by which one is decided, are its own zone's."""

from datetime import UTC, date, datetime

from pipelines.feature import load_feature
from tests.feature.files import LEAST, write


def test_a_day_of_new_york_has_23_hours_when_the_clocks_go_forward_and_25_when_they_go_back():
    feature = load_feature(write(LEAST + "timezone: America/New_York\n"))
    hours = {day: (feature.bounds(day)[1] - feature.bounds(day)[0]).total_seconds() / 3600 for day in
             (date(2026, 3, 8), date(2026, 7, 1), date(2026, 11, 1))}  # fmt: skip
    assert list(hours.values()) == [23, 24, 25]
    # New York is 4 hours behind UTC in summer
    assert feature.bounds(date(2026, 7, 1))[0] == datetime(2026, 7, 1, 4, tzinfo=UTC)


def test_neighbouring_files_are_read_where_the_zone_is_not_utc_unless_told_otherwise():
    assert load_feature(write(LEAST)).read_days().after == 0
    other = load_feature(write(LEAST + "timezone: Asia/Tokyo\n"))
    assert (other.read_days().before, other.read_days().after) == (1, 1)


def test_the_latest_complete_day_is_the_zones_own(monkeypatch):
    # 03:00 UTC on the 2nd is still the evening of the 1st in New York, so the 31st of October is the last day over
    monkeypatch.setenv("PROD_EVALS_NOW", "2026-11-02T03:00:00+00:00")
    feature = load_feature(write(LEAST + "timezone: America/New_York\n"))
    assert feature.latest_complete_day() == date(2026, 10, 31)


def test_a_decision_is_due_at_decide_by_of_the_next_day_in_the_features_zone():
    feature = load_feature(write(LEAST + "timezone: America/New_York\n"))
    assert feature.decide_at(date(2026, 11, 10)) == datetime(2026, 11, 11, 16, tzinfo=UTC)
