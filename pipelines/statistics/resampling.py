"""Nights and cold evals drawn anew from scores that have been seen, with the divergence that one wants to plant."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]

STEEPEST = 1000.0  # of a tilt: scores that differ by 0.01 are then told apart by a factor of e^10


class Stratum(NamedTuple):
    """One stratum as it is drawn from: the scores seen in it, its share of a night's logs, and how many are sampled."""

    scores: Floats
    share: float
    sampled: int


class Nights(NamedTuple):
    """Nightly means and their estimated variances, (rollouts, nights) each."""

    mean: Floats
    variance: Floats


def tilted(strata: Sequence[Stratum], mean: float) -> list[Floats]:
    """With what chance each score of each stratum is drawn, so that the mean over strata is `mean`.

    Chances are proportional to exp(theta score), with one theta for all (exponential tilting, Efron 1981): scores stay
    those that have been seen, low ones are drawn more often, and the spread changes with the mean as it would. Raises
    ValueError where no tilt gives that mean, as it is not between the lowest scores and the highest.
    """

    def chances(theta: float) -> list[Floats]:
        logarithms = [theta * stratum.scores for stratum in strata]
        raised = [np.exp(weights - weights.max()) for weights in logarithms]
        return [weights / weights.sum() for weights in raised]

    def excess(theta: float) -> float:
        return sum(s.share * float(p @ s.scores) for s, p in zip(strata, chances(theta), strict=True)) - mean * total

    total = sum(stratum.share for stratum in strata)
    if not excess(-STEEPEST) < 0 < excess(STEEPEST):
        low, high = (sum(s.share * end(s.scores) for s in strata) / total for end in (np.min, np.max))
        raise ValueError(f"scores between {low:.3f} and {high:.3f} cannot have the mean {mean:.3f}")
    return chances(brentq(excess, -STEEPEST, STEEPEST))


def draw_nights(
    generator: np.random.Generator,
    strata: Sequence[Stratum],
    chances: Sequence[Floats],
    between: float,
    shape: tuple[int, int],
) -> Nights:
    """Nights of `shape` (rollouts, nights), each a stratified sample drawn with replacement.

    With W_h the shares: mean = sum W_h ybar_h plus the night's own effect, normal with variance `between` (tau^2), and
    variance = sum W_h^2 s_h^2 / n_h, the sample's own. A stratum of one item is centred at the night's mean.
    """
    total = sum(stratum.share for stratum in strata)
    mean, squares, means = np.zeros(shape), [], []
    for stratum, chance in zip(strata, chances, strict=True):
        order = np.cumsum(chance)
        drawn = stratum.scores[
            np.minimum(np.searchsorted(order, generator.random((*shape, stratum.sampled))), len(order) - 1)
        ]
        means.append(drawn.mean(axis=-1))
        squares.append(drawn.var(axis=-1) * stratum.sampled)
        mean += stratum.share / total * means[-1]
    variance = np.zeros(shape)
    for stratum, centre, square in zip(strata, means, squares, strict=True):
        spread = square / (stratum.sampled - 1) if stratum.sampled > 1 else (centre - mean) ** 2
        variance += (stratum.share / total) ** 2 * spread / stratum.sampled
    return Nights(mean + generator.normal(0.0, np.sqrt(between), shape), variance)


def draw_cold_evals(generator: np.random.Generator, scores: Floats, rollouts: int) -> tuple[Floats, Floats]:
    """Means of cold evals drawn with replacement from one's scores, and their items' variances, (rollouts) each."""
    drawn = scores[generator.integers(len(scores), size=(rollouts, len(scores)))]
    return drawn.mean(axis=1), drawn.var(axis=1, ddof=1)
