"""What a mean could be if nothing is assumed of the items that have no verdict."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARE_OF_BAND = 0.2


class View(NamedTuple):
    """A mean and its variance; arrays of one shape."""

    mean: Floats
    variance: Floats


def within_bounds(scored: View, least: View, greatest: View, missing_share: Floats, band: float) -> tuple[View, View]:
    """The views of production that its lower and its upper end are taken from: (low, high).

    `least` scores every missing item as low as its other verdicts allow, `greatest` as high (Manski 1989; Horowitz and
    Manski 1998, JASA 93). Where more is missing than a fifth of the band (1 % of the items for a band of 5 %), an end
    counts only where it holds whatever the missing would have scored: the low end is the least mean's, the high end
    the greatest's. Up to that, the missing are taken to be like the others of their stratum: at worst that moves a
    relative difference by a fifth of the band.
    """
    matters = missing_share > SHARE_OF_BAND * band
    return (
        View(*(np.where(matters, *pair) for pair in zip(least, scored[:2], strict=True))),
        View(*(np.where(matters, *pair) for pair in zip(greatest, scored[:2], strict=True))),
    )
