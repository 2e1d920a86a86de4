"""How many nights, or cold items, it takes to tell."""

from math import inf

import numpy as np
import pytest

from pipelines.statistics.confidence_sequence import mixture_parameter, sequence, with_baseline
from pipelines.statistics.planning import baseline_items_to_tell, nights_to_tell

RHO = mixture_parameter(np.array(7 * 0.016**2))


def reach(nights, baseline_variance=0.0):
    return float(with_baseline(sequence(np.array(nights), RHO)(0.016**2 / nights, 0.05), 0.95, baseline_variance, 0.05))


@pytest.mark.parametrize("baseline_variance", [0.0, 0.006**2])
@pytest.mark.parametrize("nights", [1, 4, 9])
def test_it_is_the_first_night_on_which_the_verdicts_own_reach_is_passed(nights, baseline_variance):
    distance = reach(nights, baseline_variance) * 1.000001
    assert nights_to_tell(distance, 0.016**2, RHO, 0.95, baseline_variance) == nights
    assert nights_to_tell(-distance, 0.016**2, RHO, 0.95, baseline_variance) == nights
    assert nights_to_tell(distance / 1.00001, 0.016**2, RHO, 0.95, baseline_variance) == nights + 1


def test_a_night_of_few_sampling_units_needs_more_of_them():
    # eight users a night: 7 degrees of freedom each, 28 after four nights
    distance = float(sequence(np.array(4), RHO, 28.0)(0.016**2 / 4, 0.05)) * 1.000001
    assert nights_to_tell(distance, 0.016**2, RHO, 0.95, 0.0, degrees_of_freedom=7) == 4
    assert nights_to_tell(distance / 1.00001, 0.016**2, RHO, 0.95, 0.0, degrees_of_freedom=7) == 5
    assert nights_to_tell(distance / 1.00001, 0.016**2, RHO, 0.95, 0.0) <= 4


def test_a_cold_eval_whose_own_error_is_wider_than_the_distance_is_never_enough():
    # 1.96 * 0.95 * 0.01 = 0.0186
    assert nights_to_tell(0.0186, 0.016**2, RHO, 0.95, 0.01**2, most=5_000) == inf
    assert nights_to_tell(0.0195, 0.016**2, RHO, 0.95, 0.01**2, most=5_000) < inf
    assert nights_to_tell(0.0, 0.016**2, RHO, 0.95, 0.0) == inf


# A band of 5 %, CV 0.256 (graded) and 0.403 (binary), at true differences of 0, 2 and 3 %.
# (1.96 * 0.95 * 0.256 / 0.05)^2 = 90.9; / 0.03: 252.4; / 0.02: 568. Binary 225.3, 625.8, 1408: within rounding of CV.
@pytest.mark.parametrize(
    ("difference", "cv", "items"),
    [
        *((0.0, 0.256, 91), (0.02, 0.256, 252), (0.03, 0.256, 567)),
        *((0.0, 0.403, 226), (0.02, 0.403, 627), (0.03, 0.403, 1411)),
    ],
)
def test_a_cold_eval_must_exceed_a_number_of_items_that_the_band_and_the_spread_of_scores_give(difference, cv, items):
    distance = (0.05 - difference) * 0.86
    found = baseline_items_to_tell(distance, 0.95, (cv * 0.86) ** 2 / 120, 120)
    assert found == pytest.approx(items, rel=0.004)
    assert baseline_items_to_tell(distance, 0.95, (cv * 0.86) ** 2 / 300, 300) == pytest.approx(found)


def test_at_the_edge_itself_no_number_of_items_is_enough():
    assert baseline_items_to_tell(0.0, 0.95, 0.01**2, 120) == inf
