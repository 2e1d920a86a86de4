"""The rule: how a mean of production compares with the cold eval's."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from pipelines.statistics.confidence_sequence import ALPHA, Bound, with_baseline
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.ratio_interval import fieller

Floats = NDArray[np.float64]

CONFIDENCE = 1 - 2 * ALPHA  # of an interval, each end of which is wrong with the chance ALPHA
POWER = 0.80
SMALLEST_CELL = 20  # scored items, on either side, below which no verdict is given
SMALLEST_P = -300.0  # log10 of the least p-value that is told from 0
BISECTIONS = 51  # 300 / 2^51 is 1e-13


class Verdict(StrEnum):
    WITHIN = "within"
    BELOW = "below"
    ABOVE = "above"
    STALE_EVAL_SET = "stale_eval_set"
    INCONCLUSIVE = "inconclusive"
    SMALL_CELL = "small_cell"
    NO_BASELINE = "no_baseline"
    NO_DATA = "no_data"


class Estimate(NamedTuple):
    """Mean scores, 0 to 1, the variances of these means, and the items they rest on; nan for what is not known."""

    mean: Floats
    variance: Floats
    items: NDArray[np.int64]


class Comparison(NamedTuple):
    """Production minus cold eval, on the scale of scores; relative to the cold eval's mean where the name says so."""

    difference: Floats
    relative_difference: Floats
    ci_low: Floats
    ci_high: Floats
    minimum_detectable: Floats
    verdict: NDArray[np.object_]


def compare(
    prod: Estimate, baseline: Estimate, band: float, bound: Bound, low: View | None = None, high: View | None = None
) -> Comparison:
    """Compare means P of production with the cold eval's means B, within a band of `band` = delta times B.

    Arrays of any shapes that broadcast. `bound` gives the reach u of production's mean: `fixed_time` for one night, a
    `sequence` for an epoch. `low` and `high` are the views of production that its two ends are taken from, where
    judgments are missing. With h(c) = sqrt(u^2 + z_{1-alpha/2}^2 c^2 v_B), at alpha 0.05 for each edge:

    within  P - (1 - delta) B > h(1 - delta) and (1 + delta) B - P > h(1 + delta)
    below   (1 - delta) B - P > h(1 - delta)
    above   P - (1 + delta) B > h(1 + delta)

    else inconclusive. The interval is the set of all ratios P / B that the same h does not exclude (`fieller`), minus
    1, times B: inside the band, or wholly outside it, exactly where the verdict says so; nan where B is not clearly
    above 0.
    `minimum_detectable` is the relative difference that this interval tells from none with 80 % power:
    (h(1) + z_0.80 sqrt(v_P + v_B)) / B.
    """
    low, high = low or View(prod.mean, prod.variance), high or View(prod.mean, prod.variance)
    lower, upper = (1 - band) * baseline.mean, (1 + band) * baseline.mean

    def reach(view: View, multiple: float, alpha: Floats | float = ALPHA) -> Floats:
        return with_baseline(bound(view.variance, alpha), multiple, baseline.variance, alpha)

    difference = prod.mean - baseline.mean
    base = np.where(baseline.mean > 0, baseline.mean, np.nan)
    base_reach = -ndtri(ALPHA / 2) * np.sqrt(baseline.variance)
    ratio_low, _ = fieller(low.mean, bound(low.variance, ALPHA), base, base_reach)
    _, ratio_high = fieller(high.mean, bound(high.variance, ALPHA), base, base_reach)

    verdict = np.empty(np.shape(difference), dtype=object)
    verdict.fill(Verdict.INCONCLUSIVE)
    below = lower - high.mean > reach(high, 1 - band)
    above = low.mean - upper > reach(low, 1 + band)
    verdict[(low.mean - lower > reach(low, 1 - band)) & (upper - high.mean > reach(high, 1 + band))] = Verdict.WITHIN
    verdict[below] = Verdict.BELOW
    verdict[above] = Verdict.ABOVE
    few = np.minimum(prod.items, baseline.items) < SMALLEST_CELL
    verdict[few | np.isnan(reach(low, 1.0)) | np.isnan(reach(high, 1.0))] = Verdict.SMALL_CELL
    verdict[np.broadcast_to((baseline.items == 0) | np.isnan(baseline.mean), verdict.shape)] = Verdict.NO_BASELINE
    verdict[np.broadcast_to((prod.items == 0) | np.isnan(prod.mean), verdict.shape)] = Verdict.NO_DATA

    error = np.sqrt(prod.variance + baseline.variance)
    view = View(prod.mean, prod.variance)
    return Comparison(
        difference,
        difference / base,
        (ratio_low - 1) * base,
        (ratio_high - 1) * base,
        (reach(view, 1.0) + ndtri(POWER) * error) / base,
        verdict,
    )


def p_below(high: View, baseline: Estimate, band: float, bound: Bound) -> Floats:
    """The least alpha at which the verdict would be below: the p-value of "not below the band"; 1 where none is.

    Of a sequence it holds at every look (Johari, Koomen, Pekelis and Walsh 2022, Operations Research 70(3)). By
    bisection of log10 alpha, with which h falls, to 1e-13 of it; p-values under 1e-300 are given as that.
    """
    gap = (1 - band) * baseline.mean - high.mean

    def is_below(alpha: Floats | float) -> NDArray[np.bool_]:
        return gap > with_baseline(bound(high.variance, alpha), 1 - band, baseline.variance, alpha)

    low, upper = np.full(np.shape(gap), SMALLEST_P), np.zeros(np.shape(gap))
    for _ in range(BISECTIONS):
        middle = (low + upper) / 2
        enough = is_below(10.0**middle)
        low, upper = np.where(enough, low, middle), np.where(enough, middle, upper)
    return np.where(is_below(1.0), 10.0**upper, 1.0)
