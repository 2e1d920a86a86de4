"""The fast alarm: one night alone, far below the band."""

import numpy as np
from numpy.typing import NDArray

from pipelines.statistics.confidence_sequence import student, with_baseline
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.verdict import SMALLEST_CELL, Estimate

Floats = NDArray[np.float64]

ALPHA = 0.001  # over the whole life of an epoch
BANDS = 2  # how many bands below the cold eval a night must be


def alarm(
    night: Estimate,
    high: View,
    baseline: Estimate,
    band: float,
    between: Floats,
    number: NDArray[np.int64],
    degrees_of_freedom: Floats,
) -> NDArray[np.bool_]:
    """Whether a night alone is far below the band, elementwise: what a mean of many nights would show only much later.

    `number` is the night's in its epoch, from 1; `between` is tau^2 as it was `known_before` the night; `high` is the
    view of the night that its upper end is taken from, and `degrees_of_freedom` are its variance's. With
    c = 1 - 2 delta and alpha_k = 0.001 * 6 / (pi^2 k^2), which sums to 0.001 over all k:
    c B - P_k > sqrt(t_{1-alpha_k}^2 (v_k + tau^2) + z_{1-alpha_k/2}^2 c^2 v_B).

    The edge is two bands down, not one: so far out neither the normal tail nor a tau^2 of few nights is to be trusted,
    and production that is no more than one band below has the second for them. A single night that bad is a breach
    whatever the others were.
    """
    multiple = 1 - BANDS * band
    spent = ALPHA * 6 / (np.pi * np.maximum(number, 1)) ** 2
    reach = student(np.maximum(degrees_of_freedom, 1))(high.variance + between, spent)
    reach = with_baseline(reach, multiple, baseline.variance, spent)
    enough = np.minimum(night.items, baseline.items) >= SMALLEST_CELL
    return enough & (multiple * baseline.mean - high.mean > reach)
