"""How a sample is shared out over strata, in whole units."""

import heapq
from collections.abc import Sequence
from math import sqrt


def allocate(sizes: Sequence[int], n: int, floor: int) -> list[int]:
    """Share n units out over strata of the given sizes (all at least 1), proportionally and exactly.

    First the floors, round by round: every stratum one unit, then every stratum a second, up to `floor` or all it has;
    within a round the largest stratum first. Where n does not reach for all floors, the rounds stop at n, but never
    before the first is whole: a stratum without a unit would be missing from every estimate. So with more strata than
    n, there are as many units as strata.

    The rest goes, unit by unit, to the stratum of greatest N_h / sqrt(k (k + 1)), where k is what it has been given,
    until it has all its logs: Wright's exact integer method (2012, The American Statistician 66(4)) with equal spread in
    all strata. Ties go to the earlier stratum.

    No stratum gets fewer units from a larger n, which keeps samples nested in n. Raises ValueError for an empty stratum.
    """
    if any(size < 1 for size in sizes):
        raise ValueError(f"a stratum must hold at least one log; the sizes are {list(sizes)}")
    by_size = sorted(range(len(sizes)), key=lambda index: (-sizes[index], index))
    units = [0] * len(sizes)
    left = max(n, len(sizes))
    for round_ in range(floor):
        for index in by_size:
            if left and sizes[index] > round_:
                units[index] += 1
                left -= 1
    queue = [(-_priority(sizes[i], units[i]), i) for i in range(len(sizes)) if units[i] < sizes[i]]
    heapq.heapify(queue)
    while left and queue:
        _, index = heapq.heappop(queue)
        units[index] += 1
        left -= 1
        if units[index] < sizes[index]:
            heapq.heappush(queue, (-_priority(sizes[index], units[index]), index))
    return units


def _priority(size: int, given: int) -> float:
    return size / sqrt(given * (given + 1))
