"""Slopes by hand, and a verdict on overfitting that needs both of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import theilslopes

from pipelines.statistics.trends import gap_slope, overfitted, weighted_slope

VERSIONS = np.array([1.0, 2.0, 3.0])


def test_the_slope_of_equal_weights_by_hand():
    # d = -1, 0, 1: slope = (.86 - .80) / 2 = .03, variance .0002 / 2 = .0001. Residuals 0 but .01 at the middle and
    # -.005 at the ends (mean .83 + ...): y - .8333 = -.0333, .0067, .0267, less .03 d: -.0033, .0067, -.0033
    # chi^2 = (2 * .0033^2 + .0067^2) / .0002 = .333, below 1
    found = weighted_slope(VERSIONS, np.array([0.80, 0.84, 0.86]), np.full(3, 0.0002))
    assert (found.slope, found.standard_error) == (pytest.approx(0.03), pytest.approx(0.01))
    # z = 3
    assert (found.p_up, found.p_down) == (pytest.approx(0.00135, rel=1e-3), pytest.approx(0.99865))


def test_unequal_variances_weigh_the_points():
    # w = 1, 1, 2 (times 10^4): mean x = (1 + 2 + 6) / 4 = 2.25, d = -1.25, -.25, .75;
    # sum w d^2 = 1.5625 + .0625 + 1.125 = 2.75; sum w d y = -1.25 * .5 - .25 * .6 + 1.5 * .6 = .125
    found = weighted_slope(VERSIONS, np.array([0.5, 0.6, 0.6]), np.array([1e-4, 1e-4, 0.5e-4]))
    assert found.slope == pytest.approx(0.125 / 2.75)


def test_points_that_scatter_more_than_their_variances_say_widen_the_error():
    # residuals .1, -.2, .1 about a slope of 0, variance .0001: chi^2 = .06 / .0001 = 600 on one degree of freedom
    found = weighted_slope(VERSIONS, np.array([0.6, 0.3, 0.6]), np.full(3, 0.0001))
    assert found.standard_error == pytest.approx(np.sqrt(600 * 0.0001 / 2))


def test_two_points_have_no_slope():
    assert np.isnan(weighted_slope(VERSIONS[:2], np.array([0.8, 0.9]), np.full(2, 1e-6)).slope)
    assert np.isnan(gap_slope(VERSIONS[:2], np.array([0.0, 0.1]), 0.95).slope)


def test_items_that_all_score_the_same_give_no_slope():
    assert np.isnan(weighted_slope(VERSIONS, np.array([1.0, 1.0, 1.0]), np.zeros(3)).slope)


def test_one_wild_night_does_not_move_the_gaps_slope():
    nights = np.arange(20.0)
    gap = 0.002 * nights
    gap[10] += 5
    found = gap_slope(nights, gap, 0.95)
    assert found.slope == pytest.approx(0.002)
    assert found.low <= 0.002 <= found.high


def test_it_is_overfitting_only_where_the_one_rises_and_the_other_falls():
    up = weighted_slope(VERSIONS, np.array([0.80, 0.84, 0.88]), np.full(3, 0.0001))
    down = weighted_slope(VERSIONS, np.array([0.80, 0.76, 0.72]), np.full(3, 0.0001))
    flat = weighted_slope(VERSIONS, np.array([0.80, 0.80, 0.80]), np.full(3, 0.0001))
    assert overfitted(up, down, 0.05)
    assert not any(overfitted(cold, prod, 0.05) for cold, prod in ((up, flat), (flat, down), (up, up), (down, down)))


@given(
    points=st.lists(st.tuples(st.integers(0, 40), st.integers(-30, 30)), min_size=3, max_size=40).filter(
        lambda points: len({x for x, _ in points}) > 1
    ),
    confidence=st.sampled_from([0.8, 0.95]),
)
def test_the_gaps_slope_and_its_interval_are_those_of_scipy_ties_included(points, confidence):
    x, gap = (np.array(values, dtype=float) for values in zip(*points, strict=True))
    ours = gap_slope(x / 7, gap / 100, confidence)
    with np.errstate(invalid="ignore"):  # next to all ties
        theirs = theilslopes(gap / 100, x / 7, alpha=confidence)
    assert np.allclose(ours, (theirs.slope, theirs.low_slope, theirs.high_slope), equal_nan=True)
