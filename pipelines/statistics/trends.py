"""Trends: whether the cold eval improves while production gets worse, and whether the gap between them widens."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import theilslopes

Floats = NDArray[np.float64]


class Slope(NamedTuple):
    """A slope by unit of x, its standard error, and one-sided p-values of `not above 0` and of `not below 0`."""

    slope: float
    standard_error: float
    p_up: float
    p_down: float


class GapSlope(NamedTuple):
    """A slope by unit of x and its two-sided interval."""

    slope: float
    low: float
    high: float


def weighted_slope(x: Floats, y: Floats, variance: Floats) -> Slope:
    """The least-squares slope of y over x, all (n), each y weighted by 1 / its variance.

    With w = 1 / variance and d = x - sum w x / sum w: slope = sum w d y / sum w d^2, with variance 1 / sum w d^2. Where
    the points lie further from the line than their variances say (chi^2 per degree of freedom above 1: a night is not
    only its sample), the variance is multiplied by that ratio (Birge 1932). One-sided p-values are the normal's.

    At least three points are needed, not all at one x: with two, nothing says whether the variances hold. nan without
    them, or where a variance is 0 or unknown: items that all score the same do not measure their own error.
    """
    if len(x) < 3 or np.ptp(x) == 0 or not (variance > 0).all():
        return Slope(np.nan, np.nan, np.nan, np.nan)
    w = 1.0 / variance
    d = x - w @ x / w.sum()
    slope = w @ (d * y) / (w @ d**2)
    residual = y - w @ y / w.sum() - slope * d
    scatter = max(1.0, w @ residual**2 / (len(x) - 2))
    standard_error = float(np.sqrt(scatter / (w @ d**2)))
    return Slope(slope, standard_error, float(ndtr(-slope / standard_error)), float(ndtr(slope / standard_error)))


def gap_slope(x: Floats, gap: Floats, confidence: float) -> GapSlope:
    """Theil and Sen's slope: the median of the slopes between all pairs of points, and Sen's interval (1968, JASA 63).

    `x` and `gap` are (n). A few wild nights do not move it. nan with fewer than three points, or all at one x.
    """
    if len(x) < 3 or np.ptp(x) == 0:
        return GapSlope(np.nan, np.nan, np.nan)
    slopes = theilslopes(gap, x, alpha=confidence)
    return GapSlope(float(slopes.slope), float(slopes.low_slope), float(slopes.high_slope))


def overfitted(cold: Slope, production: Slope, alpha: float) -> bool:
    """Whether the cold eval goes up while production goes down: both one-sided tests reject at alpha.

    Asking both keeps the error rate at alpha without a correction (intersection-union, Berger 1982).
    """
    return cold.p_up <= alpha and production.p_down <= alpha
