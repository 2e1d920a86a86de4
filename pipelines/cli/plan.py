"""`prod-evals plan`: nights until a decision, for several sizes of the nightly sample, and what they cost."""

import json
import math
from collections.abc import Sequence

import click

from pipelines import lake
from pipelines.cli import terminal
from pipelines.feature import Feature, Uncertainty, find_feature
from pipelines.planning.own_scores import OwnScores, in_words
from pipelines.planning.plan import DIVERGENCES, SAMPLES, Outcome, Planned, plan
from pipelines.planning.scores_in_lake import night_cost, read_own_scores
from pipelines.sampling.allocation import share_out
from pipelines.statistics.planning import MOST_NIGHTS


def show_plan(name: str, as_json: bool) -> int:
    """Print how many nights a decision takes."""
    feature = find_feature(name)
    with lake.unchanging(feature.name), lake.connect() as connection:
        own = read_own_scores(connection, feature)
        samples = sorted({*SAMPLES, feature.sample.n})
        costs = {n: night_cost(connection, n) for n in samples}
    plans = plan(own, feature.bands.quality, {n: share_out(feature.sample, own.sizes, n) for n in samples})
    if as_json:
        click.echo(json.dumps(_plain(feature, own, plans, costs), indent=2, ensure_ascii=False))
    else:
        _show(feature, own, plans, costs)
    return 0


def _show(feature: Feature, own: OwnScores, plans: Sequence[Planned], costs: dict[int, float | None]) -> None:
    for line in in_words(feature, own):
        terminal.console.print(terminal.plain(line), soft_wrap=True)
    terminal.console.print()
    by_n = {(planned.n, planned.divergence): planned for planned in plans}
    headers = [f"{divergence:.0%} below" if divergence else "no divergence" for divergence in DIVERGENCES]
    terminal.table(
        "Nights until quality decides, should production truly be this far below the cold eval",
        ("n a night", "cost a night", *headers),
        [
            (
                f"{n:,}{' (now)' if n == feature.sample.n else ''}",
                _dollars(cost) or "nothing so far",
                *(_cell(by_n[n, divergence], cost) for divergence in DIVERGENCES),
            )
            for n, cost in costs.items()
        ],
        numeric=("n a night", "cost a night"),
    )
    for line in _undecidable(own, plans):
        terminal.console.print(terminal.plain(line), soft_wrap=True)
    stages = ", ".join(f"{stage.name} {stage.min_nights}" for stage in feature.ramp.stages[:-1])
    if stages:
        terminal.console.print(
            terminal.plain(f"Whatever quality says, each stage asks for its own nights: {stages}."), soft_wrap=True
        )


def _cell(planned: Planned, cost: float | None) -> str:
    match planned.outcome:
        case Outcome.UNDECIDABLE:
            return "undecidable"
        case Outcome.SLOW:
            return f"more than {MOST_NIGHTS}"
        case _:
            total = f", {_dollars(planned.nights * cost)}" if planned.nights and cost else ""
            return f"{planned.nights} to {planned.outcome.value.replace('_', ' ')}{total}"


def _undecidable(own: OwnScores, plans: Sequence[Planned]) -> list[str]:
    """Why no number of nights is enough, once for every assumed divergence."""
    lines = {}
    for planned in plans:
        if planned.outcome is not Outcome.UNDECIDABLE:
            continue
        at = f"{planned.divergence:.0%} below" if planned.divergence else "Without divergence"
        if math.isfinite(planned.cold_items):
            why = f"the cold eval has {len(own.cold)} items, this band needs more than {planned.cold_items:,.0f}"
        else:
            why = "it is the band's own edge"
        lines[planned.divergence] = f"{at}: undecidable: {why}."
    return list(lines.values())


def _plain(feature: Feature, own: OwnScores, plans: Sequence[Planned], costs: dict[int, float | None]) -> dict:
    return {
        "feature": feature.name,
        "band": feature.bands.quality,
        "baseline": {
            "items": len(own.cold),
            "mean": own.baseline_mean,
            "uncertainty": (Uncertainty.FIXED if own.fixed else Uncertainty.SAMPLED).value,
        },
        "spread_from": "nights" if own.nights else "cold_eval",
        "nights_seen": own.nights,
        "plans": [
            {
                "n": planned.n,
                "divergence": planned.divergence,
                "outcome": planned.outcome.value,
                "nights": planned.nights,
                "cold_items_needed": planned.cold_items if math.isfinite(planned.cold_items) else None,
                "cost_usd_a_night": cost,
                "cost_usd": planned.nights * cost if planned.nights and cost is not None else None,
            }
            for planned in plans
            for cost in [costs[planned.n]]
        ],
    }


def _dollars(value: float | None) -> str | None:
    return None if value is None else f"${value:,.2f}"
