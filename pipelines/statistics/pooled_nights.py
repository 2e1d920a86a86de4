"""Nights pooled: the mean of nightly means."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def pooled_nights(
    mean: Floats, variance: Floats, between: Floats | float = 0.0
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Pool the nights 1 to k, for every k: (means, variances of these means, nights pooled), each (nights, m).

    `mean` and `variance` are (nights, m), nan on a night without the domain; `between` is tau^2 as it is known on each
    night (`between_nights_so_far`), which every night of the k carries besides. Every night counts the same:
    mean_k = sum of means / k and variance_k = (sum of variances + k tau^2) / k^2, over the k nights that have the
    domain. A night of one item has a mean and no variance; it is left out of both.
    """
    scored = ~np.isnan(mean) & ~np.isnan(variance)
    nights = scored.cumsum(axis=0)
    nights_or_nan = np.where(nights > 0, nights, np.nan)
    means = np.where(scored, mean, 0.0).cumsum(axis=0) / nights_or_nan
    variances = np.where(scored, variance, 0.0).cumsum(axis=0) / nights_or_nan**2 + between / nights_or_nan
    return means, variances, nights
