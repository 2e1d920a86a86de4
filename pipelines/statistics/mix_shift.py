"""Why two means differ: another mix of categories, or other scores within them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class MixShift(NamedTuple):
    """The four terms of a difference of means, in score points: what each of C categories contributes, (C).

    The sum over all terms and categories is production's mean minus the baseline's.
    """

    composition: Floats
    quality: Floats
    only_in_production: Floats
    only_in_baseline: Floats


def mix_shift(prod_share: Floats, prod_mean: Floats, baseline_share: Floats, baseline_mean: Floats) -> MixShift:
    """Decompose production's mean minus the baseline's, by categories that both have and categories that one has alone.

    All are (C): shares of production and of the baseline that are in each category, 0 where a side has none of it, and
    mean scores, which are not looked at where the share is 0. Shares need not sum to 1.

    With p and q the shares among the common categories, renormalised there, y_P and y_B the means, M_P = sum p y_P and
    M_B = sum q y_B those of the common part, and w the share of all in a category:

        composition         (p - q) ((y_P + y_B) / 2 - (M_P + M_B) / 2)
        quality             (y_P - y_B) (p + q) / 2
        only_in_production  w_P (y_P - M_P)
        only_in_baseline    w_B (M_B - y_B)

    The first two are Kitagawa's (1955, JASA 50), the other two Ñopo's (2008, Rev. Econ. Stat. 90). Centring composition
    at the common mean leaves its sum as it is, since p - q sums to 0, and gives a category that grew a positive
    contribution only where it scores better than the rest.

    Without a common category nothing can be told from anything: all terms are nan.
    """
    prod_share, baseline_share = prod_share / prod_share.sum(), baseline_share / baseline_share.sum()
    in_prod, in_baseline = prod_share > 0, baseline_share > 0
    common = in_prod & in_baseline
    if not common.any():
        return MixShift(*np.full((4, len(common)), np.nan))
    p = np.where(common, prod_share, 0.0) / prod_share[common].sum()
    q = np.where(common, baseline_share, 0.0) / baseline_share[common].sum()
    y_prod, y_baseline = np.where(in_prod, prod_mean, 0.0), np.where(in_baseline, baseline_mean, 0.0)
    common_prod, common_baseline = p @ y_prod, q @ y_baseline
    return MixShift(
        composition=(p - q) * ((y_prod + y_baseline) / 2 - (common_prod + common_baseline) / 2),
        quality=(y_prod - y_baseline) * (p + q) / 2,
        only_in_production=np.where(in_prod & ~common, prod_share * (y_prod - common_prod), 0.0),
        only_in_baseline=np.where(in_baseline & ~common, baseline_share * (common_baseline - y_baseline), 0.0),
    )


def pooled_mix(share: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Shares and means of categories over the nights 1 to k, for every k: (nights, C) each, from nightly ones.

    Nights count the same, as in the pooled mean that is decomposed: share_k = sum of shares / k, and mean_k = sum of
    share times mean / sum of shares, so that sum over categories of share_k mean_k is the mean of the nightly means. A
    category that a night has not has share 0 there, and its mean is not looked at; nan where no night has had it.
    """
    shares = share.cumsum(axis=0)
    points = np.where(share > 0, share * mean, 0.0).cumsum(axis=0)
    nights = np.arange(1, len(share) + 1)[:, None]
    return shares / nights, np.divide(points, shares, out=np.full_like(points, np.nan), where=shares > 0)
