"""Nights pooled, each counting once, for every night up to the last."""

import numpy as np
import pytest

from pipelines.statistics.pooled_nights import pooled_nights

NAN = float("nan")


def pooled(means, variances):
    """One domain's pooled means, variances and nights."""
    found = pooled_nights(np.array(means)[:, None], np.array(variances)[:, None])
    return [list(column[:, 0]) for column in found]


def test_every_night_counts_the_same_and_the_error_shrinks_with_nights():
    # after two: (0.9 + 0.7) / 2 = 0.8 and (0.0004 + 0.0016) / 4 = 0.0005; after three: 0.8 and 0.0036 / 9 = 0.0004
    means, variances, nights = pooled([0.9, 0.7, 0.8], [0.0004, 0.0016, 0.0016])
    assert means == pytest.approx([0.9, 0.8, 0.8])
    assert variances == pytest.approx([0.0004, 0.0005, 0.0004])
    assert nights == [1, 2, 3]


def test_a_night_without_the_domain_changes_nothing():
    means, variances, nights = pooled([NAN, 0.9, NAN, 0.7], [NAN, 0.0004, NAN, 0.0016])
    assert means == pytest.approx([NAN, 0.9, 0.9, 0.8], nan_ok=True)
    assert variances == pytest.approx([NAN, 0.0004, 0.0004, 0.0005], nan_ok=True)
    assert nights == [0, 1, 1, 2]


def test_a_night_of_one_item_has_no_variance_and_is_left_out():
    assert pooled([0.9, 0.1], [0.0004, NAN]) == [[0.9, 0.9], [0.0004, 0.0004], [1, 1]]


def test_domains_are_pooled_apart():
    means, _, nights = pooled_nights(np.array([[0.2, NAN], [0.4, 0.6]]), np.array([[0.1, NAN], [0.1, 0.1]]))
    assert means[-1] == pytest.approx([0.3, 0.6])
    assert list(nights[-1]) == [2, 1]
