"""The fast alarm: the last nights alone, far below the band."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.statistics.confidence_sequence import student, with_baseline
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.verdict import SMALLEST_CELL, Estimate

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ALPHA = 0.001  # over the whole life of an epoch, all windows together
LONGEST = 7  # nights of a window; a breach that it takes longer to see is not sudden


class Alarm(NamedTuple):
    """Of every night and cell, how many last nights fire it (the fewest that do; 0 when none), and their mean's
    difference from the cold eval, relative to it (nan when none)."""

    nights: Integers
    relative_difference: Floats


def alarm(
    nights: Estimate,
    high: View,
    baseline: Estimate,
    between: Floats,
    degrees_of_freedom: Floats,
    band: float,
    nights_before: Integers | int = 0,
) -> Alarm:
    """Whether the last nights of one epoch are far below the band, which the mean of all nights would show much later.

    All arrays are (nights, m), a night without the cell nan. `high` is the view of each night that its upper end is
    taken from, `between` tau^2 as it was `known_before` the night, `degrees_of_freedom` are the nights' variances' own.
    On night k of the epoch, for windows of its last j = 1 to 7 nights, with P_j their mean, v_j the sum of their
    variances, each with tau^2, over j^2, c_j = 1 - (1 + 1 / j) delta and
    alpha_kj = 0.001 * 6 / (pi^2 k^2) / 2^j, which sums to less than 0.001 over all k and j, it fires where

        c_j B - P_j > sqrt(t_{1-alpha_kj}^2 v_j + z_{1-alpha_kj/2}^2 c_j^2 v_B).

    One night alone must be more than two bands down, two nights one and a half, seven hardly more than one: so far out
    the normal tail of a single night is not to be trusted, while the mean of several is. tau^2 is what was known before
    the window's first night, so that a breach does not excuse itself. The night itself must lie below the band: what is
    over does not fire.

    `nights_before` (m) are nights of the epoch that have the cell and are not among these, for who asks of its last
    nights alone; then the first LONGEST - 1 of these are not told right, as their own windows reach further back.
    """
    scored = ~np.isnan(high.mean) & ~np.isnan(high.variance)
    spendable = ALPHA * 6 / (np.pi * np.maximum(scored.cumsum(axis=0) + nights_before, 1)) ** 2
    below = scored & (high.mean < (1 - band) * baseline.mean)
    night = (
        scored,
        *(np.where(scored, part, 0) for part in (high.mean, high.variance, degrees_of_freedom, nights.items)),
    )
    sums: tuple[NDArray, ...] = tuple(np.zeros(high.mean.shape) for _ in night)
    fired = Alarm(np.zeros(high.mean.shape, dtype=np.int64), np.full(high.mean.shape, np.nan))
    for length in range(1, min(LONGEST, len(high.mean)) + 1):
        sums = tuple(total + _earlier(part, length - 1, 0) for total, part in zip(sums, night, strict=True))
        present, count = sums[0], np.maximum(sums[0], 1)
        mean = sums[1] / count
        variance = (sums[2] + present * _earlier(between, length - 1, between[0])) / count**2
        multiple = 1 - (1 + 1 / count) * band
        spent = spendable / 2**length
        reach = with_baseline(student(np.maximum(sums[3], 1))(variance, spent), multiple, baseline.variance, spent)
        enough = np.minimum(sums[4], baseline.items) >= SMALLEST_CELL
        fires = below & enough & (multiple * baseline.mean - mean > reach) & (fired.nights == 0)
        fired = Alarm(
            np.where(fires, present, fired.nights).astype(np.int64),
            np.where(fires, mean / baseline.mean - 1, fired.relative_difference),
        )
    return fired


def _earlier(values: NDArray, nights: int, first: NDArray | int) -> NDArray:
    """For each night the values of so many nights before it; `first` where there was none."""
    moved = np.full(values.shape, first, dtype=float)
    moved[nights:] = values[: len(values) - nights]
    return moved
