"""Simulated rollouts: nightly samples of unequal strata, graded or binary scores, whose true mean is known exactly."""

from typing import NamedTuple

import numpy as np

LEVELS = np.arange(5) / 4
STRATA_SHARES = np.array([0.5, 0.3, 0.15, 0.05])
STRATA_ITEMS = np.array([97, 58, 29, 16])  # 200 a night
STRATA_SHIFTS = np.array([0.03, -0.02, -0.05, -0.03]) - STRATA_SHARES @ np.array([0.03, -0.02, -0.05, -0.03])
COLD_ITEMS = 600
BAND = 0.05


class Scores(NamedTuple):
    """How often each level is given at the cold eval's mean, and where the rest goes when the true mean is lower."""

    cold: np.ndarray
    poor: np.ndarray

    @property
    def mean(self) -> float:
        return float(self.cold @ LEVELS)

    def with_mean(self, mean: np.ndarray) -> np.ndarray:
        """Shares of levels (..., 5) whose mean is exactly `mean`: the cold ones, mixed with poor ones or the best."""
        best = np.eye(5)[4]
        down = np.clip((self.mean - mean) / (self.mean - self.poor @ LEVELS), 0, 1)[..., None]
        up = np.clip((mean - self.mean) / (1 - self.mean), 0, 1)[..., None]
        return self.cold * (1 - down - up) + self.poor * down + best * up


SCORES = {
    # both of mean 0.86; coefficients of variation 0.25 and 0.40
    "graded": Scores(np.array([0.01, 0.03, 0.10, 0.23, 0.63]), np.array([0.3, 0.2, 0.2, 0.2, 0.1])),
    "binary": Scores(np.array([0.14, 0, 0, 0, 0.86]), np.array([1.0, 0, 0, 0, 0])),
}


def nightly(
    random: np.random.Generator, kind: str, divergence: np.ndarray | float, rollouts: int, nights: int, night_sd: float
) -> tuple[np.ndarray, np.ndarray]:
    """Stratified means and their variances, each (rollouts, nights).

    `divergence` is the true relative difference from the cold eval, one or one a night; `night_sd` the standard
    deviation of the true nightly means, relative to the cold eval's.
    """
    scores = SCORES[kind]
    moved = night_sd * random.standard_normal((rollouts, nights)) if night_sd else np.zeros((1, nights))
    true = scores.mean * (1 + divergence + moved)
    mean, variance = np.zeros((2, rollouts, nights))
    for share, items, shift in zip(STRATA_SHARES, STRATA_ITEMS, STRATA_SHIFTS, strict=True):
        counts = random.multinomial(items, scores.with_mean(true + shift), size=(rollouts, nights))
        first, second = counts @ LEVELS / items, counts @ LEVELS**2 / items
        mean += share * first
        variance += share**2 * np.maximum(second - first**2, 0) / (items - 1)
    return mean, variance


def cold_evals(random: np.random.Generator, kind: str, rollouts: int, items: int = COLD_ITEMS):
    """Means of cold evals and the variances of these means, each (rollouts)."""
    counts = random.multinomial(items, SCORES[kind].cold, size=rollouts)
    first, second = counts @ LEVELS / items, counts @ LEVELS**2 / items
    return first, np.maximum(second - first**2, 0) / (items - 1)
