"""Corrected means by hand, and their intervals' coverage by simulation."""

from math import isnan, sqrt

import numpy as np
import pytest
from scipy.stats import t

from pipelines.statistics.corrected_means import prediction_powered_mean, rogan_gladen


def test_rogan_and_gladen_by_hand():
    # p = .6; q1 = 45/50 = .9, q0 = 14/20 = .7: (.6 + .7 - 1) / (.9 + .7 - 1) = .5
    found = rogan_gladen(0.6, 200, 45, 50, 14, 20, 0.95)
    assert (found.raw, found.mean) == (0.6, pytest.approx(0.5))
    # p' = (120 + 1.92073) / 203.84146 = .598115, q1' = 46/52 = .884615, q0' = 15/22 = .681818, together less 1: .566434
    # t = (.598115 + .681818 - 1) / .566434 = .494204
    # q1' (1 - q1') / 52 = .00196290, q0' (1 - q0') / 22 = .00986101, p' (1 - p') / 203.84 = .00117922
    # centre = t + 2 * 3.841459 * (.494204 * .00196290 - .505796 * .00986101) = .494204 - .030867 = .463337
    # half = 1.959964 sqrt(.00117922 + .505796^2 * .00986101 + .494204^2 * .00196290) / .566434 = .223748
    assert (found.low, found.high) == (pytest.approx(0.239589, abs=1e-5), pytest.approx(0.687085, abs=1e-5))


def test_a_judge_no_better_than_a_coin_corrects_nothing():
    assert isnan(rogan_gladen(0.5, 200, 10, 20, 10, 20, 0.95).mean)
    # q0 + q1 = 1.01, but from one good label: shifted 2/3 + 2/102, which is below 1
    assert isnan(rogan_gladen(0.5, 200, 1, 1, 1, 100, 0.95).mean)


def test_without_one_kind_of_label_nothing_is_corrected():
    assert isnan(rogan_gladen(0.9, 200, 30, 30, 0, 0, 0.95).low)


def test_the_interval_of_rogan_and_gladen_covers():
    generator = np.random.default_rng(5)
    truth, sensitivity, specificity, rounds = 0.8, 0.9, 0.7, 1500
    covered = 0
    for _ in range(rounds):
        good = generator.binomial(200, truth)
        judged = generator.binomial(good, sensitivity) + generator.binomial(200 - good, 1 - specificity)
        found = rogan_gladen(
            judged / 200, 200, generator.binomial(60, sensitivity), 60, generator.binomial(40, specificity), 40, 0.95
        )
        covered += found.low <= truth <= found.high
    # simulation error of 1,500 rounds at 95 %: 0.6 points
    assert covered / rounds > 0.93


def test_prediction_power_in_one_stratum_by_hand():
    # labelled f 0, 0, .5, 1, 1 and y 0, .25, .5, .75, 1; five others with f .5, .5, 1, 1, 1
    f, y = np.array([0, 0, 0.5, 1, 1]), np.array([0, 0.25, 0.5, 0.75, 1])
    others = np.array([0.5, 0.5, 1, 1, 1])
    # cov(y, f) = (.5 * .5 + .5 * .25 + 0 + .5 * .25 + .5 * .5) / 4 = .1875
    # all f: mean .65, squares 2 * .4225 + 3 * .0225 + 5 * .1225 = 1.525, var .169444; l = .1875 / .338889 = .553279
    l = 0.1875 / (2 * 1.525 / 9)
    found = prediction_powered_mean(
        np.zeros(10, dtype=int), np.ones(10), np.concatenate([f, others]), np.concatenate([y, np.full(5, np.nan)]), 0.95
    )
    # y - l f has mean .5 - .5 l, the others' f mean .8: .5 + .3 l
    assert (found.raw, found.mean) == (pytest.approx(0.65), pytest.approx(0.5 + 0.3 * l))
    # var(y - l f) = var y - 2 l cov + l^2 var f = .15625 - .375 l + .25 l^2, over 5; l^2 var of all f over 5
    variance = (0.15625 - 0.375 * l + 0.25 * l**2) / 5 + l**2 * (1.525 / 9) / 5
    assert found.high - found.mean == pytest.approx(t.ppf(0.975, 4) * sqrt(variance))


