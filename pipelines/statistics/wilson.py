"""An interval of a mean score that stays inside 0 and 1."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def wilson(mean: Floats, variance: Floats, z: float | Floats) -> tuple[Floats, Floats]:
    """Wilson's interval (1927, JASA 22) of a mean of scores in [0, 1]: (low, high), elementwise.

    The effective size is n = y (1 - y) / v (Korn and Graubard 1998, with Wilson's interval as in R's `svyciprop`): the
    number of independent yes-or-no items that would give the mean this variance, which carries weights and clusters
    into it. For graded scores, whose variance is smaller, n is larger, and the interval close to the normal one.
    Where the mean is 0 or 1, the interval is mean -+ z sqrt(v), cut to [0, 1].
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        n = mean * (1 - mean) / variance
        centre = (mean + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(mean * (1 - mean) / n + z**2 / (4 * n**2))
        inside = n > 0
        plain = z * np.sqrt(variance)
    return (
        np.where(inside, centre - half, np.maximum(mean - plain, 0.0)),
        np.where(inside, centre + half, np.minimum(mean + plain, 1.0)),
    )
