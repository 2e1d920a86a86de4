"""How many nights a decision takes: by the gate's own boundary, for several sizes of the nightly sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite

from pipelines.planning.own_scores import OwnScores
from pipelines.statistics.confidence_sequence import mixture_parameter, planned_variance
from pipelines.statistics.planning import MOST_NIGHTS, baseline_items_to_tell, nights_to_tell

DIVERGENCES = (0.0, 0.02, 0.03)  # how far below the cold eval production is assumed to be, relative
SAMPLES = (50, 100, 200, 400, 800)


class Outcome(StrEnum):
    """What quality comes to. `slow`: more than MOST_NIGHTS; `undecidable`: no number of nights is enough."""

    ADVANCE = "advance"
    ROLL_BACK = "roll_back"
    SLOW = "slow"
    UNDECIDABLE = "undecidable"


@dataclass(frozen=True)
class Planned:
    """At one true divergence and n: `nights` until it shows on which side of the band's lower edge production is.

    None unless the outcome is advance or roll_back. `cold_items` is how many items the cold eval must exceed for any
    number of nights to tell; inf on the edge itself.
    """

    n: int
    divergence: float
    outcome: Outcome
    nights: int | None
    cold_items: float


def plan(own: OwnScores, band: float, samples: Mapping[int, Sequence[int]]) -> list[Planned]:
    """Every n of `samples` at every assumed divergence, should means and variances be as they are in `own`.

    `samples` has, for every n, the items of each stratum of `own`. Production's mean is (1 - divergence) B; what
    must be cleared is the edge (1 - band) B, from above or from below.
    """
    plans = []
    for n, sampled in samples.items():
        night_variance, freedom = own.night_variance(sampled), max(sum(sampled) - len(sampled), 1)
        rho = mixture_parameter(planned_variance(own.item_variance, n))
        for divergence in DIVERGENCES:
            distance = (band - divergence) * own.baseline_mean
            nights = float(
                nights_to_tell(
                    distance, night_variance, rho, 1 - band, own.baseline_variance, degrees_of_freedom=freedom
                )
            )
            needed = (
                float(baseline_items_to_tell(distance, 1 - band, own.baseline_variance, len(own.cold)))
                if distance
                else inf
            )
            outcome = _outcome(distance, nights, undecidable=len(own.cold) <= needed)
            plans.append(Planned(n, divergence, outcome, int(nights) if isfinite(nights) else None, needed))
    return plans


def _outcome(distance: float, nights: float, undecidable: bool) -> Outcome:
    if nights <= MOST_NIGHTS:
        return Outcome.ADVANCE if distance > 0 else Outcome.ROLL_BACK
    return Outcome.UNDECIDABLE if undecidable else Outcome.SLOW
