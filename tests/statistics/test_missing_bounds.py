"""Items without a verdict: passed over where they are few, counted at their worst and best where they are not."""

import numpy as np
import pytest

from pipelines.statistics.confidence_sequence import fixed_time
from pipelines.statistics.missing_bounds import View, within_bounds
from pipelines.statistics.verdict import Estimate, Verdict, compare

COLD = Estimate(np.array([0.8]), np.array([0.0]), np.array([600]))


def view(mean, variance=0.0001):
    return View(np.array([mean]), np.array([variance]))


def verdict(scored, missing):
    """A mean of which a share is missing, with band 5 %: bounds with the missing at 0 and at 1."""
    least, greatest = view(scored * (1 - missing), 0.0002), view(scored * (1 - missing) + missing, 0.0002)
    low, high = within_bounds(view(scored), least, greatest, np.array([missing]), 0.05)
    prod = Estimate(*view(scored), np.array([1000]))
    return compare(prod, COLD, 0.05, fixed_time, low, high).verdict[0]


def test_up_to_a_fifth_of_the_band_the_missing_are_like_the_others():
    low, high = within_bounds(view(0.8), view(0.79), view(0.81), np.array([0.01]), 0.05)
    assert (low, high) == (view(0.8), view(0.8))


def test_beyond_it_each_end_is_taken_from_its_own_bound_with_its_own_error():
    low, high = within_bounds(view(0.8), view(0.79, 0.0002), view(0.81, 0.0003), np.array([0.0101]), 0.05)
    assert (low, high) == (view(0.79, 0.0002), view(0.81, 0.0003))


def test_the_intervals_ends_are_those_of_the_bounds():
    # without a cold eval's error an end is the bound -+ 1.645 * 0.01414 = 0.02326, less 0.8
    prod = Estimate(*view(0.8), np.array([1000]))
    found = compare(prod, COLD, 0.05, fixed_time, view(0.79, 0.0002), view(0.82, 0.0002))
    assert (found.ci_low[0], found.ci_high[0]) == pytest.approx((-0.03326, 0.04326), abs=1e-5)


# edges at 0.76 and 0.84; the reach is 1.645 * 0.01 = 0.0165, and of a bound 1.645 * 0.01414 = 0.0233
@pytest.mark.parametrize(
    ("scored", "missing", "expected"),
    [
        (0.80, 0.00, Verdict.WITHIN),
        (0.80, 0.01, Verdict.WITHIN),  # passed over
        (0.80, 0.03, Verdict.INCONCLUSIVE),  # 0.776 - 0.0233 = 0.7527
        (0.72, 0.00, Verdict.BELOW),
        (0.72, 0.03, Verdict.BELOW),  # 0.7284 + 0.0233 = 0.7517, below whatever they would have scored
        (0.72, 0.10, Verdict.INCONCLUSIVE),  # 0.748 + 0.0233 = 0.7713
        (0.88, 0.10, Verdict.INCONCLUSIVE),  # 0.792
        (0.88, 0.01, Verdict.ABOVE),
    ],
)
def test_a_verdict_has_to_hold_whatever_the_missing_would_have_scored(scored, missing, expected):
    assert verdict(scored, missing) is expected
