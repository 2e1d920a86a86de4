"""Weighted kappa against a published example and its definition; its interval over items."""

import numpy as np
import pytest

from pipelines.statistics.agreement import agreement, confusion, weighted_kappa

# Two radiologists on 85 xeromammograms, normal to cancer (Boyd et al. 1982, as in Altman 1991, p. 403)
XEROMAMMOGRAMS = np.array([[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]])


def pairs(table):
    first, second = np.indices(table.shape)
    return np.repeat(first.ravel() + 1.0, table.ravel()), np.repeat(second.ravel() + 1.0, table.ravel())


def test_kappa_is_that_of_a_published_example():
    # Stata's manual gives it for these data: [R] kappa, example 2, `kap rada radb, wgt(w2)`: 0.6714
    assert weighted_kappa(*pairs(XEROMAMMOGRAMS)) == pytest.approx(0.6714, abs=5e-5)


def test_kappa_is_one_less_observed_over_expected_disagreement():
    # pairs (1, 1), (5, 4): observed (0 + 1) / 2; expected over all four pairings of 1, 5 with 1, 4:
    # (0 + 9 + 16 + 1) / 4 = 6.5
    assert weighted_kappa(np.array([1.0, 5.0]), np.array([1.0, 4.0])) == pytest.approx(1 - 0.5 / 6.5)


def test_where_neither_varies_there_is_nothing_beyond_chance_to_agree_on():
    assert np.isnan(weighted_kappa(np.full(20, 5.0), np.full(20, 5.0)))
    # with a constant offset the whole difference is that of chance
    assert weighted_kappa(np.full(20, 5.0), np.full(20, 4.0)) == 0


def test_the_confusion_matrix_has_the_first_raters_levels_in_rows():
    table = confusion(*pairs(XEROMAMMOGRAMS), levels=5)
    assert table[:4, :4].tolist() == XEROMAMMOGRAMS.tolist() and table.sum() == 85


def test_the_interval_is_the_same_on_every_call_and_holds_kappa():
    first, second = pairs(XEROMAMMOGRAMS)
    found = agreement(np.arange(85), first, second, 0.95, seed=1)
    assert found == agreement(np.arange(85), first, second, 0.95, seed=1)
    assert found.kappa == pytest.approx(0.6714, abs=5e-5) and found.items == 85
    # the standard error of the published example is about .08 (the bootstrap's own, 10,000 draws)
    assert 0.45 < found.low < 0.57 and 0.76 < found.high < 0.82


def test_pairs_of_one_item_are_drawn_together():
    first, second = pairs(XEROMAMMOGRAMS)
    alone = agreement(np.arange(85), first, second, 0.95, seed=1)
    # every item labelled four times alike: no more items than before, so the interval is no narrower
    together = agreement(np.tile(np.arange(85), 4), np.tile(first, 4), np.tile(second, 4), 0.95, seed=1)
    assert together == pytest.approx(alone)


def test_raters_who_never_differ_have_no_interval():
    levels = np.array([1.0, 2, 3, 4, 5] * 6)
    found = agreement(np.arange(30), levels, levels, 0.95, seed=1)
    assert found.kappa == 1 and np.isnan(found.low) and np.isnan(found.high)


def test_a_rater_who_never_varies_leaves_no_interval():
    # kappa is 0 in every resample, which is no evidence that it is
    found = agreement(np.arange(30), np.array([1.0, 2, 3, 4, 5] * 6), np.full(30, 5.0), 0.95, seed=1)
    assert found.kappa == pytest.approx(0) and np.isnan(found.low) and np.isnan(found.high)


def test_one_item_has_no_interval_and_none_no_kappa():
    assert np.isnan(agreement(np.array([0, 0]), np.array([1.0, 2.0]), np.array([1.0, 3.0]), 0.95, seed=1).low)
    nothing = agreement(np.array([], dtype=int), np.array([]), np.array([]), 0.95, seed=1)
    assert np.isnan(nothing.kappa) and nothing.items == 0
