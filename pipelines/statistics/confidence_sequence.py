"""How far the truth may be from an estimate: at one look, or at every look of an epoch at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

Floats = NDArray[np.float64]
Bound = Callable[[Floats, Floats | float], Floats]  # from a mean's variance and an error rate to a one-sided reach

ALPHA = 0.05  # one-sided error of an edge over the life of an epoch, however often it is looked at
PLANNED_NIGHTS = 7  # the look at which the sequence is tightest
USUAL_REACH = 0.005  # the error rate at which one look reaches about as far as a sequence does where it is tightest
FEWEST_PLANNED_ITEMS = 100  # a night; a first night of fewer may be a launch's first hours


def fixed_time(variance: Floats, alpha: Floats | float) -> Floats:
    """The reach of a mean that is looked at once: z_{1-alpha} sqrt(variance), one-sided; never below 0."""
    return np.maximum(-ndtri(alpha), 0.0) * np.sqrt(variance)


def student(degrees_of_freedom: Floats) -> Bound:
    """The reach of a mean that is looked at once, whose variance is itself an estimate: t instead of z, one-sided.

    Of few sampling units (the users of a small cohort, say) a variance says little, and z would be too sure.
    """
    return lambda variance, alpha: np.maximum(-stdtrit(degrees_of_freedom, alpha), 0.0) * np.sqrt(variance)


def mixture_parameter(planned_variance: Floats | float, alpha: float = ALPHA) -> Floats:
    """rho, which makes the sequence tightest where V_k is `planned_variance` = V.

    rho = V / (x + ln(1 + x)), x = 2 ln(1 / (2 alpha)).

    Howard, Ramdas, McAuliffe and Sekhon (2021, Annals of Statistics 49(2)), section 3.5. Any rho keeps the error rate,
    as long as it is fixed before the scores of the epoch are seen.
    """
    x = 2 * np.log(1 / (2 * alpha))
    return planned_variance / (x + np.log1p(x))


def planned_variance(item_variance: Floats | float, first_items: NDArray[np.int64] | int) -> Floats:
    """V, the sum of the variances of PLANNED_NIGHTS nights, by the items of an epoch's first night: the design alone.

    A first night of few items is taken for one of FEWEST_PLANNED_ITEMS. To plan for four times the items that come
    costs next to nothing; to plan for 5 where 200 come loses a third of the verdicts of the first week, as by
    simulation 63 % in place of 95 % of rollouts without divergence (graded scores, 600 cold items) are then told.
    """
    return PLANNED_NIGHTS * item_variance / np.maximum(first_items, FEWEST_PLANNED_ITEMS)


def sequence(nights: NDArray[np.int64], rho: Floats | float, degrees_of_freedom: Floats | float = np.inf) -> Bound:
    """The reach of a mean of k nights that is looked at every night: the one-sided normal mixture.

    With V_k = k^2 variance, the sum of the nights' variances:
    u_k = sqrt(2 (V_k + rho) ln(1 + sqrt((V_k + rho) / rho) / (2 alpha))) / k
    (Howard et al. 2021, eq. 14; for estimated variances Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024,
    arXiv 2103.06476). The chance that the mean of k nights is ever, for any k, further above the true one is alpha.

    `degrees_of_freedom` are those of the variance, over all k nights. Few of them (the users of a small cohort, say)
    leave it uncertain: it is taken (t / z)^2 times as large, with both quantiles at USUAL_REACH.
    """
    k = np.where(nights > 0, nights, np.nan)
    uncertain = (stdtrit(degrees_of_freedom, USUAL_REACH) / ndtri(USUAL_REACH)) ** 2

    def reach(variance: Floats, alpha: Floats | float) -> Floats:
        total = k**2 * variance * uncertain + rho
        return np.sqrt(2 * total * np.log1p(np.sqrt(total / rho) / (2 * alpha))) / k

    return reach


def with_baseline(reach: Floats, multiple: float, baseline_variance: Floats | float, alpha: Floats | float) -> Floats:
    """The reach of (production's mean) - c (the cold eval's mean): h(c) = sqrt(u^2 + z_{1-alpha/2}^2 c^2 v_B).

    The cold eval's error is the same on every night, so that it does not shrink with them. Adding the two in quadrature
    is calibrated by simulation (tests/statistics/test_rollouts.py), not proved.
    """
    return np.sqrt(reach**2 + ndtri(np.asarray(alpha) / 2) ** 2 * multiple**2 * baseline_variance)
