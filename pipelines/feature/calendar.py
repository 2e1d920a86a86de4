"""The feature's calendar: the days of its zone, and how a feature file writes times, zones and durations."""

import difflib
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator

from pipelines import clock


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A local day's first instant and the next day's, in UTC: 23, 24 or 25 hours apart."""
    begin = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return begin.astimezone(UTC), end.astimezone(UTC)


def latest_complete_day(zone: ZoneInfo) -> date:
    """The last local day that is over."""
    return clock.now().astimezone(zone).date() - timedelta(days=1)


def decide_at(day: date, decide_by: time, zone: ZoneInfo) -> datetime:
    """When the decision about a day is due, whatever happened: `decide_by` of the day after it, in UTC."""
    return datetime.combine(day + timedelta(days=1), decide_by, zone).astimezone(UTC)


def _clock_time(value: Any) -> Any:
    if isinstance(value, int):
        raise ValueError('YAML reads 04:30 without quotes as a number; write "04:30"')
    if isinstance(value, str) and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('it must be a time of day as in "04:30"')
    return time.fromisoformat(value) if isinstance(value, str) else value


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        near = difflib.get_close_matches(value, available_timezones(), 1)
        hint = f"; did you mean {near[0]}?" if near else ", as in America/New_York"
        raise ValueError(f"it must be an IANA time zone{hint}")
    return value


def _plain_date(value: Any) -> Any:
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError("it must be a date as in 2026-10-19")
    return value


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([hms])", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("it must be a number of hours, minutes or seconds, as in 2h, 30m or 45s")
    return timedelta(seconds=float(match[1]) * {"h": 3600, "m": 60, "s": 1}[match[2]])


Duration = Annotated[timedelta, BeforeValidator(_duration)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Day = Annotated[date, BeforeValidator(_plain_date)]
