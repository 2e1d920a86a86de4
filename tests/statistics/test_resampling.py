"""What is drawn has the planted mean, the spread that its stratified estimator says, and the night effect."""

import numpy as np
import pytest

from pipelines.statistics.resampling import Stratum, draw_cold_evals, draw_nights, tilted


def two_strata(*sampled):
    return [
        Stratum(np.array([0.0, 0.5, 1.0, 1.0]), 0.75, sampled[0]),
        Stratum(np.array([0.0, 0.0, 1.0]), 0.25, sampled[1]),
    ]


def test_binary_scores_are_drawn_with_the_chance_that_gives_the_mean():
    (chances,) = tilted([Stratum(np.array([0.0, 1.0, 1.0, 1.0]), 1.0, 10)], 0.4)
    # 0.4 over three ones, 0.6 for the zero
    assert chances == pytest.approx([0.6, 0.4 / 3, 0.4 / 3, 0.4 / 3])


def test_the_mean_over_strata_is_the_planted_one_and_all_strata_are_tilted():
    strata = two_strata(10, 10)
    chances = tilted(strata, 0.4)
    assert sum(s.share * (p @ s.scores) for s, p in zip(strata, chances, strict=True)) == pytest.approx(0.4)
    # untilted means are .625 and .333: with a mean of .552, both must fall
    assert chances[0] @ strata[0].scores < 0.625 and chances[1] @ strata[1].scores < 1 / 3
    # one theta for all: the odds of 1 to 0 change by the same factor, from 2 to 1 and from 1 to 2
    odds = chances[0][2:].sum() / chances[0][0], chances[1][2] / chances[1][:2].sum()
    assert odds[0] / 2 == pytest.approx(odds[1] / 0.5)


@pytest.mark.parametrize("mean", [0.0, 1.0, 1.2])
def test_a_mean_that_the_scores_cannot_have_is_an_error(mean):
    with pytest.raises(ValueError, match="cannot have the mean"):
        tilted(two_strata(10, 10), mean)


def test_scores_that_are_all_the_same_cannot_be_tilted():
    with pytest.raises(ValueError, match=r"scores between 1.000 and 1.000 cannot have the mean 0.950"):
        tilted([Stratum(np.ones(50), 1.0, 10)], 0.95)


def test_nights_have_the_mean_the_variance_and_the_effect_that_was_asked_for():
    strata = two_strata(6, 3)
    chances = [np.full(4, 0.25), np.full(3, 1 / 3)]
    nights = draw_nights(np.random.default_rng(1), strata, chances, 0.01, (4000, 5))
    # means .625 and .333: .75 * .625 + .25 * .3333 = .5521
    assert nights.mean.mean() == pytest.approx(0.5521, abs=0.003)
    # item variances: (.25 * .25 + ... ) E y^2 - .625^2 = .5625 - .3906 = .1719, and 1/3 * 2/3 = .2222
    # .75^2 * .1719 / 6 + .25^2 * .2222 / 3 = .016113 + .00463 = .020744
    assert nights.variance.mean() == pytest.approx(0.020744, rel=0.02)
    # the means scatter by that and the night effect
    assert nights.mean.var() == pytest.approx(0.020744 + 0.01, rel=0.03)


def test_a_stratum_of_one_item_is_centred_at_the_nights_mean():
    strata = [Stratum(np.array([1.0]), 0.5, 1), Stratum(np.array([0.0]), 0.5, 4)]
    nights = draw_nights(np.random.default_rng(1), strata, [np.ones(1), np.ones(1)], 0.0, (1, 1))
    # means 1 and 0, the night's .5: .25 * (1 - .5)^2 / 1 + 0
    assert (nights.mean[0, 0], nights.variance[0, 0]) == (0.5, 0.0625)


def test_cold_evals_scatter_as_a_sample_of_their_size():
    scores = np.array([0.0, 1.0] * 25)
    means, variances = draw_cold_evals(np.random.default_rng(1), scores, 4000)
    assert means.shape == variances.shape == (4000,)
    assert means.var() == pytest.approx(0.25 / 50, rel=0.06)
    assert variances.mean() == pytest.approx(0.25, rel=0.01)
