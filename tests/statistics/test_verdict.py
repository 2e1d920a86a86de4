"""The rule: a mean against the band, and nothing that could be read as evidence where there is none."""

from math import isnan, nan

import numpy as np
import pytest

from pipelines.statistics.confidence_sequence import fixed_time, mixture_parameter, sequence
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.verdict import Comparison, Estimate, Verdict, compare, p_below


def estimate(mean, standard_error, items=1000):
    return Estimate(np.array([mean]), np.array([standard_error**2]), np.array([items]))


NOTHING = estimate(nan, nan, 0)


def compared(prod, baseline, band=0.05, bound=fixed_time) -> Comparison:
    """One cell's comparison, as plain values."""
    return Comparison(*(column[0] for column in compare(prod, baseline, band, bound)))


def p(prod, baseline, bound=fixed_time):
    return float(p_below(View(prod.mean, prod.variance), baseline, 0.05, bound)[0])


def test_a_difference_is_given_with_its_interval_by_hand():
    found = compared(estimate(0.84, 0.003), estimate(0.86, 0.004))
    assert found.difference == pytest.approx(-0.02)
    assert found.relative_difference == pytest.approx(-0.02 / 0.86)
    # Fieller: u = 1.6449 * 0.003 = 0.0049346, b = 1.96 * 0.004 = 0.00784; g = 0.7396 - 0.0000615 = 0.7395385
    # half = sqrt(0.0049346^2 * 0.7395385 + 0.00784^2 * 0.7056) = sqrt(1.80083e-5 + 4.33697e-5) = 0.0078344
    # (0.7224 -+ 0.0078344) / 0.7395385 = 0.966232 and 0.987419; less 1, times 0.86
    assert (found.ci_low, found.ci_high) == pytest.approx((-0.029041, -0.010820), abs=2e-6)
    # h(1) = sqrt(0.0049346^2 + 0.00784^2) = 0.0092637; + 0.84162 * 0.005 = 0.0134718; / 0.86
    assert found.minimum_detectable == pytest.approx(0.015665, abs=1e-6)


# A cold mean of 0.8 without error, band 5 %: edges at 0.76 and 0.84. A standard error of 0.01 reaches 0.01645.
@pytest.mark.parametrize(
    ("prod_mean", "expected"),
    [
        (0.80, Verdict.WITHIN),
        (0.7766, Verdict.WITHIN),  # from 0.7602
        (0.7763, Verdict.INCONCLUSIVE),  # from 0.7599
        (0.7437, Verdict.INCONCLUSIVE),  # to 0.7601
        (0.7434, Verdict.BELOW),  # to 0.7598
        (0.8563, Verdict.INCONCLUSIVE),  # from 0.8399
        (0.8566, Verdict.ABOVE),  # from 0.8402
    ],
)
def test_an_edge_is_told_only_where_the_mean_is_further_from_it_than_its_reach(prod_mean, expected):
    assert compared(estimate(prod_mean, 0.01), estimate(0.8, 0.0)).verdict is expected


def test_what_an_exact_cold_eval_would_decide_a_sampled_one_does_not():
    # the edge is 0.817, 0.017 above. 1.645 * 0.004 = 0.0066 is less; with 1.96 * 0.95 * 0.009 = 0.0168 it is 0.0180
    prod = estimate(0.80, 0.004)
    assert compared(prod, estimate(0.86, 0.0)).verdict is Verdict.BELOW
    assert compared(prod, estimate(0.86, 0.009)).verdict is Verdict.INCONCLUSIVE


def test_what_one_look_would_decide_a_sequence_does_not_yet():
    # one night, V = 1e-4, rho = 7e-4 / 6.32885 = 1.10605e-4
    # u = sqrt(2 * 2.10605e-4 * ln(1 + 10 sqrt(1.90412))) = 0.033597
    bound = sequence(np.array([1]), mixture_parameter(np.array([7e-4])))
    assert compared(estimate(0.785, 0.01), estimate(0.8, 0.0)).verdict is Verdict.WITHIN
    assert compared(estimate(0.7933, 0.01), estimate(0.8, 0.0), bound=bound).verdict is Verdict.INCONCLUSIVE
    assert compared(estimate(0.7938, 0.01), estimate(0.8, 0.0), bound=bound).verdict is Verdict.WITHIN


