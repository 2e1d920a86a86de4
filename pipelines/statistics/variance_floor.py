"""A sample whose scores are all the same has not shown that all scores are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ADDED_TO_EACH_SIDE = 2


def variance_floor(mean: Floats | float, items: NDArray[Any] | float, furthest: Floats | float | None = None) -> Floats:
    """The least variance that the mean of `items` scores in [0, 1] is taken to have, elementwise.

    With n scores all alike, at c, the variance estimate is 0 though up to 3 / n of the population may score otherwise
    (the rule of three). Agresti and Coull (1998) add two successes and two failures to a proportion: of n alike that
    gives (2 / (n + 4)) (1 - 2 / (n + 4)) / (n + 4), about 2 / (n + 4)^2, which is taken here, times the square of how
    far a score can be from c: `furthest`, or max(c, 1 - c). It does nothing where the items' own standard deviation is
    more than about sqrt(2 / n) of that distance: 0.1 of it with 200 items, 0.3 with 20.
    """
    distance: Any = np.maximum(mean, 1 - mean) if furthest is None else furthest
    return ADDED_TO_EACH_SIDE * (distance / (items + 2 * ADDED_TO_EACH_SIDE)) ** 2
