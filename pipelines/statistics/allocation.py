"""How a sample is shared out over strata, in whole units."""

import heapq
from collections.abc import Sequence
from math import sqrt

POWER = 0.5  # Bankier's q: between equal numbers (0) and proportional ones (1)


def allocate(sizes: Sequence[int], n: int, floor: int, shares: Sequence[float] | None = None) -> list[int]:
    """Share n units out over strata of the given sizes N_h (all at least 1), exactly.

    `shares` (all above 0) is what the units are in proportion to: N_h if it is left out, or what `neyman_shares` and
    `power_shares` give.

    First the floors, round by round: every stratum one unit, then every stratum a second, up to `floor` or all it has;
    within a round the largest stratum first. Where n does not reach for all floors, the rounds stop at n, but never
    before the first is whole: a stratum without a unit would be missing from every estimate. So with more strata than
    n, there are as many units as strata.

    The rest goes, unit by unit, to the stratum of greatest share_h / sqrt(k (k + 1)), where k is what it has been
    given, until it has all its logs: Wright's exact integer method (2012, The American Statistician 66(4)), which with
    N_h S_h gives the least variance of the mean that whole numbers allow. Ties go to the earlier stratum.

    No stratum gets fewer units from a larger n, which keeps samples nested in n; and one log more in one stratum moves
    at most one unit. Raises ValueError for an empty stratum, or a share that is not above 0.
    """
    shares = sizes if shares is None else shares
    if any(size < 1 for size in sizes):
        raise ValueError(f"a stratum must hold at least one log; the sizes are {list(sizes)}")
    if not all(share > 0 for share in shares):
        raise ValueError(f"every stratum must have a share above 0; the shares are {list(shares)}")
    by_size = sorted(range(len(sizes)), key=lambda index: (-sizes[index], index))
    units = [0] * len(sizes)
    units_left = max(n, len(sizes))
    for round_ in range(floor):
        for index in by_size:
            if units_left and sizes[index] > round_:
                units[index] += 1
                units_left -= 1
    queue = [(-_priority(shares[i], units[i]), i) for i in range(len(sizes)) if units[i] < sizes[i]]
    heapq.heapify(queue)
    while units_left and queue:
        _, index = heapq.heappop(queue)
        units[index] += 1
        units_left -= 1
        if units[index] < sizes[index]:
            heapq.heappush(queue, (-_priority(shares[index], units[index]), index))
    return units


def neyman_shares(sizes: Sequence[int], spreads: Sequence[float]) -> list[float]:
    """N_h S_h: the least variance of the overall mean, with S_h the standard deviation in a stratum (Neyman 1934)."""
    return [size * spread for size, spread in zip(sizes, spreads, strict=True)]


def power_shares(sizes: Sequence[int]) -> list[float]:
    """N_h^q: small strata get more, so that each can be told for itself (Bankier 1988, with equal relative spread)."""
    return [size**POWER for size in sizes]


def standard_error(sizes: Sequence[int], units: Sequence[int], spreads: Sequence[float]) -> float:
    """What an allocation gives: the standard error of the overall mean, sqrt(sum (N_h / N)^2 S_h^2 / n_h).

    Without finite-population correction, as the process is judged and not the day; nan without strata.
    """
    if not sizes:
        return float("nan")
    design = zip(sizes, units, spreads, strict=True)
    return sqrt(sum((size * spread) ** 2 / given for size, given, spread in design)) / sum(sizes)


def _priority(share: float, given: int) -> float:
    return share / sqrt(given * (given + 1))
