"""The gate's quality rule on rollouts drawn from a feature's own scores, with a known truth: how often is it wrong?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from pipelines.planning.own_scores import OwnScores
from pipelines.statistics.resampling import draw_cold_evals, draw_nights, tilted
from pipelines.statistics.rollouts import NEVER, Rollouts, replay
from pipelines.statistics.variance_floor import variance_floor

PLANTED = (0.0, 1.0, 1.6, 2.4)  # how far below the cold eval production truly is, in bands
FIRST_WEEK = 7
AT_ONCE = 1000  # rollouts drawn together: what a night of 200 items takes of them fits in 100 MB
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Share:
    """A share of rollouts, with its simulation error: a 95 % interval (Wilson 1927)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RuleOutcome:
    """What the rule said of rollouts that are truly `divergence` (relative) below the cold eval.

    `advances` are rollouts that quality lets advance on some night: clearly not below the band. `roll_backs` are those
    clearly below it, or alarmed. Each by the first week's end and by the last night. `nights_to_advance` and
    `nights_to_roll_back` are the medians of those that did; None where none did.
    """

    bands: float
    divergence: float
    advances: tuple[Share, Share]
    roll_backs: tuple[Share, Share]
    nights_to_advance: float | None
    nights_to_roll_back: float | None

    @property
    def false(self) -> tuple[Share, Share]:
        """The errors: a roll-back without any divergence, an advance at the band's edge or beyond it."""
        return self.advances if self.bands >= 1 else self.roll_backs


def selftest(
    own: OwnScores,
    band: float,
    rollouts: int,
    nights: int,
    seed: int,
    progress: Callable[[str], None] = lambda what: None,
) -> list[RuleOutcome]:
    """Replay the rule on `rollouts` of `nights` nightly looks for every planted divergence.

    Each rollout has a cold eval and nights of its own, drawn from the feature's scores; production's are tilted so that
    their true mean is (1 - divergence) times that of the scores that cold evals are drawn from. `progress` hears of
    every block of rollouts before it is drawn. Raises ValueError where scores differ too little to plant a divergence.
    """
    outcomes = []
    for bands, seeds in zip(PLANTED, np.random.SeedSequence(seed).spawn(len(PLANTED)), strict=True):
        divergence = bands * band
        chances = tilted(own.strata, (1 - divergence) * own.baseline_mean)
        generator = np.random.default_rng(seeds)
        replayed = []
        for block in blocks(rollouts):
            progress(f"{divergence:.1%} below the cold eval")
            replayed.append(_replayed(generator, own, chances, band, (block, nights)))
        outcomes.append(
            _outcome(bands, divergence, Rollouts(*map(np.concatenate, zip(*replayed, strict=True))), nights)
        )
    return outcomes


def blocks(rollouts: int) -> Iterator[int]:
    """The sizes of the blocks that rollouts are drawn in."""
    for begin in range(0, rollouts, AT_ONCE):
        yield min(AT_ONCE, rollouts - begin)


def _replayed(
    generator: np.random.Generator, own: OwnScores, chances: Sequence[np.ndarray], band: float, shape: tuple[int, int]
) -> Rollouts:
    mean, variance = draw_nights(generator, own.strata, chances, own.between, shape)
    baseline_mean, item_variance = draw_cold_evals(generator, own.cold, shape[0])
    baseline_variance = np.maximum(item_variance / len(own.cold), variance_floor(baseline_mean, len(own.cold)))
    if own.fixed:
        baseline_mean, baseline_variance = np.asarray(own.baseline_mean), np.asarray(0.0)
    items = sum(stratum.sampled for stratum in own.strata)
    return replay(
        mean, variance, np.full(shape, items), baseline_mean, baseline_variance, band, own.item_variance / items
    )


def _outcome(bands: float, divergence: float, replayed: Rollouts, nights: int) -> RuleOutcome:
    rolled_back = np.where((replayed.below == NEVER) | (replayed.alarm == NEVER), np.maximum(replayed.below, replayed.alarm),
                           np.minimum(replayed.below, replayed.alarm))  # fmt: skip
    week = min(FIRST_WEEK, nights)
    return RuleOutcome(
        bands,
        divergence,
        (_share(replayed.clear, week), _share(replayed.clear, nights)),
        (_share(rolled_back, week), _share(rolled_back, nights)),
        _median(replayed.clear),
        _median(rolled_back),
    )


def _share(first: np.ndarray, look: int) -> Share:
    """The share of rollouts whose first night is there by that look."""
    count = int(((first != NEVER) & (first <= look)).sum())
    interval = binomtest(count, len(first)).proportion_ci(CONFIDENCE, method="wilson")
    return Share(count / len(first), float(interval.low), float(interval.high))


def _median(first: np.ndarray) -> float | None:
    reached = first[first != NEVER]
    return float(np.median(reached)) if len(reached) else None
