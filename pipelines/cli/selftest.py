"""`prod-evals selftest`: how often the gate's quality rule is wrong on a feature's own scores."""

import json
from collections.abc import Sequence
from contextlib import nullcontext

import click

from pipelines import lake
from pipelines.cli import terminal
from pipelines.errors import UserError
from pipelines.feature import Feature, Uncertainty, find_feature
from pipelines.planning.own_scores import OwnScores, in_words
from pipelines.planning.scores_in_lake import read_own_scores
from pipelines.planning.selftest import FIRST_WEEK, PLANTED, RuleOutcome, Share, blocks, selftest


def show_selftest(name: str, rollouts: int, nights: int, seed: int, as_json: bool) -> int:
    """Resample, replay, and print how often the rule was wrong and how soon it was right."""
    feature = find_feature(name)
    with lake.unchanging(feature.name), lake.connect() as connection:
        own = read_own_scores(connection, feature)
    total = len(PLANTED) * len(list(blocks(rollouts)))
    with nullcontext() if as_json else terminal.progress(total, "selftest") as steps:
        try:
            outcomes = selftest(
                own, feature.bands.quality, rollouts, nights, seed, steps.begin if steps else lambda what: None
            )
        except ValueError as error:
            raise UserError(f"{name}: no divergence can be planted in its scores: {error}") from error
    if as_json:
        click.echo(json.dumps(_plain(feature, own, outcomes, rollouts, nights, seed), indent=2, ensure_ascii=False))
    else:
        _show(feature, own, outcomes, rollouts, nights)
    return 0


def _show(feature: Feature, own: OwnScores, outcomes: Sequence[RuleOutcome], rollouts: int, nights: int) -> None:
    terminal.console.print()
    items = sum(stratum.sampled for stratum in own.strata)
    effect = own.between**0.5 / own.baseline_mean
    for line in (
        *in_words(feature, own),
        (
            f"{rollouts:,} rollouts of {nights} nights, {items} items a night in {len(own.strata)} strata, nights "
            f"differing by {effect:.1%} (standard deviation) besides; the verdict is read every night."
        ),
    ):
        terminal.console.print(terminal.plain(line), soft_wrap=True)
    terminal.console.print()
    looks = (f"night {min(FIRST_WEEK, nights)}", f"night {nights}")
    terminal.table(
        "What quality would have said, of rollouts whose truth is known",
        ("production is", *(f"advanced by {look}" for look in looks), *(f"rolled back by {look}" for look in looks),
         "median night"),
        [
            (
                _truth(outcome),
                *(_share(share) for share in (*outcome.advances, *outcome.roll_backs)),
                _median(outcome),
            )
            for outcome in outcomes
        ],
        numeric=("median night",),
    )  # fmt: skip
    for line in (
        "In brackets the 95 % interval that the number of rollouts leaves.",
        (
            f"Wrong are advances of production at the band's edge or beyond (by design at most 5 %: here "
            f"{_worst(outcomes, True)} by night {nights}), and roll-backs of production that does not diverge "
            f"(here {_worst(outcomes, False)})."
        ),
    ):
        terminal.console.print(terminal.plain(line), soft_wrap=True)


def _truth(outcome: RuleOutcome) -> str:
    if not outcome.bands:
        return "as the cold eval"
    edge = " (band's edge)" if outcome.bands == 1 else f" ({outcome.bands:g} bands)"
    return f"{outcome.divergence:.1%} below{edge}"


def _share(share: Share) -> str:
    return f"{share.value:.1%} ({100 * share.low:.1f}–{100 * share.high:.1f})"


def _median(outcome: RuleOutcome) -> str | None:
    """The median night of the right decision."""
    night = (
        outcome.nights_to_roll_back if outcome.bands > 1 else outcome.nights_to_advance if not outcome.bands else None
    )
    return None if night is None else f"{night:g}"


def _worst(outcomes: Sequence[RuleOutcome], advances: bool) -> str:
    return _share(
        max(
            (outcome.false[-1] for outcome in outcomes if (outcome.bands >= 1) == advances),
            key=lambda share: share.value,
        )
    )


def _plain(
    feature: Feature, own: OwnScores, outcomes: Sequence[RuleOutcome], rollouts: int, nights: int, seed: int
) -> dict:
    looks = (min(FIRST_WEEK, nights), nights)

    def shares(of: tuple[Share, Share]) -> list[dict]:
        return [{"by_night": look} | vars(share) for look, share in zip(looks, of, strict=True)]

    return {
        "feature": feature.name,
        "rollouts": rollouts,
        "nights": nights,
        "seed": seed,
        "band": feature.bands.quality,
        "baseline_uncertainty": (Uncertainty.FIXED if own.fixed else Uncertainty.SAMPLED).value,
        "scores_from": "nights" if own.nights else "cold_eval",
        "nights_seen": own.nights,
        "items_a_night": sum(stratum.sampled for stratum in own.strata),
        "planted": [
            {
                "bands": outcome.bands,
                "divergence": outcome.divergence,
                "advances": shares(outcome.advances),
                "roll_backs": shares(outcome.roll_backs),
                "wrong": "advances" if outcome.bands >= 1 else "roll_backs",
                "median_nights_to_advance": outcome.nights_to_advance,
                "median_nights_to_roll_back": outcome.nights_to_roll_back,
            }
            for outcome in outcomes
        ],
    }
