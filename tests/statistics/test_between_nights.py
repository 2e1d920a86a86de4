"""How much nights differ beyond their samples, by hand."""

import numpy as np
import pytest

from pipelines.statistics.between_nights import between_nights, between_nights_so_far, known_before

NAN = float("nan")


def between(means, variances, epoch):
    return float(between_nights(np.array(means)[:, None], np.array(variances)[:, None], np.array(epoch))[0])


def test_what_nights_differ_by_by_hand():
    # w = 1 / 0.0001 each; mean 0.8; Q = 1e4 (0.0016 + 0 + 0.0016) = 32; df = 2; C = 3e4 - 3e8 / 3e4 = 2e4
    # estimate (32 - 2) / 2e4 = 0.0015; prior (0.02 * 0.8)^2 = 0.000256; (2 * 0.0015 + 2 * 0.000256) / 4 = 0.000878
    assert between([0.76, 0.80, 0.84], [0.0001] * 3, [0, 0, 0]) == pytest.approx(0.000878)


def test_unequal_errors_weigh_by_hand():
    # w = 1e4, 1e4, 5e3: mean (0.7 + 0.8 + 0.45) / 2.5 = 0.78; Q = 1e4 (0.0064 + 0.0004) + 5e3 * 0.0144 = 68 + 72 = 140
    # C = 2.5e4 - (1e8 + 1e8 + 2.5e7) / 2.5e4 = 1.6e4; (140 - 2) / 1.6e4 = 0.008625; prior (0.02 * 0.8)^2, of the plain
    # mean
    assert between([0.70, 0.80, 0.90], [1e-4, 1e-4, 2e-4], [0] * 3) == pytest.approx((2 * 0.008625 + 2 * 0.000256) / 4)


def test_nights_that_differ_no_more_than_their_samples_leave_a_shrinking_prior():
    # the estimate is 0: 2 * (0.02 * 0.8)^2 / (df + 2)
    assert between([0.8, 0.8, 0.8], [0.0001] * 3, [0] * 3) == pytest.approx(0.000256 / 2)
    assert between([0.8] * 7, [0.0001] * 7, [0] * 7) == pytest.approx(0.000256 / 4)


def test_fewer_than_three_nights_show_nothing_of_their_own():
    assert between([0.5, 0.9], [0.0001] * 2, [0, 0]) == pytest.approx((0.02 * 0.7) ** 2)
    assert between([0.8, NAN, NAN], [0.0001, NAN, NAN], [0] * 3) == pytest.approx(0.000256)


def test_deviations_are_from_each_epochs_own_mean_and_cost_a_degree_of_freedom_each():
    # two epochs of two, a step of 0.2 between them: within each the nights agree, so Q = 0 and df = 4 - 2 = 2
    assert between([0.9, 0.9, 0.7, 0.7], [0.0001] * 4, [0, 0, 1, 1]) == pytest.approx(0.000256 / 2)
    # two and one: one degree of freedom is too few
    assert between([0.9, 0.6, 0.7], [0.0001] * 3, [0, 0, 1]) == pytest.approx((0.02 * 2.2 / 3) ** 2)


def test_a_night_without_the_domain_does_not_count():
    with_gap = between([0.76, NAN, 0.80, 0.84], [0.0001, NAN, 0.0001, 0.0001], [0] * 4)
    assert with_gap == pytest.approx(between([0.76, 0.80, 0.84], [0.0001] * 3, [0] * 3))


def test_it_is_learnt_from_28_nights_of_the_same_rubric_across_epochs_and_never_from_later_ones():
    random = np.random.default_rng(1)
    mean, variance = 0.8 + 0.03 * random.standard_normal((40, 1)), np.full((40, 1), 0.0001)
    epoch, rubric = np.repeat([0, 1, 2], [10, 10, 20]), np.repeat([0, 1], [20, 20])
    found = between_nights_so_far(mean, variance, epoch, rubric)
    assert found[15] == between_nights(mean[:16], variance[:16], epoch[:16])  # both epochs of the rubric
    assert found[25] == between_nights(mean[20:26], variance[20:26], epoch[20:26])  # the new rubric alone
    one = np.zeros(40, dtype=int)
    assert between_nights_so_far(mean, variance, one, one)[39] == between_nights(mean[12:], variance[12:], one[12:])


def test_a_spread_that_there_is_is_found_on_average():
    random = np.random.default_rng(2)
    mean = 0.8 + 0.03 * random.standard_normal((28, 4000)) + 0.02 * random.standard_normal((28, 4000))
    found = between_nights(mean, np.full(mean.shape, 0.0004), np.zeros(28, dtype=int))
    # (27 * 0.0009 + 2 * 0.000256) / 29
    assert found.mean() == pytest.approx((27 * 0.0009 + 2 * 0.000256) / 29, rel=0.02)


def test_a_night_is_held_against_the_least_that_was_known_in_the_week_before_by_its_rubric():
    between = np.array([[0.2], [0.1], [0.3], [0.4], [0.5]])
    assert known_before(between, np.array([0, 0, 1, 1, 0]))[:, 0].tolist() == [0.2, 0.2, 0.3, 0.3, 0.1]
    rising = known_before(np.arange(10.0)[:, None], np.zeros(10, dtype=int))
    assert rising[:, 0].tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 1, 2]
