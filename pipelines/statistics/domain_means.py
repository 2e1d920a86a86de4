"""Means of domains of a stratified sample, with the variance that the whole design gives them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Means(NamedTuple):
    """Of m domains, each (m).

    The mean (nan without items), the variance of the mean (nan with fewer than two sampling units), the number of items
    with a score, and the degrees of freedom of the variance: sampling units less strata, of those that the domain has.
    """

    mean: Floats
    variance: Floats
    items: Integers
    degrees_of_freedom: Integers


def domain_means(
    stratum: Integers,
    weight: Floats,
    score: Floats,
    cluster: Integers | None = None,
    population: Floats | None = None,
) -> Means:
    """Weighted means of m domains of one night's sample, and their variances by linearisation.

    `stratum` (n) is 0, 1, ... for each sampled item, and `score` (n, m) holds the items' scores in each domain, nan where
    the item is not in it or has no score. Slices and criteria are domains alike. `weight` is N_h / n_h (n), or one for
    each domain (n, m), as nonresponse.py makes them.

    `cluster` (n) says which items are one sampling unit, as clusters.py does; without it each item is its own. Only equal
    ids in one stratum are one unit: a cluster in two strata is two, as with `nest = TRUE` in R.

    With d the domain, w the weights and N = sum w d: mean = sum w d y / N; the items' linearised values are
    z = w d (y - mean) / N, and t their totals over a unit. With a_h units in stratum h,

        variance = sum over h of  a_h / (a_h - 1)  *  sum over its units of (t - mean of t in h)^2

    (Särndal, Swensson and Wretman 1992, 5.7, for domains; ultimate clusters: Hansen, Hurwitz and Madow 1953; `svymean` of
    R's survey package). All units of a stratum count, those outside the domain with t = 0. Miller 2024 (arXiv 2411.00640)
    has no a / (a - 1) in the clustered error; it is kept, as without it the variance from few clusters is too small.

    The process is judged and not the day, so there is no finite-population correction. `population` (strata), the number
    of sampling units that each stratum has in all, turns it on for "this day's mean": times 1 - a_h / population_h.

    In a stratum of one unit there is no spread to see: t is centred at 0, which is the mean of all t, and there is no
    a / (a - 1). That is "adjust" in R's survey package. Raises ValueError where more units were sampled than there are.
    """
    inside = ~np.isnan(score)
    weights = np.where(inside, weight if weight.ndim == 2 else weight[:, None], 0.0)
    size = weights.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(size > 0, np.where(inside, weights * score, 0.0).sum(axis=0) / size, np.nan)
        linearised = np.where(inside, weights * (score - mean) / size, 0.0)

    cluster = np.arange(len(stratum)) if cluster is None else cluster
    by_unit = np.lexsort((cluster, stratum))
    units = _begins(stratum[by_unit], cluster[by_unit])
    totals = np.add.reduceat(linearised[by_unit], units, axis=0)
    there = np.logical_or.reduceat(inside[by_unit], units, axis=0)
    of_stratum = stratum[by_unit][units]
    strata = _begins(of_stratum)
    in_strata = np.logical_or.reduceat(there, strata, axis=0)

    variance = _between_units(totals, strata, None if population is None else population[of_stratum[strata]])
    several = there.sum(axis=0) > 1
    return Means(
        mean,
        np.where(several, variance, np.nan),
        inside.sum(axis=0),
        there.sum(axis=0) - in_strata.sum(axis=0),
    )


def _between_units(totals: Floats, strata: Integers, population: Floats | None) -> Floats:
    """The variance of the sum of `totals` (units, m), of which each stratum has those from its place in `strata` on."""
    sampled = np.diff(strata, append=len(totals))
    centre = np.add.reduceat(totals, strata, axis=0) / sampled[:, None]
    centre[sampled == 1] = 0.0
    squares = np.add.reduceat((totals - np.repeat(centre, sampled, axis=0)) ** 2, strata, axis=0)
    factor = np.where(sampled > 1, sampled / np.maximum(sampled - 1, 1), 1.0)
    if population is not None:
        if (population < sampled).any():
            raise ValueError(f"strata of {population.tolist()} sampling units cannot have {sampled.tolist()} in the sample")
        factor = factor * (1 - sampled / population)
    return (factor[:, None] * squares).sum(axis=0)


def _begins(*keys: Integers) -> Integers:
    """Where each run of equal keys begins, in arrays that are sorted by them."""
    begins = np.ones(len(keys[0]), dtype=bool)
    begins[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return np.flatnonzero(begins)
