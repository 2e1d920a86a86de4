"""Many tests at once, where they inform: the false discovery rate."""

import numpy as np
from numpy.typing import NDArray


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjusted p-values of a family of tests, nan where a test was not made (it does not count).

    Sorted p_(1) <= ... <= p_(m): adjusted p_(i) = min over j >= i of min(1, m p_(j) / j)
    (Benjamini and Hochberg 1995, JRSS B 57(1)). Of those at or below q, at most a share q is expected to be false.
    """
    adjusted = np.full(len(p), np.nan)
    made = np.flatnonzero(~np.isnan(p))
    if len(made):
        order = made[np.argsort(p[made], kind="stable")]
        steps = len(order) * p[order] / np.arange(1, len(order) + 1)
        adjusted[order] = np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1])
    return adjusted
