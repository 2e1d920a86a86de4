"""Means of domains of a stratified sample, with the variance that the whole design gives them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Means(NamedTuple):
    """Of m domains: mean and variance of the mean (nan without items), and the number of items."""

    mean: Floats
    variance: Floats
    items: NDArray[np.int64]


def domain_means(stratum: NDArray[np.int64], weight: Floats, score: Floats) -> Means:
    """Weighted means of m domains of one night's sample, and their variances by linearisation.

    `stratum` (n) is 0, 1, ... for each sampled item, `weight` (n) is N_h / n_h, and `score` (n, m) holds the items'
    scores in each domain, nan where the item is not in it or has no score. Slices and criteria are domains alike.

    With d the domain, w the weights and N = sum w d: mean = sum w d y / N; the items' linearised values are
    z = d (y - mean) / N, and variance = sum over strata of n_h / (n_h - 1) * sum over the stratum of
    (w z - mean of w z)^2 (Särndal, Swensson and Wretman 1992, 5.7; `svyby` of R's survey package). All items of a
    stratum count, those outside the domain with z = 0. There is no finite-population correction: the process is judged,
    not the day.

    In a stratum of one item, w z is centred at the mean of all, and there is no factor: "adjust" in R's survey package.
    A domain of one item has a mean and no variance.
    """
    inside = ~np.isnan(score)
    filled = np.where(inside, score, 0.0)
    size = weight @ inside
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(size > 0, weight @ filled / size, np.nan)
        values = weight[:, None] * np.where(inside, (filled - mean) / size, 0.0)

    member = np.zeros((stratum.max(initial=-1) + 1, len(stratum)))
    member[stratum, np.arange(len(stratum))] = 1.0
    sampled = member.sum(axis=1)
    centre = member @ values / np.maximum(sampled, 1)[:, None]
    if len(stratum):
        centre[sampled == 1] = values.mean(axis=0)
    squares = member @ (values - centre[stratum]) ** 2
    factor = np.where(sampled > 1, sampled / np.maximum(sampled - 1, 1), 1.0)
    items = inside.sum(axis=0)
    return Means(mean, np.where(items > 1, factor @ squares, np.nan), items)
