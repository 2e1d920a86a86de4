"""How the n of a feature file is shared out over strata."""

from collections.abc import Mapping

from pipelines.feature import Allocation, Sample
from pipelines.sampling.spread import spreads_of
from pipelines.statistics.allocation import allocate, neyman_shares, power_shares


def share_out(sample: Sample, sizes: Mapping[str, int], n: int) -> list[int]:
    """How many of n units each stratum gets, in the order of `sizes`, which are its logs.

    Neyman's spreads are those of the feature file, although past nights have measured them. A sample that read the lake
    would be another one on a re-run, or after a backfill in another order, as it would find other nights judged; and
    rows that are judged already would leave it. Written down, they are an input as n is, changed on purpose and for all
    to see: `prod-evals check` prints what past nights had, to be written.
    """
    logs = list(sizes.values())
    match sample.allocation:
        case Allocation.PROPORTIONAL:
            shares = None
        case Allocation.NEYMAN:
            shares = neyman_shares(logs, spreads_of(sizes, sample.spread))
        case Allocation.POWER:
            shares = power_shares(logs)
    return allocate(logs, n, sample.floor, shares)
