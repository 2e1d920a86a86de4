"""Whether the judge still judges as it did: the same items, judged again on every date."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from pipelines.statistics.confidence_sequence import ALPHA, PLANNED_NIGHTS, mixture_parameter, sequence, with_baseline
from pipelines.statistics.pooled_nights import pooled_nights
from pipelines.statistics.variance_floor import variance_floor

Floats = NDArray[np.float64]

ONE_LEVEL = 0.25  # the least by which a verdict that changes can change its score
USUALLY_FLIPPED = 0.1  # share of verdicts that a judge is expected to give one level off when it is asked again
ALARM_ALPHA = 0.001


class Drift(StrEnum):
    STEADY = "steady"
    DRIFTED = "drifted"
    INCONCLUSIVE = "inconclusive"


class DriftSequence(NamedTuple):
    """Of every date: the mean difference of all dates so far, its interval, and what it says; arrays (dates)."""

    difference: Floats
    low: Floats
    high: Floats
    status: NDArray[np.object_]


def drift(difference: Floats, tolerance: float, alpha: float = ALPHA) -> DriftSequence:
    """Read the differences (dates, anchors) between an anchor's score on a date and its first one, date after date.

    nan where an anchor has no score on a date. Paired on the anchor, so that how hard the items are cancels. Half of a
    pair's variance is the date's and shrinks with dates, half is the first verdict's, which all dates share: with v_t
    the variance of date t's mean, the reach of the mean of k dates is h = sqrt(u_k^2 + z^2 mean(v_t) / 2), where u_k
    is the `sequence` with V_k = sum v_t / 2. An interval leaves the truth out with chance `alpha`, over all dates.

    steady        the interval is inside -+ tolerance: whatever drift there is does little
    drifted       it is not, and leaves out 0; or a date alone is beyond the tolerance, at alpha_k =
                  0.001 * 6 / (pi k)^2, which shows a sudden change that a mean of many dates would hide
    inconclusive  else
    """
    seen = ~np.isnan(difference)
    anchors = seen.sum(axis=1)
    pairs = np.where(anchors > 1, anchors, np.nan)
    mean = np.where(seen, difference, 0.0).sum(axis=1) / pairs
    squares = np.where(seen, (difference - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return drift_of_dates(anchors, mean, squares / (pairs - 1) / pairs, tolerance, alpha)


def drift_of_dates(
    anchors: NDArray[np.int64], mean: Floats, variance: Floats, tolerance: float, alpha: float = ALPHA
) -> DriftSequence:
    """The same from each date's number of anchors, their mean difference and the variance of that mean: (dates) each.

    A date with fewer than two anchors says nothing.
    """
    pairs = np.where(anchors > 1, anchors, np.nan)
    mean = np.where(anchors > 1, mean, np.nan)
    variance = np.maximum(variance, variance_floor(mean, pairs, ONE_LEVEL))

    means, variances, counts = pooled_nights(mean[:, None], variance[:, None] / 2)
    pooled, own, dates = means[:, 0], variances[:, 0], counts[:, 0]
    shared = own * dates
    first = anchors[np.argmax(dates > 0)] if len(anchors) else 0
    rho = mixture_parameter(PLANNED_NIGHTS * USUALLY_FLIPPED * ONE_LEVEL**2 / 2 / max(first, 2), alpha / 2)
    reach = with_baseline(sequence(dates, rho)(own, alpha / 2), 1.0, shared, alpha / 2)
    low, high = pooled - reach, pooled + reach

    spent = ALARM_ALPHA * 6 / (np.pi * np.maximum(dates, 1)) ** 2
    sudden = np.abs(mean) - tolerance > -ndtri(spent / 2) * np.sqrt(variance)
    steady = (low > -tolerance) & (high < tolerance)
    status = np.empty(len(mean), dtype=object)
    status.fill(Drift.INCONCLUSIVE)
    status[steady] = Drift.STEADY
    status[((low > 0) | (high < 0)) & ~steady | sudden] = Drift.DRIFTED
    return DriftSequence(pooled, low, high, status)
