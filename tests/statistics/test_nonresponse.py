"""Items without a verdict are stood for by the judged ones of their own stratum and domain."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.statistics.domain_means import domain_means
from pipelines.statistics.nonresponse import nonresponse_weights

NAN = float("nan")


def test_the_weight_of_a_missing_verdict_goes_to_its_stratum():
    # a: weights 2, 2, 2, one missing: (4 + 2) / 4 = 1.5 times; b: 10, 30, none missing
    weights = nonresponse_weights(
        np.array([0, 0, 0, 1, 1]),
        np.array([2.0, 2, 2, 10, 30]),
        np.array([True, True, False, True, True])[:, None],
        np.array([False, False, True, False, False])[:, None],
    )
    assert weights[:, 0].tolist() == [3, 3, 0, 10, 30]


def test_not_applicable_is_a_verdict_and_carries_its_part():
    # one stratum of four, weights 1: scored 1.0, scored 0.5, not applicable, missing. Each judged one carries 4/3; the
    # missing one may well have been not applicable, so the domain has 8/3 and not 3
    judged, missing = np.array([True, True, True, False])[:, None], np.array([False, False, False, True])[:, None]
    weights = nonresponse_weights(np.zeros(4, dtype=int), np.ones(4), judged, missing)
    assert weights[:, 0] == pytest.approx([4 / 3, 4 / 3, 4 / 3, 0])


def test_each_domain_is_carried_by_its_own_items():
    # of the second domain (the first two items) nothing is missing
    judged = np.array([[True, True], [True, True], [True, False], [False, False]])
    missing = np.array([[False, False], [False, False], [False, False], [True, False]])
    weights = nonresponse_weights(np.zeros(4, dtype=int), np.ones(4), judged, missing)
    assert weights.T == pytest.approx(np.array([[4 / 3, 4 / 3, 4 / 3, 0], [1, 1, 0, 0]]))


def test_a_stratum_without_any_verdict_leaves_the_mean_to_the_others():
    judged, missing = np.array([True, False])[:, None], np.array([False, True])[:, None]
    weights = nonresponse_weights(np.array([0, 1]), np.array([5.0, 7.0]), judged, missing)
    assert weights[:, 0].tolist() == [5, 0]
    assert domain_means(np.array([0, 1]), weights, np.array([[0.5], [NAN]])).mean[0] == 0.5


def test_a_stratum_that_fails_more_often_does_not_move_the_mean():
    # a: 100 logs that score 1, half of them missing; b: 100 logs that score 0. Left out, the mean would be 1/3
    stratum, score = np.repeat([0, 1], 100), np.repeat([1.0, 0.0], 100)
    absent = (np.arange(200) % 2 == 1) & (stratum == 0)
    weights = nonresponse_weights(stratum, np.ones(200), ~absent[:, None], absent[:, None])
    assert domain_means(stratum, weights, np.where(absent, NAN, score)[:, None]).mean[0] == pytest.approx(0.5)


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0.1, 9), st.sampled_from("jm-")), min_size=1, max_size=20))
def test_no_stratum_gains_or_loses_weight_while_it_has_a_verdict(rows):
    stratum, weight, fate = (np.array(column) for column in zip(*rows, strict=True))
    judged, missing = (fate == "j")[:, None], (fate == "m")[:, None]
    weights = nonresponse_weights(stratum, weight, judged, missing)[:, 0]
    for each in set(stratum[fate == "j"]):
        here = stratum == each
        assert weights[here].sum() == pytest.approx(weight[here & (fate != "-")].sum())
    assert (weights[fate != "j"] == 0).all()
