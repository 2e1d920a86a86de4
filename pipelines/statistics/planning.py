"""What it would take to tell: nights, or items of the cold eval."""

from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from pipelines.statistics.confidence_sequence import ALPHA, sequence, with_baseline

Floats = NDArray[np.float64]

MOST_NIGHTS = 60  # a forecast beyond is not worth a number


def nights_to_tell(
    distance: Floats | float,
    night_variance: Floats | float,
    rho: Floats | float,
    multiple: float,
    baseline_variance: Floats | float,
    after: NDArray[np.int64] | int = 0,
    most: int = MOST_NIGHTS,
    degrees_of_freedom: Floats | float = inf,
) -> Floats:
    """How many nights in all it takes until h_k(c) is less than |distance|, should means and variances not change.

    `distance` is P - c B, from production's mean to the edge c = `multiple` times the cold eval's mean;
    `night_variance` is that of one night's mean, tau^2 included, and `degrees_of_freedom` are those of one night;
    `rho` is the sequence's. Arrays that broadcast. With V_k = k times the night's variance, the first
    k of `after` + 1 to `after` + `most` for which the verdict's own h_k(c) is passed; inf where none is.
    """
    nights_in_all = np.full(
        np.broadcast_shapes(*map(np.shape, (distance, night_variance, rho, baseline_variance, after))), inf
    )
    for nights in (np.asarray(after) + further for further in range(most, 0, -1)):
        reach = sequence(nights, rho, nights * degrees_of_freedom)(night_variance / nights, ALPHA)
        enough = np.abs(distance) > with_baseline(reach, multiple, baseline_variance, ALPHA)
        nights_in_all = np.where(enough, nights, nights_in_all)
    return nights_in_all


def baseline_items_to_tell(
    distance: Floats | float, multiple: float, baseline_variance: Floats | float, baseline_items: Floats | int
) -> Floats:
    """How many items the cold eval must exceed for any number of nights to tell, as its variance falls as 1 / items.

    From |distance| > z_{1-alpha/2} c sqrt(v_B): m (z c sqrt(v_B) / distance)^2, which for a true relative difference D
    and scores of coefficient of variation CV is (1.96 (1 - delta) CV / (delta - |D|))^2. inf where the distance is 0.
    """
    with np.errstate(divide="ignore"):
        ratio = ndtri(1 - ALPHA / 2) * multiple * np.sqrt(baseline_variance) / np.abs(distance)
    return baseline_items * ratio**2
