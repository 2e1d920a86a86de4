"""Numbers as people read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pipelines.catalogue.signals import Unit
from pipelines.publishing.page import wording


@pytest.mark.parametrize(
    ("value", "signed", "shown"),
    [
        (0.0123, False, "1.23 %"),
        (-0.02, True, "−2.00 %"),
        (0.02, True, "+2.00 %"),
        (0.0, True, "0 %"),
        (-0.000001, True, "0 %"),
        (0.09995, False, "10.0 %"),
        (0.123, False, "12.3 %"),
        (1.0, False, "100 %"),
        (12.5, False, "1,250 %"),
        (None, False, "–"),
        (float("nan"), True, "–"),
    ],
)
def test_a_share_is_a_percentage_of_three_digits(value, signed, shown):
    assert wording.percent(value, signed) == shown


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        (Unit.USD, 12.345, "$12.35"),
        (Unit.USD, 1234.5, "$1,234"),
        (Unit.MS, 4312.5, "4,312 ms"),
        (Unit.MS, 43_125.0, "43.1 s"),
        (Unit.SHARE, 0.004, "0.40 %"),
        (Unit.COUNT, 12_000, "12,000"),
        (Unit.COUNT, None, "–"),
    ],
)
def test_a_signal_is_shown_in_its_unit(unit, value, shown):
    assert wording.measured(unit, value) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(0.1, 0.2, "10.0 % to 20.0 %"), (None, 0.2, "up to 20.0 %"), (0.1, None, "from 10.0 %"), (None, None, "–")],
)
def test_what_is_healthy_is_shown_by_the_sides_that_there_are(low, high, shown):
    assert wording.healthy_range(Unit.SHARE, low, high) == shown


def test_a_time_is_in_the_features_zone_and_in_utc():
    when = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
    assert wording.moment(when, ZoneInfo("America/New_York")) == "Mon 16 Nov 2026, 21:00 EST (17 Nov, 02:00 UTC)"
    assert wording.moment(when, ZoneInfo("UTC")) == "Tue 17 Nov 2026, 02:00 UTC"


def test_control_and_direction_characters_are_spelt_out_and_joiners_stay():
    assert wording.visible("a\u202eb\x07\n\t") == "a‹U+202E›b‹U+0007›\n\t"
    family = "\U0001f469\u200d\U0001f467"
    assert wording.visible(family) == family


def test_a_difference_of_scores_is_signed():
    assert [wording.points(value) for value in (-0.0412, 0.25, None)] == ["\N{MINUS SIGN}0.041", "+0.250", "–"]


def test_a_sentence_breaks_no_number_from_its_per_cent_sign_and_has_minus_signs():
    said = "2 % below (90 % interval -3.7 % to -0.3 %), as of 2026-11-24, on 5%-users"
    assert wording.sentences(said) == (
        "2\u00a0% below (90\u00a0% interval \u22123.7\u00a0% to \u22120.3\u00a0%), as of 2026-11-24, on 5%-users"
    )
