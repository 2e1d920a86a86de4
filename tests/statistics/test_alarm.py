"""One night far below the band."""

import numpy as np
import pytest

from pipelines.statistics.alarm import alarm
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.verdict import Estimate


def rings(mean, number=1, error=0.01, cold_error=0.0, between=0.0, items=200, cold_items=600, high=None, df=np.inf):
    night = Estimate(np.array([mean]), np.array([error**2]), np.array([items]))
    cold = Estimate(np.array([0.8]), np.array([cold_error**2]), np.array([cold_items]))
    view = View(np.array([mean if high is None else high]), np.array([error**2]))
    return bool(alarm(night, view, cold, 0.05, np.array([between]), np.array([number]), np.array([df]))[0])


def test_the_first_night_by_hand():
    # two bands below is 0.72; alpha_1 = 0.001 * 6 / pi^2 = 0.00060793, z = 3.23472; 0.72 - 0.0323472 = 0.68765
    assert rings(0.6876)
    assert not rings(0.6877)


def test_a_variance_of_few_degrees_of_freedom_asks_for_more():
    # t of 9 degrees at 0.00060793 = 4.64198 (scipy.stats.t.isf): 0.72 - 0.0464198 = 0.67358
    assert rings(0.6735, df=9) and not rings(0.6736, df=9)


def test_later_nights_have_less_to_spend():
    # alpha_10 = 0.0000060793: z = 4.37503; 0.72 - 0.04375 = 0.67625
    assert rings(0.6762, number=10)
    assert not rings(0.6763, number=10)


def test_all_nights_together_spend_a_thousandth():
    nights = np.arange(1, 1_000_000)
    assert (0.001 * 6 / (np.pi * nights) ** 2).sum() == pytest.approx(0.001, rel=1e-5)


def test_restless_nights_and_the_cold_evals_error_ask_for_more():
    # sqrt(2) * 0.0323472 = 0.045746
    # and with a cold eval's 3.4294 * 0.9 * 0.01 = 0.030865: sqrt(0.0323472^2 + 0.030865^2) = 0.044710
    assert rings(0.6742, between=0.0001) and not rings(0.6743, between=0.0001)
    assert rings(0.6752, cold_error=0.01) and not rings(0.6754, cold_error=0.01)


def test_a_night_whose_missing_items_could_have_saved_it_is_no_alarm():
    assert not rings(0.5, high=0.71)


@pytest.mark.parametrize("few", [{"items": 19}, {"cold_items": 19}])
def test_few_items_raise_none(few):
    assert not rings(0.1, **few)


def test_a_night_without_the_cell_raises_none():
    assert not rings(np.nan, number=3)
