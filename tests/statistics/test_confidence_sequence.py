"""How far the truth may be: at one look, at every look, and with the cold eval's own error."""

from math import log, sqrt

import numpy as np
import pytest

from pipelines.statistics.confidence_sequence import (
    fixed_time,
    mixture_parameter,
    planned_variance,
    sequence,
    student,
    with_baseline,
)


def test_at_one_look_it_is_the_normal_quantile():
    assert float(fixed_time(np.array(0.0004), 0.05)) == pytest.approx(1.6449 * 0.02, abs=1e-6)
    assert float(fixed_time(np.array(0.0004), 0.9)) == 0.0


def test_a_variance_of_few_degrees_of_freedom_reaches_further():
    # t_{0.95} of 9 degrees is 1.8331 (any table); of infinitely many it is z
    assert float(student(np.array(9.0))(np.array(0.0004), 0.05)) == pytest.approx(1.8331 * 0.02, abs=1e-6)
    assert float(student(np.array(np.inf))(np.array(0.0004), 0.05)) == pytest.approx(1.6449 * 0.02, abs=1e-6)


def test_rho_is_the_planned_variance_over_x_plus_ln_1_plus_x():
    # x = 2 ln(1 / 0.1) = 4.60517; 4.60517 + ln(5.60517) = 4.60517 + 1.72368 = 6.32885
    assert float(mixture_parameter(np.array(6.32885))) == pytest.approx(1.0, abs=1e-5)


def test_the_sequences_reach_by_hand():
    # three nights of variance 0.0006: the mean's is 0.0002, V = 9 * 0.0002 = 0.0018; rho = 0.0009
    # (V + rho) / rho = 3; u = sqrt(2 * 0.0027 * ln(1 + sqrt(3) / 0.1)) / 3 = sqrt(0.0054 * 2.90785) / 3 = 0.041770
    found = sequence(np.array(3), np.array(0.0009))(np.array(0.0002), 0.05)
    assert float(found) == pytest.approx(sqrt(0.0054 * log(1 + sqrt(3) / 0.1)) / 3)
    assert float(found) == pytest.approx(0.041770, abs=1e-6)


def test_a_variance_of_few_degrees_of_freedom_is_taken_for_larger():
    # t_{0.995} of 7 degrees is 3.4995 (any table), z 2.5758: 0.0002 * 1.84577 = 0.000369154
    few, exact = sequence(np.array(3), np.array(0.0009), 7.0), sequence(np.array(3), np.array(0.0009))
    assert float(few(np.array(0.0002), 0.05)) == pytest.approx(float(exact(np.array(0.000369154), 0.05)), rel=1e-5)


def test_planning_for_a_hundred_items_or_more_divides_by_what_the_first_night_has():
    # seven nights of items of variance 0.04
    assert planned_variance(0.04, np.array([5, 100, 200])) == pytest.approx([0.0028, 0.0028, 0.0014])


def test_it_is_wider_than_one_look_on_every_night_and_narrows_with_them():
    nights = np.arange(1, 366)
    variance = 0.0004 / nights
    reach = sequence(nights, mixture_parameter(np.array(7 * 0.0004)))(variance, 0.05)
    assert (reach > fixed_time(variance, 0.05)).all()
    assert (np.diff(reach) < 0).all()


@pytest.mark.parametrize("nights", [1, 7, 28])
def test_more_items_a_night_narrow_it(nights):
    def reach(night_variance):
        rho = mixture_parameter(np.array(7 * night_variance))
        return float(sequence(np.array(nights), rho)(np.array(night_variance / nights), 0.05))

    # twice the items are half the variance, planned and found: the reach shrinks by the square root of 2
    assert reach(0.0002) == pytest.approx(reach(0.0004) / sqrt(2))


def test_it_is_tightest_against_one_look_about_the_planned_night():
    nights = np.arange(1, 100)
    rho = mixture_parameter(np.array(7 * 0.0004))
    planned = sequence(nights, rho)(0.0004 / nights, 0.05)[6]
    others = [sequence(nights, rho * factor)(0.0004 / nights, 0.05)[6] for factor in (0.25, 0.5, 2, 4)]
    assert all(planned < other for other in others)


def test_no_night_has_no_reach():
    assert np.isnan(sequence(np.array(0), np.array(0.001))(np.array(np.nan), 0.05))


def test_the_cold_evals_error_is_added_in_quadrature_and_does_not_shrink():
    # sqrt(0.03^2 + 1.96^2 * 0.95^2 * 0.01^2) = sqrt(9e-4 + 3.4668e-4) = 0.035308
    assert float(with_baseline(np.array(0.03), 0.95, np.array(0.0001), 0.05)) == pytest.approx(0.035308, abs=1e-5)
    assert float(with_baseline(np.array(0.0), 1.0, np.array(0.0001), 0.05)) == pytest.approx(0.0196, abs=1e-5)