@pytest.mark.parametrize("baseline_error", [0.0, 0.006])
@pytest.mark.parametrize("error", [0.004, 0.01, 0.02])
@pytest.mark.parametrize("bound", [fixed_time, sequence(np.full(400, 3), np.full(400, 2e-4))])
def test_the_interval_is_inside_the_band_or_outside_it_exactly_where_the_verdict_says_so(bound, error, baseline_error):
    means = np.linspace(0.6, 1.0, 400)
    prod = Estimate(means, np.full(400, error**2), np.full(400, 1000))
    found = compare(prod, estimate(0.8, baseline_error), 0.05, bound)
    within = (found.ci_low > -0.04) & (found.ci_high < 0.04)
    assert ((found.verdict == Verdict.WITHIN) == within).all()
    assert ((found.verdict == Verdict.BELOW) == (found.ci_high < -0.04)).all()
    assert ((found.verdict == Verdict.ABOVE) == (found.ci_low > 0.04)).all()
    assert (found.ci_low < found.difference).all() and (found.difference < found.ci_high).all()


def test_too_few_items_on_either_side_say_nothing_however_clear_they_look():
    assert compared(estimate(0.3, 0.001, items=19), estimate(0.8, 0.001)).verdict is Verdict.SMALL_CELL
    assert compared(estimate(0.3, 0.001), estimate(0.8, 0.001, items=19)).verdict is Verdict.SMALL_CELL
    assert compared(estimate(0.3, 0.001, items=20), estimate(0.8, 0.001, items=20)).verdict is Verdict.BELOW


def test_what_is_missing_is_named_before_anything_is_compared():
    assert compared(NOTHING, estimate(0.8, 0.01)).verdict is Verdict.NO_DATA
    assert compared(NOTHING, NOTHING).verdict is Verdict.NO_DATA
    found = compared(estimate(0.8, 0.01, items=30), NOTHING)
    assert found.verdict is Verdict.NO_BASELINE
    assert isnan(found.difference) and isnan(found.ci_low) and isnan(found.minimum_detectable)


def test_a_variance_that_is_not_known_is_never_within():
    assert compared(estimate(0.8, nan), estimate(0.8, 0.01)).verdict is Verdict.SMALL_CELL
    assert compared(estimate(0.8, 0.01), estimate(0.8, nan)).verdict is Verdict.SMALL_CELL


def test_a_cold_mean_of_zero_divides_nothing_and_is_never_within():
    found = compared(estimate(0.1, 0.01), estimate(0.0, 0.0))
    assert isnan(found.relative_difference) and isnan(found.minimum_detectable) and isnan(found.ci_low)
    assert found.verdict is Verdict.ABOVE
    assert compared(estimate(0.0, 0.01), estimate(0.0, 0.01)).verdict is Verdict.INCONCLUSIVE


def test_cells_are_compared_apart_and_rows_of_nights_with_one_cold_eval():
    nights = Estimate(np.array([[0.8, 0.7], [nan, 0.8]]), np.full((2, 2), 0.0001), np.array([[100, 100], [0, 10]]))
    cold = Estimate(np.array([0.8, 0.8]), np.zeros(2), np.array([600, 600]))
    found = compare(nights, cold, 0.05, fixed_time).verdict
    assert found.tolist() == [[Verdict.WITHIN, Verdict.BELOW], [Verdict.NO_DATA, Verdict.SMALL_CELL]]


def test_p_below_is_one_sided_and_about_the_bands_edge():
    # 1.6449 standard errors beneath the edge it is 5 %, 2.5758 beneath it 0.5 %; at the edge and above, 1
    for z, expected in ((1.644854, 0.05), (2.575829, 0.005), (4.753424, 1e-6)):
        assert p(estimate(0.76 - z * 0.01, 0.01), estimate(0.8, 0.0)) == pytest.approx(expected, rel=1e-4)
    assert p(estimate(0.76, 0.01), estimate(0.8, 0.0)) == 1.0
    assert p(estimate(0.9, 0.01), estimate(0.8, 0.0)) == 1.0


def test_p_below_of_a_sequence_by_its_closed_form():
    # without a baseline's error alpha = sqrt((V + rho) / rho) / (2 (exp(D^2 k^2 / (2 (V + rho))) - 1)), from u = D
    nights, variance, rho, gap = 3, 0.0001, 0.0004, 0.05
    total = nights**2 * variance + rho
    expected = np.sqrt(total / rho) / (2 * np.expm1(gap**2 * nights**2 / (2 * total)))
    found = p(estimate(0.76 - gap, 0.01), estimate(0.8, 0.0), sequence(np.array([nights]), np.array([rho])))
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("mean", [0.70, 0.72, 0.73, 0.74])
def test_below_is_where_p_below_is_under_the_error_rate(mean):
    for bound in (fixed_time, sequence(np.array([4]), np.array([2e-4]))):
        prod, cold = estimate(mean, 0.009), estimate(0.8, 0.006)
        assert (compared(prod, cold, bound=bound).verdict is Verdict.BELOW) == (p(prod, cold, bound) < 0.05)


def test_a_difference_beyond_all_doubt_has_a_p_value_above_0():
    assert 0 < p(estimate(0.0, 0.001), estimate(0.8, 0.0)) <= 1e-299
