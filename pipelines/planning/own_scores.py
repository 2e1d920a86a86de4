"""What a feature's own judged data say of its scores: how they spread, by stratum, between nights, in the cold eval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.errors import UserError
from pipelines.feature import Feature, Uncertainty
from pipelines.judging.judges import judge_label
from pipelines.sampling.allocation import share_out
from pipelines.statistics.between_nights import MOST_NIGHTS, PRIOR_SPREAD, between_nights
from pipelines.statistics.domain_means import domain_means
from pipelines.statistics.resampling import Stratum
from pipelines.statistics.variance_floor import variance_floor
from pipelines.statistics.verdict import SMALLEST_CELL

OVERALL = "overall"
NIGHTS = MOST_NIGHTS  # the newest ones, of one rubric
ANY_SIZE = 1_000_000  # logs of a day before any day has been seen: enough that no stratum is judged whole


@dataclass(frozen=True)
class OwnScores:
    """Overall scores by the newest rubric. `nights` is how many are in it; 0 where the cold eval stands for production.

    `strata` have the scores of all these nights, and the shares and numbers sampled of a usual night; `sizes` are its
    logs by stratum, in the same order. `between` is tau^2, the variance between nights. `cold` are the cold eval's
    scores, which are the yardstick itself where they are `fixed`.
    """

    strata: tuple[Stratum, ...]
    sizes: dict[str, int]
    between: float
    nights: int
    cold: np.ndarray
    fixed: bool

    @property
    def baseline_mean(self) -> float:
        return float(self.cold.mean())

    @property
    def baseline_variance(self) -> float:
        """That of the cold eval's mean: 0 where it is the yardstick itself."""
        return 0.0 if self.fixed else self.item_variance / len(self.cold)

    @property
    def item_variance(self) -> float:
        """S_B^2, that of the cold eval's items; no less than the verdict takes it for."""
        floor = variance_floor(self.cold.mean(), len(self.cold)) * len(self.cold)
        return float(max(self.cold.var(ddof=1), floor))

    def night_variance(self, sampled: Sequence[int]) -> float:
        """That of a night's mean with so many items of each stratum: sum W_h^2 S_h^2 / n_h, plus tau^2."""
        shares = np.array([stratum.share for stratum in self.strata])
        spread = np.array(
            [stratum.scores.var(ddof=1) if len(stratum.scores) > 1 else self.item_variance for stratum in self.strata]
        )
        return float(((shares / shares.sum()) ** 2 * spread / np.array(sampled)).sum() + self.between)


def own_scores(feature: Feature, judged: pd.DataFrame, epochs: Mapping[str, str], rubric_id: str) -> OwnScores:
    """What `judged` (sql/people/judged_items.sql) says of the feature; `epochs` tells which epoch a day is in.

    Before any night, `rubric_id` says by which rubric cold items count. Raises UserError where there is no cold eval, or
    where it has not been judged by the rulers of the newest night.
    """
    if feature.baseline is None:
        raise UserError(
            f"{feature.name}: has no cold eval, so there is nothing that production could be within a band of; "
            "add baseline.path to its feature file"
        )
    overall = judged[(judged.criterion == OVERALL) & judged.score.notna()]
    days = sorted(set(overall.day) - {""})
    rubric_id = overall.ruler_id[overall.day == days[-1]].iloc[0] if days else rubric_id
    cold = overall[(overall.item_kind == "cold") & (overall.ruler_id == rubric_id)]
    if len(cold) < SMALLEST_CELL:
        raise UserError(
            f"{feature.name}: the cold eval has {len(cold)} scored items by the newest rulers, and a verdict needs "
            f"{SMALLEST_CELL}; run `prod-evals run {feature.name}`, which judges it even where no logs are there yet"
        )
    production = overall[(overall.item_kind == "prod") & (overall.ruler_id == rubric_id)]
    days = sorted(set(production.day))[-NIGHTS:]
    production = production[production.day.isin(days)]
    fixed = feature.baseline.uncertainty is Uncertainty.FIXED
    cold_scores = cold.score.to_numpy(dtype=float)
    if not days:
        parts = _by_stratum(cold)
        sizes = {stratum: ANY_SIZE * len(part) // len(cold) for stratum, part in parts.items()}
        sampled = share_out(feature.sample, sizes, feature.sample.n)
        between = (PRIOR_SPREAD * cold_scores.mean()) ** 2
    else:
        parts = _by_stratum(production)
        sizes = {
            stratum: _a_night(part.groupby("day")["stratum_size"].first(), len(days)) for stratum, part in parts.items()
        }
        sampled = [_a_night(part.groupby("day").size(), len(days)) for part in parts.values()]
        between = _between(production, days, epochs)
    weight = sum(part.weight.sum() for part in parts.values())
    strata = tuple(
        Stratum(part.score.to_numpy(dtype=float), part.weight.sum() / weight, n)
        for part, n in zip(parts.values(), sampled, strict=True)
    )
    return OwnScores(strata, sizes, between, len(days), cold_scores, fixed)


def in_words(feature: Feature, own: OwnScores) -> list[str]:
    """Whose scores, and from what the numbers come."""
    if own.nights:
        items = sum(len(stratum.scores) for stratum in own.strata)
        source = f"from {items:,} items of {own.nights} night{'' if own.nights == 1 else 's'}"
    else:
        source = "from the cold eval alone, as no night has been judged by its rulers yet"
    cold = f"The cold eval has {len(own.cold)} scored items and a mean of {own.baseline_mean:.3f}"
    if own.fixed:
        cold += "; baseline.uncertainty is fixed, so it is taken as the yardstick itself, without an error of its own"
    return [
        f"Scores by {judge_label(feature)}; their spread is taken {source}.",
        f"{cold}. The band is {feature.bands.quality:.1%}.",
    ]


def _by_stratum(scored: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(stratum): part for stratum, part in scored.groupby("stratum")}


def _a_night(by_day: pd.Series, nights: int) -> int:
    """The mean over all nights, of which those without count as 0; rounded, and at least 1."""
    return max(1, round(by_day.sum() / nights))


def _between(production: pd.DataFrame, days: list[str], epochs: Mapping[str, str]) -> float:
    """tau^2 from the nights' means, each about its own epoch's. Items count as independent here, so that what those of
    one user have in common is part of it, as a difference between nights."""
    means, variances = [], []
    for day in days:
        night = production[production.day == day]
        stratum = pd.factorize(night.stratum, sort=True)[0]
        night_mean = domain_means(
            stratum, night.weight.to_numpy(dtype=float), night.score.to_numpy(dtype=float)[:, None]
        )
        means.append(night_mean.mean)
        variances.append(np.maximum(night_mean.variance, variance_floor(night_mean.mean, night_mean.items)))
    epoch = pd.factorize(np.array([epochs.get(day, "") for day in days], dtype=object))[0]
    return float(between_nights(np.array(means), np.array(variances), epoch)[0])