def test_strata_count_by_their_weight_and_not_by_their_labels():
    # stratum 0: 9 of 10 of the weight, all 1; stratum 1: all 0. Five labels each, right
    stratum = np.repeat([0, 1], 10)
    weight = np.where(stratum == 0, 9.0, 1.0)
    judge = np.where(stratum == 0, 1.0, 0.0)
    human = np.where(np.arange(20) % 2 == 0, judge, np.nan)
    found = prediction_powered_mean(stratum, weight, judge, human, 0.95)
    assert (found.raw, found.mean) == (pytest.approx(0.9), pytest.approx(0.9))


def test_strata_with_few_labels_are_put_together_and_too_few_in_all_tell_nothing():
    stratum, weight = np.repeat([0, 1, 2], 10), np.repeat([8.0, 1.0, 1.0], 10)
    judge, human = np.full(30, 0.5), np.full(30, np.nan)
    human[[0, 1, 10, 11]] = [0, 1, 1, 1]
    assert isnan(prediction_powered_mean(stratum, weight, judge, human, 0.95).mean)
    human[20:22] = [1, 1]
    # six labels in three strata of two: one stratum of thirty, at 5/6; kept apart it would be .8 * .5 + .1 + .1
    assert prediction_powered_mean(stratum, weight, judge, human, 0.95).mean == pytest.approx(5 / 6)


def test_a_judge_without_any_skill_leaves_the_mean_of_the_labels():
    judge, human = np.full(40, 0.75), np.full(40, np.nan)
    human[:10] = [0, 0.25, 0.5, 0.75, 1] * 2
    assert prediction_powered_mean(np.zeros(40, dtype=int), np.ones(40), judge, human, 0.95).mean == pytest.approx(0.5)


def simulated(generator, labels, skill):
    """Two strata, 100 and 300 items; people score on five levels, the judge adds an offset and noise."""
    stratum = np.repeat([0, 1], [100, 300])
    truth = generator.binomial(4, np.where(stratum == 0, 0.5, 0.8)) / 4
    judge = np.clip(np.round(4 * (skill * truth + (1 - skill) * generator.random(400) + 0.1)) / 4, 0, 1)
    human = np.full(400, np.nan)
    chosen = np.concatenate([generator.choice(100, labels[0], False), 100 + generator.choice(300, labels[1], False)])
    human[chosen] = truth[chosen]
    return stratum, judge, human


@pytest.mark.parametrize("labels", [(12, 36), (6, 8)])
def test_the_interval_of_prediction_power_covers_though_the_judge_is_biased(labels):
    generator = np.random.default_rng(11)
    rounds, truth = 800, 0.25 * 0.5 + 0.75 * 0.8
    found = [
        prediction_powered_mean(stratum, np.ones(400), judge, human, 0.95)
        for stratum, judge, human in (simulated(generator, labels, 0.7) for _ in range(rounds))
    ]
    covered = sum(each.low <= truth <= each.high for each in found) / rounds
    # simulation error of 800 rounds: 0.8 points
    assert 0.93 < covered < 0.99
    assert (
        abs(np.mean([each.mean for each in found]) - truth) < 0.005 < abs(np.mean([each.raw for each in found]) - truth)
    )


def test_a_judge_with_skill_narrows_the_interval_of_the_labels_alone():
    generator = np.random.default_rng(3)
    widths = []
    for skill in (0.0, 0.9):
        found = [
            prediction_powered_mean(stratum, np.ones(400), judge, human, 0.95)
            for stratum, judge, human in (simulated(generator, (12, 36), skill) for _ in range(50))
        ]
        widths.append(np.mean([each.high - each.low for each in found]))
    assert widths[1] < 0.7 * widths[0]
