"""Scores that are all the same."""

import numpy as np
import pytest

from pipelines.statistics.variance_floor import variance_floor


def test_it_is_about_twice_the_squared_distance_over_the_squared_number_of_items():
    # 46 items, all 1: 2 * (1 / 50)^2; all 0.5: a score can be 0.5 away
    assert float(variance_floor(np.array(1.0), np.array(46))) == pytest.approx(0.0008)
    assert float(variance_floor(np.array(0.0), np.array(46))) == pytest.approx(0.0008)
    assert float(variance_floor(np.array(0.5), np.array(46))) == pytest.approx(0.0002)
    assert float(variance_floor(np.array(0.0), np.array(46), furthest=0.25)) == pytest.approx(0.00005)


@pytest.mark.parametrize("items", [20, 50, 200, 1000])
def test_a_share_of_ones_that_gives_all_ones_in_one_sample_of_twenty_is_not_called_different_from_1(items):
    # the rule of three: all of n are 1 with a chance of 5 % where the share is 0.05^(1/n), about 1 - 3 / n
    share = 0.05 ** (1 / items)
    error = np.sqrt(variance_floor(np.array(1.0), np.array(items)))
    assert 1 - share < 2.5758 * error


def test_it_does_nothing_where_scores_vary():
    # 200 items of which 10 are 0: v = 0.05 * 0.95 / 199 = 0.000239 against 2 * (0.95 / 204)^2 = 0.0000434
    assert variance_floor(np.array(0.95), np.array(200)) < 0.05 * 0.95 / 199
