"""The gate's quality rule replayed on many rollouts at once: the same functions that divergence uses."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.statistics.missing_bounds import View
from pipelines.statistics.variance_floor import variance_floor
from pipelines.statistics.verdict import Estimate, Verdict
from pipelines.statistics.windows import Nights, epoch_so_far

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NEVER = 0


class Rollouts(NamedTuple):
    """Of every rollout the first night, from 1, on which the rule said so; NEVER where it did on none. Each (rollouts).

    `clear`: clearly not below the band, which is all of quality that an advance asks for; `within`: clearly inside both
    edges; `below`: clearly below the band; `alarm`: the last nights far below it. The last two roll back.
    """

    clear: Integers
    within: Integers
    below: Integers
    alarm: Integers


def replay(
    mean: Floats,
    variance: Floats,
    items: Integers | int,
    baseline_mean: Floats | float,
    baseline_variance: Floats | float,
    band: float,
    planned_variance: Floats | float,
    degrees_of_freedom: Floats | float | None = None,
) -> Rollouts:
    """Read the rule every night of `mean` and `variance` (rollouts, nights), the nightly means and their variances.

    `items` (broadcasts to them) are the items scored a night; the cold eval's mean and variance are one each or one per
    rollout, 0 for a yardstick without error. `planned_variance` is what the variance of the first night, with the
    items it has, was expected to be: it shapes the sequence and decides no error rate. `degrees_of_freedom`, those of a
    night's variance, are otherwise taken to be its items less one. One epoch, no missing judgments.
    """
    count = np.broadcast_to(items, mean.shape).T
    view = View(mean.T, np.maximum(variance.T, variance_floor(mean.T, count)))
    freedom = count - 1.0 if degrees_of_freedom is None else np.broadcast_to(degrees_of_freedom, mean.shape).T
    nights = Nights(
        Estimate(view.mean, view.variance, count), view, view, np.zeros(count.shape), np.maximum(freedom, 1)
    )
    cold = Estimate(
        np.broadcast_to(baseline_mean, mean.shape[:1]),
        np.broadcast_to(baseline_variance, mean.shape[:1]),
        np.full(mean.shape[:1], np.iinfo(np.int64).max),
    )
    one = np.zeros(len(count), dtype=np.int64)
    window = epoch_so_far(nights, cold, band, one, one, np.broadcast_to(planned_variance * count[0], count.shape))
    return Rollouts(
        _first(window.comparison.ci_low >= -band * cold.mean),
        _first(window.comparison.verdict == Verdict.WITHIN),
        _first(window.comparison.verdict == Verdict.BELOW),
        _first(window.alarm.nights > 0),
    )


def _first(said: NDArray[np.bool_]) -> Integers:
    """The first night (axis 0) on which it was said, from 1; NEVER where it was not."""
    return np.where(said.any(axis=0), said.argmax(axis=0) + 1, NEVER)
