"""The days that a feature has to be decided on."""

from datetime import date, timedelta

from pipelines import clock, lake
from pipelines.feature import Feature


def last_day_due(feature: Feature) -> date:
    """The last day that a decision is due for: the last complete one once its night is done or its hour has come.

    Before that, yesterday's night is still expected, and the day before it stands.
    """
    day = feature.latest_complete_day()
    due = clock.now() >= feature.decide_at(day) or lake.exists("funnel", feature=feature.name, day=day)
    return day if due else day - timedelta(days=1)


def days_due(feature: Feature, through: date) -> list[date]:
    """Every day from the feature's start to one."""
    return [feature.start + timedelta(days=number) for number in range((through - feature.start).days + 1)]
