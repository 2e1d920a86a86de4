"""The last nights far below the band."""

import numpy as np
import pytest

from pipelines.statistics.alarm import alarm
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.verdict import Estimate

NAN = float("nan")


def alarmed(*means, error=0.01, cold_error=0.0, between=0.0, items=200, cold_items=600, high=None, df=np.inf):
    """The alarm of every night against a cold eval of 0.8 and a band of 5 %."""
    mean = np.array(means)[:, None]
    variance = np.where(np.isnan(mean), NAN, error**2)
    nights = Estimate(mean, variance, np.where(np.isnan(mean), 0, items))
    view = View(mean if high is None else np.full(mean.shape, high), variance)
    cold = Estimate(*(np.full(mean.shape, value) for value in (0.8, cold_error**2, cold_items)))
    known = np.broadcast_to(np.reshape(between, (-1, 1)), mean.shape)
    return alarm(nights, view, cold, known, np.full(mean.shape, df), 0.05)


def fires(*means, **more):
    return bool(alarmed(*means, **more).nights[-1, 0])


FINE = [0.8] * 9


def test_the_first_night_by_hand():
    # two bands below is 0.72; alpha = 0.001 * 6 / pi^2 / 2 = 0.00030396, z = 3.42805; 0.72 - 0.0342805 = 0.68572
    assert fires(0.6857) and not fires(0.6858)


def test_a_variance_of_few_degrees_of_freedom_asks_for_more():
    # t of 9 degrees at 0.00030396 = 5.14411 (scipy.stats.t.isf): 0.72 - 0.0514411 = 0.66856
    assert fires(0.6685, df=9) and not fires(0.6686, df=9)


def test_later_nights_have_less_to_spend():
    # night 10: alpha = 0.001 * 6 / (10 pi)^2 / 2 = 3.0396e-6, z = 4.52361; 0.72 - 0.0452361 = 0.67476
    assert fires(*FINE, 0.6747) and not fires(*FINE, 0.6749)


def test_several_nights_are_believed_nearer_to_the_band_than_one():
    # the last two of ten: one and a half bands below is 0.74; alpha = 1.5198e-6, z = 4.66812, variance 0.0001 / 2:
    # 0.74 - 0.0330086 = 0.70699. Alone, neither fires.
    assert fires(*FINE[:8], 0.7069, 0.7069) and not fires(*FINE[:8], 0.7071, 0.7071)
    found = alarmed(*FINE[:8], 0.7069, 0.7069)
    assert found.nights[:, 0].tolist() == [0] * 9 + [2]
    assert found.relative_difference[9, 0] == pytest.approx(0.7069 / 0.8 - 1)


def test_a_breach_of_many_nights_is_told_by_the_fewest_that_tell_it():
    # at 0.70 from night 8 on: two nights reach down to 0.70699, and fire; one would have to be below 0.675
    assert alarmed(*FINE[:7], 0.70, 0.70, 0.70).nights[:, 0].tolist() == [0] * 8 + [2, 2]


def test_an_alarm_whose_nights_are_over_does_not_fire():
    bad = [0.65] * 3
    assert fires(*FINE[:6], *bad) and not fires(*FINE[:6], *bad, 0.77)


def test_nights_that_differ_more_and_the_cold_evals_error_ask_for_a_larger_breach():
    # sqrt(2) * 0.0342805 = 0.048480
    # and with a cold eval's 3.61190 * 0.9 * 0.01 = 0.032507: sqrt(0.0342805^2 + 0.032507^2) = 0.047243
    assert fires(0.6715, between=0.0001) and not fires(0.6716, between=0.0001)
    assert fires(0.6727, cold_error=0.01) and not fires(0.6728, cold_error=0.01)


def test_a_window_is_held_against_what_was_known_before_its_first_night():
    # only night 10 knows of a tau^2; the last two nights go by what night 9 knew, which was none
    assert fires(*FINE[:8], 0.7069, 0.7069, between=[0.0] * 9 + [0.01])
    assert not fires(*FINE[:8], 0.7069, 0.7069, between=[0.0] * 8 + [0.01] * 2)


def test_all_nights_and_windows_together_spend_less_than_a_thousandth():
    nights, windows = np.arange(1, 1_000_000)[:, None], np.arange(1, 8)
    assert 0.00099 < (0.001 * 6 / (np.pi * nights) ** 2 / 2**windows).sum() < 0.001


def test_a_night_whose_missing_items_could_have_saved_it_is_no_alarm():
    assert not fires(0.5, high=0.71)


@pytest.mark.parametrize("few", [{"items": 19}, {"cold_items": 19}])
def test_few_items_raise_none(few):
    assert not fires(0.1, **few)


def test_a_night_without_the_cell_raises_none():
    assert not fires(*FINE[:7], 0.6, NAN)
    assert fires(*FINE[:7], 0.6)
