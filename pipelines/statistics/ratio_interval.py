"""An interval of a ratio of two means."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fieller(mean: Floats, reach: Floats, base: Floats, base_reach: Floats) -> tuple[Floats, Floats]:
    """All ratios r that |mean - r base| <= sqrt(reach^2 + r^2 base_reach^2) does not exclude: (low, high).

    Fieller (1954, JRSS B 16(2)). With g = base^2 - base_reach^2, the roots of g r^2 - 2 mean base r + mean^2 - reach^2.
    Where the base is not clearly above 0 (g <= 0) no interval does, and both ends are nan.
    """
    g = base**2 - base_reach**2
    with np.errstate(divide="ignore", invalid="ignore"):
        half = np.sqrt(reach**2 * g + base_reach**2 * mean**2)
        known = (g > 0) & (base > 0)
        return np.where(known, (mean * base - half) / g, np.nan), np.where(known, (mean * base + half) / g, np.nan)
