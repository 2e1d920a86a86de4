"""The spread of each stratum is drawn towards that of all, the more so the fewer scores it has."""

import numpy as np
import pytest

from pipelines.statistics.spread import shrunk_spread


def test_a_stratum_counts_as_much_as_all_once_it_has_twenty_degrees_of_freedom():
    # squares 3.2 and 0.8 of 20 each: s^2 = 0.16 and 0.04, pooled 4.0 / 40 = 0.10
    # (20 * 0.10 + 3.2) / 40 = 0.13 and (20 * 0.10 + 0.8) / 40 = 0.07
    found = shrunk_spread(np.array([3.2, 0.8]), np.array([20.0, 20.0]))
    assert found**2 == pytest.approx([0.13, 0.07])


def test_a_stratum_of_no_or_of_equal_scores_has_a_spread_all_the_same():
    # pooled 3.0 / 30 = 0.1; without scores it is the pooled one, with 10 degrees of none (20 * 0.1 + 0) / 30
    found = shrunk_spread(np.array([3.0, 0.0, 0.0]), np.array([20.0, 0.0, 10.0]))
    assert found[1:] ** 2 == pytest.approx([0.1, 2 / 30])


def test_much_evidence_speaks_for_itself():
    found = shrunk_spread(np.array([4e4, 1e4]), np.array([1e6, 1e6]))
    assert found == pytest.approx([0.2, 0.1], rel=1e-4)


def test_nothing_is_known_without_scores():
    assert np.isnan(shrunk_spread(np.zeros(2), np.zeros(2))).all()
    assert len(shrunk_spread(np.zeros(0), np.zeros(0))) == 0
