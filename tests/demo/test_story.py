from datetime import date, timedelta

import pytest

from pipelines.demo.story import Story

# One `as_of` for each weekday.
AS_OF = [date(2026, 11, 23) + timedelta(days=k) for k in range(7)]


@pytest.mark.parametrize("as_of", AS_OF)
def test_the_spike_falls_on_the_monday_of_the_last_week_whatever_day_it_ends_on(as_of):
    story = Story(as_of)
    assert story.spike.weekday() == 0
    assert story.week(story.spike).stage == "100%"
    assert story.days[-7] <= story.spike <= story.days[-1] == as_of - timedelta(days=1)


@pytest.mark.parametrize("as_of", AS_OF)
def test_what_ships_in_the_internal_week_ships_on_a_working_day_and_leaves_nights_before_and_after(as_of):
    story = Story(as_of)
    for shipped in (story.new_prompt, story.new_button):
        assert shipped.weekday() < 5
        assert story.days[0] < shipped < story.days[5]


@pytest.mark.parametrize("as_of", AS_OF)
def test_the_two_deprecated_pages_are_cited_on_two_working_days_of_the_internal_week(as_of):
    story = Story(as_of)
    first, second = story.deprecated_cited
    assert first < second
    assert {first.weekday(), second.weekday()} <= set(range(5))
    assert story.week(first).stage == story.week(second).stage == "internal"


def test_a_prompt_that_would_ship_on_a_weekend_ships_on_the_friday_before():
    # Day 4 of the weeks that end before Wednesday 25 November 2026 is Saturday 24 October.
    story = Story(date(2026, 11, 25))
    assert story.days[3] == date(2026, 10, 24)
    assert story.new_prompt == date(2026, 10, 23)
