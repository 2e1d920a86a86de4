"""How far two raters agree on levels: weighted kappa with its interval, and the table of all pairs."""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 2000


class Agreement(NamedTuple):
    """Weighted kappa (1: always the same level, 0: no more than by chance), its interval, and the items it rests on."""

    kappa: float
    low: float
    high: float
    items: int


def agreement(item: NDArray[np.int64], first: Floats, second: Floats, confidence: float, seed: int) -> Agreement:
    """Quadratic-weighted kappa of n pairs of levels, with its bootstrap interval over items.

    `item` (n) is 0, 1, ... and says which item a pair is about: an item of several pairs is drawn with all of them, as
    its pairs are not independent. The interval is the bias-corrected and accelerated one (Efron 1987, JASA 82) of
    RESAMPLES draws from `seed`. It is nan where nothing could be drawn that would tell: fewer than two items, raters
    who never differ, or one who never varies, whose agreement every resample repeats.
    """
    from scipy.stats import DegenerateDataWarning, bootstrap  # half a second that only labelled items are worth

    moments = _moments(item, first, second)
    kappa = float(_kappa(moments.sum(axis=0)))
    if len(moments) < 2:
        return Agreement(kappa, np.nan, np.nan, len(moments))

    def resampled(chosen: NDArray[np.int64], axis: int) -> Floats:
        # a resample in which neither rater varies shows no agreement beyond chance
        return np.nan_to_num(_kappa(moments[chosen].sum(axis=-2)))

    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", DegenerateDataWarning)  # its interval is nan, which is what is said above
        low, high = bootstrap(
            (np.arange(len(moments)),),
            resampled,
            n_resamples=RESAMPLES,
            batch=200,
            confidence_level=confidence,
            rng=np.random.default_rng(seed),
        ).confidence_interval
    if not high - low > 1e-9:  # rounding
        low = high = np.nan
    return Agreement(kappa, float(low), float(high), len(moments))


def weighted_kappa(first: Floats, second: Floats) -> float:
    """Quadratic-weighted kappa of n pairs of levels (Cohen 1968, with weights (i - j)^2); nan where neither varies.

    1 - observed / expected mean square difference, where the expected one is that of levels paired at random:
    E (x - y)^2 = var x + var y + (mean x - mean y)^2. So no table is needed (Fleiss and Cohen 1973; the same number is
    Lin's concordance coefficient, 1989).
    """
    return float(_kappa(_moments(np.zeros(len(first), dtype=np.int64), first, second).sum(axis=0)))


def confusion(first: Floats, second: Floats, levels: int) -> NDArray[np.int64]:
    """How often each pair of levels occurs, (levels, levels): rows the first rater's level, columns the second's."""
    table = np.zeros((levels, levels), dtype=np.int64)
    np.add.at(table, (first.astype(int) - 1, second.astype(int) - 1), 1)
    return table


def _moments(item: NDArray[np.int64], first: Floats, second: Floats) -> Floats:
    """What kappa needs of each item's pairs, (items, 6): their number and the sums of x, y, x^2, y^2 and (x - y)^2."""
    pairs = np.column_stack([np.ones(len(item)), first, second, first**2, second**2, (first - second) ** 2])
    moments = np.zeros((item.max(initial=-1) + 1, pairs.shape[1]))
    np.add.at(moments, item, pairs)
    return moments


def _kappa(sums: Floats) -> Floats:
    """Weighted kappa from summed moments, (..., 6)."""
    n, x, y, xx, yy, square = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_x, mean_y = x / n, y / n
        expected = xx / n - mean_x**2 + yy / n - mean_y**2 + (mean_x - mean_y) ** 2
        # levels are whole numbers, so what is not 0 is far above rounding
        return np.where(expected > 1e-9, 1 - square / n / expected, np.nan)
