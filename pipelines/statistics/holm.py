"""Many tests at once: Holm's adjustment."""

import numpy as np
from numpy.typing import NDArray


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjusted p-values of a family of tests, nan where a test was not made (it does not count).

    Sorted p_(1) <= ... <= p_(m): adjusted p_(i) = max over j <= i of min(1, (m - j + 1) p_(j)) (Holm 1979).
    """
    adjusted = np.full(len(p), np.nan)
    made = np.flatnonzero(~np.isnan(p))
    if len(made):
        order = made[np.argsort(p[made], kind="stable")]
        steps = (len(order) - np.arange(len(order))) * p[order]
        adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted
