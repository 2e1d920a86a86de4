"""Intervals for display: of a ratio, and of a score."""

import numpy as np
import pytest

from pipelines.statistics.ratio_interval import fieller
from pipelines.statistics.wilson import wilson


def floats(pair):
    return tuple(float(each) for each in pair)


def test_fieller_by_hand():
    # g = 0.64 - 0.0016 = 0.6384; half = sqrt(0.0009 * 0.6384 + 0.0016 * 0.5776) = sqrt(0.00149872) = 0.038713
    # (0.76 * 0.8 -+ 0.038713) / 0.6384 = 0.891740 and 1.013022
    assert floats(fieller(np.array(0.76), np.array(0.03), np.array(0.8), np.array(0.04))) == pytest.approx(
        (0.891740, 1.013022), abs=2e-6
    )


def test_fieller_with_an_exact_base_is_the_interval_over_it():
    assert floats(fieller(np.array(0.6), np.array(0.06), np.array(0.8), np.array(0.0))) == pytest.approx((0.675, 0.825))


def test_at_its_ends_the_ratio_is_just_not_excluded():
    for end in floats(fieller(np.array(0.76), np.array(0.03), np.array(0.8), np.array(0.04))):
        assert abs(0.76 - end * 0.8) == pytest.approx(np.hypot(0.03, end * 0.04))


@pytest.mark.parametrize("base", [0.0, 0.03])
def test_a_base_that_is_not_clearly_above_0_has_no_interval(base):
    assert np.isnan(fieller(np.array(0.5), np.array(0.03), np.array(base), np.array(0.04))).all()


def test_wilson_of_a_plain_proportion_is_the_textbooks():
    # 8 of 10, z = 1.96: centre (0.8 + 3.8416 / 20) / 1.38416 = 0.71674
    # half 1.96 / 1.38416 * sqrt(0.016 + 0.009604) = 0.22658
    assert floats(wilson(np.array(0.8), np.array(0.016), 1.96)) == pytest.approx((0.49016, 0.94332), abs=1e-5)


def test_wilson_stays_inside_0_and_1_and_has_a_width_at_the_ends():
    for mean in (0.0, 0.002, 0.998, 1.0):
        low, high = floats(wilson(np.array(mean), np.array(0.0004), 1.645))
        assert 0 <= low <= mean <= high <= 1
        assert high - low > 0.02


def test_wilson_of_nothing_is_nothing():
    assert np.isnan(wilson(np.array(np.nan), np.array(np.nan), 1.645)).all()
