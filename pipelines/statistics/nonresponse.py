"""Weights when some items of a domain have no verdict: their stratum's other items of the domain stand for them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


def nonresponse_weights(stratum: NDArray[np.int64], weight: Floats, judged: Booleans, missing: Booleans) -> Floats:
    """The weights (n, m) of n items in m domains, for domain_means.

    `stratum` (n) is 0, 1, ... for each sampled item and `weight` (n) its N_h / n_h. `judged` (n, m) says which items of
    a domain have a verdict, be it a score or "not applicable", and `missing` (n, m) which items of it should have one
    and do not. With J and M the sums of their weights in one domain and stratum, an item that is judged gets

        w' = w (J + M) / J

    (the weighting-class estimator: Oh and Scheuren 1983; Särndal, Swensson and Wretman 1992, 15.6), every other one 0.
    So each stratum keeps its weight in the domain. Where a stratum has no verdict at all in a domain there is nobody to
    carry its weight, and the mean is that of the others.

    It takes verdicts to be missing at random within a stratum of a domain. That cannot be seen in the data, so where
    much is missing a comparison must hold at Manski's bounds too (missing_bounds.py), which take nothing for granted.
    The variance takes the weights as given, as survey packages do: a little too large, and by more the more is missing.
    """
    weights = weight[:, None]
    answering, absent = np.where(judged, weights, 0.0), np.where(missing, weights, 0.0)
    sums = np.zeros((2, stratum.max(initial=-1) + 1, judged.shape[1]))
    np.add.at(sums[0], stratum, answering)
    np.add.at(sums[1], stratum, absent)
    with np.errstate(divide="ignore", invalid="ignore"):
        carried = np.where(sums[0] > 0, (sums[0] + sums[1]) / sums[0], 0.0)
    return answering * carried[stratum]
