"""The rule: an interval against the band, and nothing that could be read as evidence where there is none."""

from math import isnan, nan

import pytest

from pipelines.statistics.verdict import NOTHING, Estimate, Verdict, compare


def estimate(mean, standard_error, items=1000):
    return Estimate(mean, standard_error**2, items)


def test_the_interval_holds_the_errors_of_both_sides():
    found = compare(estimate(0.84, 0.003), estimate(0.86, 0.004), band=0.05)
    # sqrt(0.003^2 + 0.004^2) = 0.005; 2.5758 * 0.005 = 0.012879
    assert found.difference == pytest.approx(-0.02)
    assert found.relative_difference == pytest.approx(-0.02 / 0.86)
    assert (found.ci_low, found.ci_high) == pytest.approx((-0.032879, -0.007121), abs=1e-6)
    # the edge is at -0.043
    assert found.verdict is Verdict.WITHIN
    # (2.5758 + 0.8416) * 0.005 / 0.86 = 0.01987
    assert found.minimum_detectable == pytest.approx(0.01987, abs=1e-5)


def test_what_an_exact_cold_eval_would_decide_a_sampled_one_does_not():
    # difference -0.06, edge -0.043. 2.5758 * 0.004 = 0.0103 fits into the 0.017 between them;
    # 2.5758 * sqrt(0.004^2 + 0.008^2) = 0.0230 does not
    prod = estimate(0.80, 0.004)
    assert compare(prod, estimate(0.86, 0.0), band=0.05).verdict is Verdict.BELOW
    assert compare(prod, estimate(0.86, 0.008), band=0.05).verdict is Verdict.INCONCLUSIVE


# A cold mean of 0.8 and a band of 5 %: edges at 0.76 and 0.84. A standard error of 0.01 makes the interval 0.0258 wide
# on each side.
@pytest.mark.parametrize(
    ("prod_mean", "expected"),
    [
        (0.80, Verdict.WITHIN),
        (0.787, Verdict.WITHIN),  # from 0.7612
        (0.785, Verdict.INCONCLUSIVE),  # from 0.7592
        (0.735, Verdict.INCONCLUSIVE),  # to 0.7608
        (0.733, Verdict.BELOW),  # to 0.7588
        (0.865, Verdict.INCONCLUSIVE),  # from 0.8392
        (0.867, Verdict.ABOVE),  # from 0.8412
    ],
)
def test_an_interval_decides_only_where_all_of_it_lies_on_one_side_of_an_edge(prod_mean, expected):
    assert compare(estimate(prod_mean, 0.01), estimate(0.8, 0.0), band=0.05).verdict is expected


def test_an_interval_wider_than_the_band_never_lies_within_it():
    assert compare(estimate(0.80, 0.02), estimate(0.8, 0.0), band=0.05).verdict is Verdict.INCONCLUSIVE


def test_too_few_items_on_either_side_say_nothing_however_clear_they_look():
    assert compare(estimate(0.3, 0.001, items=19), estimate(0.8, 0.001), band=0.05).verdict is Verdict.SMALL_CELL
    assert compare(estimate(0.3, 0.001), estimate(0.8, 0.001, items=19), band=0.05).verdict is Verdict.SMALL_CELL
    assert compare(estimate(0.3, 0.001, items=20), estimate(0.8, 0.001, items=20), band=0.05).verdict is Verdict.BELOW


def test_what_is_missing_is_named_before_anything_is_compared():
    assert compare(NOTHING, estimate(0.8, 0.01), band=0.05).verdict is Verdict.NO_DATA
    assert compare(NOTHING, NOTHING, band=0.05).verdict is Verdict.NO_DATA
    found = compare(estimate(0.8, 0.01, items=30), NOTHING, band=0.05)
    assert found.verdict is Verdict.NO_BASELINE
    assert isnan(found.difference) and isnan(found.ci_low) and isnan(found.p_below)


def test_a_variance_that_is_not_known_is_never_within():
    assert compare(Estimate(0.8, nan, 1000), estimate(0.8, 0.01), band=0.05).verdict is Verdict.SMALL_CELL
    assert compare(estimate(0.8, 0.01), Estimate(0.8, nan, 1000), band=0.05).verdict is Verdict.SMALL_CELL


def test_p_below_is_one_sided_and_about_the_bands_edge():
    # at the edge it is 1/2; 2.5758 standard errors beneath it, 0.005: where the 99 % interval says `below`
    assert compare(estimate(0.76, 0.01), estimate(0.8, 0.0), band=0.05).p_below == pytest.approx(0.5)
    beneath = compare(estimate(0.76 - 0.025758, 0.01), estimate(0.8, 0.0), band=0.05)
    assert beneath.p_below == pytest.approx(0.005, abs=1e-6)


def test_scores_that_never_vary_have_a_p_value_all_the_same():
    assert compare(estimate(0.5, 0.0), estimate(0.8, 0.0), band=0.05).p_below == 0.0
    assert compare(estimate(0.8, 0.0), estimate(0.8, 0.0), band=0.05).p_below == 1.0


def test_a_cold_mean_of_zero_divides_nothing():
    found = compare(estimate(0.1, 0.01), estimate(0.0, 0.0), band=0.05)
    assert isnan(found.relative_difference) and isnan(found.minimum_detectable)
    assert found.verdict is Verdict.ABOVE
