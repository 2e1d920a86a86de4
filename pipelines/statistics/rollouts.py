"""The gate's quality rule replayed on many rollouts at once: the same functions that divergence uses."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.statistics.alarm import alarm
from pipelines.statistics.between_nights import between_nights_so_far
from pipelines.statistics.confidence_sequence import PLANNED_NIGHTS, mixture_parameter, sequence
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.pooled_nights import pooled_nights
from pipelines.statistics.variance_floor import variance_floor
from pipelines.statistics.verdict import Estimate, Verdict, compare

Floats = NDArray[np.float64]
Nights = NDArray[np.int64]

NEVER = 0


class Rollouts(NamedTuple):
    """Of every rollout the first night, from 1, on which the rule said so; NEVER where it did on none. Each (rollouts).

    `clear`: clearly not below the band, which is all of quality that an advance asks for; `within`: clearly inside both
    edges; `below`: clearly below the band; `alarm`: one night far below it. The last two roll back.
    """

    clear: Nights
    within: Nights
    below: Nights
    alarm: Nights


def replay(
    mean: Floats,
    variance: Floats,
    items: Nights,
    baseline_mean: Floats | float,
    baseline_variance: Floats | float,
    band: float,
    planned_variance: Floats | float,
) -> Rollouts:
    """Read the rule every night of `mean` and `variance` (rollouts, nights), the nightly means and their variances.

    `items` (broadcasts to them) are the items scored a night; the cold eval's mean and variance are one each or one per
    rollout, 0 for a yardstick without error. `planned_variance` is what a night's variance was expected to be before
    the first: it shapes the sequence (`mixture_parameter`) and decides no error rate. One epoch, no missing judgments.
    """
    scored, count = mean.T, np.broadcast_to(items, mean.shape).T
    floored = np.maximum(variance.T, variance_floor(scored, count))
    one = np.zeros(len(scored), dtype=np.int64)
    between = between_nights_so_far(scored, floored, one, one)
    pooled, pooled_variance, nights = pooled_nights(scored, floored, between)
    cold = Estimate(
        np.broadcast_to(baseline_mean, mean.shape[:1]),
        np.broadcast_to(baseline_variance, mean.shape[:1]),
        np.full(mean.shape[:1], np.iinfo(np.int64).max),
    )
    rho = mixture_parameter(PLANNED_NIGHTS * np.asarray(planned_variance))
    epoch = Estimate(pooled, pooled_variance, count.cumsum(axis=0))
    found = compare(epoch, cold, band, sequence(nights, rho))
    sudden = alarm(Estimate(scored, floored, count), View(scored, floored), cold, band, between, nights)
    return Rollouts(
        _first(found.ci_low >= -band * cold.mean),
        _first(found.verdict == Verdict.WITHIN),
        _first(found.verdict == Verdict.BELOW),
        _first(sudden),
    )


def _first(said: NDArray[np.bool_]) -> Nights:
    """The first night (axis 0) on which it was said, from 1; NEVER where it was not."""
    return np.where(said.any(axis=0), said.argmax(axis=0) + 1, NEVER)
