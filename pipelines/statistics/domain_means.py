"""Means of domains of a stratified sample, with the variance that the whole design gives them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Means(NamedTuple):
    """Of m domains, each (m).

    The mean (nan without items), the variance of the mean (nan with fewer than two sampling units), the number of items
    with a score, and the degrees of freedom of the variance: sampling units less strata (less groups of strata that
    clusters link, with `crossing`), of those that the domain has.
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
    crossing: bool = False,
) -> Means:
    """Weighted means of m domains of one night's sample, and their variances by linearisation.

    `stratum` (n) is 0, 1, ... for each sampled item, and `score` (n, m) holds the items' scores in each domain, nan
    where the item is not in it or has no score. Slices and criteria are domains alike. `weight` is N_h / n_h (n), or
    one for each domain (n, m), as nonresponse.py makes them. `cluster` (n) says which items are one sampling unit, as
    clusters.py does; without it each item is its own.

    With d the domain, w the weights and N = sum w d: mean = sum w d y / N; the items' linearised values are
    z = w d (y - mean) / N, and t their totals over a unit. With a_h units in stratum h,

        variance = sum over h of  a_h / (a_h - 1)  *  sum over its units of (t - mean of t in h)^2

    (Särndal, Swensson and Wretman 1992, 5.7, for domains; ultimate clusters: Hansen, Hurwitz and Madow 1953; `svymean`
    of R's survey package). All units of a stratum count, those outside the domain with t = 0. Miller 2024 (arXiv
    2411.00640) has no a / (a - 1) in the clustered error; it is kept, as without it few clusters look too certain.

    A cluster in two strata is two units, as with `nest = TRUE` in R, unless `crossing`. Then it is one: its deviations
    sqrt(a_h / (a_h - 1)) (t - mean of t in h) are added up over its strata before they are squared, so that what a user
    has in common across strata counts. Where no cluster crosses strata, that is the same.

    The process is judged and not the day, so there is no finite-population correction. `population` (strata), how many
    sampling units each stratum has in all, turns it on for "this day's mean": times 1 - a_h / population_h.

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
    pairs, unit = np.unique(np.column_stack([stratum, cluster]), axis=0, return_inverse=True)
    of_stratum, of_cluster = pairs.T
    unit_inside = _by(np.logical_or, unit.reshape(-1), inside)
    deviations = _deviations(_by(np.add, unit.reshape(-1), linearised), of_stratum, population)
    if crossing:
        deviations, of_stratum = _by(np.add, of_cluster, deviations), _linked(of_stratum, of_cluster)
    else:
        of_cluster = np.arange(len(pairs))

    units = _by(np.logical_or, of_cluster, unit_inside).sum(axis=0)
    return Means(
        mean,
        np.where(units > 1, (deviations**2).sum(axis=0), np.nan),
        inside.sum(axis=0),
        units - _by(np.logical_or, of_stratum, unit_inside).sum(axis=0),
    )


def _deviations(totals: Floats, stratum: Integers, population: Floats | None) -> Floats:
    """Each unit's deviation from its stratum's mean, (units, m), times the root of the stratum's factor."""
    codes, sampled = np.unique(stratum, return_inverse=True, return_counts=True)[1:]
    factor = np.where(sampled > 1, sampled / np.maximum(sampled - 1, 1), 1.0)
    if population is not None:
        if (population < sampled).any():
            raise ValueError(
                f"strata of {population.tolist()} sampling units cannot have {sampled.tolist()} in the sample"
            )
        factor = factor * (1 - sampled / population)
    centre = _by(np.add, codes, totals) / sampled[:, None]
    centre[sampled == 1] = 0.0
    return np.sqrt(factor)[codes, None] * (totals - centre[codes])


def _linked(stratum: Integers, cluster: Integers) -> Integers:
    """For each unit, the number of its group: strata that clusters link, within which deviations add up to 0."""
    strata, clusters = (np.unique(ids, return_inverse=True)[1] for ids in (stratum, cluster))
    nodes = strata.max(initial=-1) + 1, clusters.max(initial=-1) + 1
    links = coo_array((np.ones(len(strata)), (strata, nodes[0] + clusters)), shape=(sum(nodes), sum(nodes)))
    return connected_components(links, directed=False)[1][strata]


def _by(combine: np.ufunc, group: Integers, rows: NDArray) -> NDArray:
    """The rows of each group combined, in the order of the groups."""
    order = np.argsort(group, kind="stable")
    begins = np.diff(group[order], prepend=group[order[:1]] - 1) != 0
    return combine.reduceat(rows[order], np.flatnonzero(begins), axis=0)
