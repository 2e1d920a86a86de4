"""Production on the cold eval's mix, by hand."""

import numpy as np
import pytest

from pipelines.statistics.standardised import standardised

NAN = float("nan")


def test_the_cold_evals_shares_weigh_the_categories_differences():
    # shares 0.75 and 0.25; 0.8 + 0.75 (0.88 - 0.9) + 0.25 (0.46 - 0.5) = 0.8 - 0.015 - 0.01 = 0.775
    # variance 0.5625 * 0.0001 + 0.0625 * 0.0004 = 0.00008125
    night, cold = (np.array([[0.88, 0.46]]), np.array([[0.0001, 0.0004]])), np.array([[0.9, 0.5]])
    mean, variance = standardised(*night, cold, np.array([[300, 100]]), np.array([0.8]))
    assert (mean[0], variance[0]) == pytest.approx((0.775, 0.00008125))


@pytest.mark.parametrize("missing", ["night", "cold", "variance"])
def test_a_category_of_one_side_only_has_no_share(missing):
    mean, variance, cold = np.array([[0.88, 0.46]]), np.array([[0.0001, 0.0004]]), np.array([[0.9, 0.5]])
    {"night": mean, "cold": cold, "variance": variance}[missing][0, 1] = NAN
    found, error = standardised(mean, variance, cold, np.array([[300, 100]]), np.array([0.8]))
    assert (found[0], error[0]) == pytest.approx((0.78, 0.0001))


def test_without_a_common_category_there_is_none():
    found = standardised(np.array([[NAN]]), np.array([[NAN]]), np.array([[0.9]]), np.array([[10]]), np.array([0.8]))
    assert np.isnan(found).all()
    none = np.zeros((2, 0))
    assert np.isnan(standardised(none, none, none, none, np.array([0.8, 0.8]))).all()


def test_equal_quality_in_every_category_is_no_difference_whatever_the_mix():
    cold = np.array([[0.9, 0.5, 0.7]])
    found, _ = standardised(cold, np.full((1, 3), 0.0001), cold, np.array([[10, 20, 30]]), np.array([0.65]))
    assert found[0] == pytest.approx(0.65)
