"""The rule: how a pooled mean of production compares with the cold eval's."""

from enum import StrEnum
from math import isnan, nan, sqrt
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.99
POWER = 0.80
SMALLEST_CELL = 20  # scored items, on either side, below which no verdict is given

NORMAL = NormalDist()
Z_INTERVAL = NORMAL.inv_cdf((1 + CONFIDENCE) / 2)
Z_POWER = NORMAL.inv_cdf(POWER)
ONE_SIDED_ALPHA = (1 - CONFIDENCE) / 2  # the error rate of `below` alone


class Verdict(StrEnum):
    WITHIN = "within"
    BELOW = "below"
    ABOVE = "above"
    INCONCLUSIVE = "inconclusive"
    SMALL_CELL = "small_cell"
    NO_BASELINE = "no_baseline"
    NO_DATA = "no_data"


class Estimate(NamedTuple):
    """A mean score, 0 to 1, the variance of that mean, and the items it rests on; nan for what is not known."""

    mean: float
    variance: float
    items: int


NOTHING = Estimate(nan, nan, 0)


class Comparison(NamedTuple):
    """Production minus cold eval, on the scale of scores; relative to the cold eval's mean where the name says so."""

    difference: float
    relative_difference: float
    ci_low: float
    ci_high: float
    minimum_detectable: float
    p_below: float
    verdict: Verdict


def compare(prod: Estimate, baseline: Estimate, band: float) -> Comparison:
    """Compare a mean of production with the cold eval's mean B, within a band of `band` times B.

    The interval is difference -+ z sqrt(v_P + v_B), at 99 %: the baseline's own error is in it. It lies within the band,
    edges included (`within`), wholly outside it (`below`, `above`), or across an edge (`inconclusive`).
    `minimum_detectable` is the relative difference that would be told from none with 80 % power:
    (z_0.995 + z_0.80) sqrt(v_P + v_B) / B. `p_below` is the one-sided p-value of "not below the band"; nan where no
    verdict on the band is given.
    """
    difference = prod.mean - baseline.mean
    error = sqrt(prod.variance + baseline.variance)
    low, high = difference - Z_INTERVAL * error, difference + Z_INTERVAL * error
    edge = band * baseline.mean
    verdict = _verdict(prod, baseline, low, high, edge)
    decided = verdict not in (Verdict.NO_DATA, Verdict.NO_BASELINE, Verdict.SMALL_CELL)
    return Comparison(
        difference,
        difference / baseline.mean if baseline.mean > 0 else nan,
        low,
        high,
        (Z_INTERVAL + Z_POWER) * error / baseline.mean if baseline.mean > 0 else nan,
        _p_below(difference + edge, error) if decided else nan,
        verdict,
    )


def _verdict(prod: Estimate, baseline: Estimate, low: float, high: float, edge: float) -> Verdict:
    if prod.items == 0 or isnan(prod.mean):
        return Verdict.NO_DATA
    if baseline.items == 0 or isnan(baseline.mean):
        return Verdict.NO_BASELINE
    if min(prod.items, baseline.items) < SMALLEST_CELL or isnan(low):
        return Verdict.SMALL_CELL
    if high < -edge:
        return Verdict.BELOW
    if low > edge:
        return Verdict.ABOVE
    if low >= -edge and high <= edge:
        return Verdict.WITHIN
    return Verdict.INCONCLUSIVE


def _p_below(above_edge: float, error: float) -> float:
    """The chance of a difference as low as this one, if the true one were at the band's lower edge."""
    if error == 0:
        return 0.0 if above_edge < 0 else 1.0
    return NORMAL.cdf(above_edge / error)
