"""Means of a judge's scores, corrected by what people said of some of the items."""

from math import nan, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]

LABELS_TO_TUNE = 10  # in a stratum, below which its own tuning would follow noise
FEWEST_LABELS = 5  # in a stratum, below which its spread is not known well enough to stand alone


class Corrected(NamedTuple):
    """A mean by the judge alone, and the corrected one with its interval; nan where it cannot be told."""

    raw: float
    mean: float
    low: float
    high: float


def rogan_gladen(
    judged_good: float,
    judged: float,
    good_called_good: int,
    good: int,
    poor_called_poor: int,
    poor: int,
    confidence: float,
) -> Corrected:
    """The share of good items, from the share that a judge calls good and how often people find it right.

    `judged_good` is that share, p, of `judged` items (their effective number, n). Of `good` labelled items that people
    call good, the judge calls `good_called_good` good (sensitivity q_1); of `poor` ones, `poor_called_poor` poor
    (specificity q_0). mean = (p + q_0 - 1) / (q_0 + q_1 - 1), kept within 0 and 1 (Rogan and Gladen 1978).

    The interval is that of Lee et al. (2025, arXiv 2511.21140): p is shifted as Agresti and Coull do,
    p' = (n p + z^2 / 2) / (n + z^2) with n' = n + z^2, each q as with one more success and failure,
    q' = (m q + 1) / (m + 2) with m' = m + 2, and with s = q' (1 - q') / m' and t the mean from p' and the q',

        t + 2 z^2 (t s_1 - (1 - t) s_0) -+ z sqrt(p' (1 - p') / n' + (1 - t)^2 s_0 + t^2 s_1) / (q_0' + q_1' - 1)

    kept within 0 and 1. A judge that is no better than a coin (q_0 + q_1 <= 1, before or after the shift) corrects
    nothing, nor does one of which one kind of label is missing: nan.
    """
    if not (judged and good and poor):
        return Corrected(judged_good if judged else nan, nan, nan, nan)
    sensitivity, specificity = good_called_good / good, poor_called_poor / poor
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    p, n = (judged * judged_good + z**2 / 2) / (judged + z**2), judged + z**2
    q1, m1 = (good_called_good + 1) / (good + 2), good + 2
    q0, m0 = (poor_called_poor + 1) / (poor + 2), poor + 2
    if sensitivity + specificity <= 1 or q0 + q1 <= 1:
        return Corrected(judged_good, nan, nan, nan)
    mean = (judged_good + specificity - 1) / (sensitivity + specificity - 1)
    shifted = (p + q0 - 1) / (q0 + q1 - 1)
    spread_0, spread_1 = q0 * (1 - q0) / m0, q1 * (1 - q1) / m1
    centre = shifted + 2 * z**2 * (shifted * spread_1 - (1 - shifted) * spread_0)
    half = z * sqrt(p * (1 - p) / n + (1 - shifted) ** 2 * spread_0 + shifted**2 * spread_1) / (q0 + q1 - 1)
    return Corrected(judged_good, *(min(1.0, max(0.0, value)) for value in (mean, centre - half, centre + half)))


def prediction_powered_mean(
    stratum: NDArray[np.int64], weight: Floats, judge: Floats, human: Floats, confidence: float
) -> Corrected:
    """The mean of human scores, from a judge's scores of all items and human ones of some, by strata (PPI++).

    All are (n): `stratum` 0, 1, ...; `weight`, of which an item's stratum gets the sum; scores of 0 to 1, `human` nan
    where there is none. Within a stratum, labels are taken to be on items drawn at random.

    With n_h labelled and N_h other items of stratum h, f the judge's scores, y the human ones and W_h the stratum's
    share of the weight:

        theta_h = mean over labelled of (y - l f) + l mean over others of f
        mean = sum W_h theta_h,  variance = sum W_h^2 (var(y - l f) / n_h + l^2 var(f) / N_h)

    with var(f) that of all the stratum's items (Angelopoulos et al. 2023, arXiv 2311.01453, section 6, for a mean; over
    strata Fisch et al. 2024, arXiv 2406.04291). The power tuning l = cov(y, f) / ((1 + n_h / N_h) var(f)), within 0 and
    1, is the stratum's own from LABELS_TO_TUNE labels on, else from deviations within all strata. The interval takes
    the t quantile of labels less strata degrees of freedom.

    Strata of fewer than FEWEST_LABELS labels are put together, with the smallest other one where that is not enough.
    nan with fewer than FEWEST_LABELS in all. `raw` is the mean of the judge's scores by the same weights.
    """
    labelled = ~np.isnan(human)
    raw = sum(weight[inside].sum() * judge[inside].mean() for inside in _members(stratum)) / weight.sum()
    if labelled.sum() < FEWEST_LABELS:
        return Corrected(float(raw), nan, nan, nan)
    strata = _with_labels(stratum, labelled)
    pooled = _slope(strata, judge, human)
    mean = variance = 0.0
    for inside in _members(strata):
        with_label, others = inside & labelled, inside & ~labelled
        f, y = judge[with_label], human[with_label]
        n, rest = len(f), int(others.sum())
        slope = _slope(strata[inside], judge[inside], human[inside]) if n >= LABELS_TO_TUNE else pooled
        tuning = min(1.0, max(0.0, slope * rest / (n + rest)))
        theta, spread = (y - tuning * f).mean(), (y - tuning * f).var(ddof=1) / n
        if rest:
            theta += tuning * judge[others].mean()
            spread += tuning**2 * judge[inside].var(ddof=1) / rest
        share = weight[inside].sum() / weight.sum()
        mean += share * theta
        variance += share**2 * spread
    degrees_of_freedom = labelled.sum() - len(np.unique(strata))
    half = stdtrit(degrees_of_freedom, (1 + confidence) / 2) * sqrt(variance)
    return Corrected(float(raw), float(mean), float(mean - half), float(mean + half))


def _members(stratum: NDArray[np.int64]) -> list[NDArray[np.bool_]]:
    return [stratum == h for h in np.unique(stratum)]


def _with_labels(stratum: NDArray[np.int64], labelled: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The strata, those of too few labels put together."""
    few = np.bincount(stratum, weights=labelled) < FEWEST_LABELS
    strata = np.where(few[stratum], -1, stratum)
    others = np.unique(strata[strata >= 0])
    if len(others) and labelled[strata == -1].sum() < FEWEST_LABELS:
        strata[strata == -1] = min(others, key=lambda h: (strata == h).sum())
    return strata


def _slope(stratum: NDArray[np.int64], judge: Floats, human: Floats) -> float:
    """cov(y, f) of labelled items over var(f) of all, from deviations within strata; 0 where the judge never varies."""
    labelled = ~np.isnan(human)
    members = _members(stratum)
    common = sum(
        ((judge[m] - judge[m].mean()) * (human[m] - human[m].mean())).sum()
        for m in (inside & labelled for inside in members)
    )
    square = sum(((judge[inside] - judge[inside].mean()) ** 2).sum() for inside in members)
    if square == 0:
        return 0.0
    return common / (labelled.sum() - len(members)) / (square / (len(judge) - len(members)))
