"""Nights to a decision by the gate's own boundary, and the size of the cold eval that makes it one."""

from math import inf

import numpy as np
import pytest

from pipelines.planning.own_scores import OwnScores
from pipelines.planning.plan import Outcome, plan
from pipelines.statistics.confidence_sequence import ALPHA, PLANNED_NIGHTS, mixture_parameter, sequence, with_baseline
from pipelines.statistics.resampling import Stratum


def own(cold_items, cv=0.256, fixed=False, between=0.0001):
    """Graded scores about 0.8 with the coefficient of variation that reference cases are computed with."""
    scores = np.tile([0.8 - 0.8 * cv, 0.8 + 0.8 * cv], 5000)
    return OwnScores((Stratum(scores, 1.0, 200),), {"all": 5000}, between, 14, scores[:cold_items], fixed)


def planned(scores, n=200, band=0.05):
    return {each.divergence: each for each in plan(scores, band, {n: [n]})}


@pytest.mark.parametrize(("divergence", "needed"), [(0.0, 91), (0.02, 252), (0.03, 567)])
def test_the_cold_eval_that_a_band_needs_is_that_of_the_formula(divergence, needed):
    # m > (1.96 (1 - .05) .256 / (.05 - D))^2
    found = planned(own(120))[divergence]
    assert found.cold_items == pytest.approx(needed, rel=0.012)  # with m - 1 in the variance of 120 items
    assert (found.outcome is Outcome.UNDECIDABLE) == (needed > 120)
    assert (found.nights is None) == (needed > 120)


def test_the_planned_night_is_the_first_whose_boundary_is_passed():
    scores = own(600)
    found = planned(scores)[0.02]
    night_variance = scores.strata[0].scores.var(ddof=1) / 200 + 0.0001
    rho = mixture_parameter(PLANNED_NIGHTS * scores.item_variance / 200)

    def boundary(k):
        return with_baseline(
            sequence(np.array(k), rho, k * 199)(night_variance / k, ALPHA), 0.95, scores.baseline_variance, ALPHA
        )

    # (.05 - .02) * .8
    assert boundary(found.nights) < 0.024 <= boundary(found.nights - 1)
    assert found.outcome is Outcome.ADVANCE


def test_a_yardstick_without_error_decides_with_any_number_of_items():
    assert {each.outcome for each in planned(own(60, fixed=True)).values()} == {Outcome.ADVANCE}


def test_beyond_the_band_it_takes_nights_to_roll_back_and_on_its_edge_nothing_decides():
    found = planned(own(3000, cv=0.1), band=0.02)
    assert found[0.03].outcome is Outcome.ROLL_BACK
    assert (found[0.02].outcome, found[0.02].cold_items) == (Outcome.UNDECIDABLE, inf)


def test_restless_nights_are_slow_however_many_items_they_have():
    assert planned(own(600, between=0.01), n=5000)[0.03].outcome is Outcome.SLOW
