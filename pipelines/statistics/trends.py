"""Trends: whether the cold eval improves while production gets worse, and whether the gap between them widens."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

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

    Of N slopes between points at different x, in order, the interval reaches from number (N - z s) / 2 to number
    (N + z s) / 2 + 1, with z the normal quantile and s^2 the variance of Kendall's statistic under no trend,

        s^2 = (n (n - 1) (2 n + 5) - sum over ties in x and in y of k (k - 1) (2 k + 5)) / 18

    (Sen's equation 2.6), numbers rounded and kept within 1 and N. SciPy's `theilslopes` gives the same; it is not asked,
    as importing what it is in takes longer than a night's whole comparison.
    """
    if len(x) < 3 or np.ptp(x) == 0:
        return GapSlope(np.nan, np.nan, np.nan)
    first, second = np.triu_indices(len(x), 1)
    run, rise = x[second] - x[first], gap[second] - gap[first]
    slopes = np.sort(rise[run != 0] / run[run != 0])
    _, ties_of_x = np.unique(x, return_counts=True)
    _, ties_of_gap = np.unique(gap, return_counts=True)
    n, ties = len(x), np.concatenate([ties_of_x, ties_of_gap])
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    if variance < 0:  # next to all points are ties: there is a slope, and nothing to say how far it may be off
        return GapSlope(float(np.median(slopes)), np.nan, np.nan)
    reach = ndtri((1 + confidence) / 2) * np.sqrt(variance)
    low = max(int(np.round((len(slopes) - reach) / 2)), 1)
    high = min(int(np.round((len(slopes) + reach) / 2)) + 1, len(slopes))
    return GapSlope(float(np.median(slopes)), float(slopes[low - 1]), float(slopes[high - 1]))


def overfitted(cold: Slope, production: Slope, alpha: float) -> bool:
    """Whether the cold eval goes up while production goes down: both one-sided tests reject at alpha.

    Asking both keeps the error rate at alpha without a correction (intersection-union, Berger 1982).
    """
    return cold.p_up <= alpha and production.p_down <= alpha
