"""sample: the logs of a day that are judged, drawn by stratum."""

from datetime import date
from math import sqrt

import dagster as dg
import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.assets.judgments import read_items
from pipelines.feature import Allocation, Feature, Sample
from pipelines.judging.budget import Bounds, affordable
from pipelines.judging.judges import judge_of
from pipelines.judging.providers import provider_of
from pipelines.judging.ruler import rubric_of
from pipelines.ramp.record import stages_of
from pipelines.statistics.allocation import allocate, neyman_shares, power_shares
from pipelines.statistics.spread import shrunk_spread

SALT = "prod-evals 1"  # another salt draws another sample


def sample_asset(feature: Feature) -> dg.AssetsDefinition:
    return day_asset(
        feature,
        ["sample"],
        make_sample,
        deps=["prod_logs", "stage_history"],
        kinds={"duckdb", "parquet"},
        checks=[
            Check("floors_kept", "sample.n reaches for the floor of every stratum."),
            Check("budget_allows_n", "judge.budget_usd allows as many logs as sample.n asks for."),
        ],
    )


def make_sample(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> dict[str, Shown]:
    """Draw a day's sample and write `sample` for it."""
    lake.read(connection, "prod_logs", feature=feature.name, day=day)
    strata, bound = draw_sample(connection, feature, day)
    rows = lake.write(connection, "sample", "SELECT * FROM drawn", feature=feature.name, day=day)
    wanted = int(strata.stratum_wanted.sum())
    low = strata[strata.stratum_sampled < strata.stratum_size.clip(upper=feature.sample.floor)]
    return {
        "sample": Shown(
            rows,
            markdown(strata.columns, strata.itertuples(index=False)),
            {
                "strata": len(strata),
                "population": int(strata.stratum_size.sum()),
                "cost at most, in US dollars": bound,
            },
            {
                "floors_kept": (
                    low.empty,
                    f"{rows} logs are too few for a floor of {feature.sample.floor} in "
                    f"{len(strata)} strata: {len(low)} have fewer"
                    if len(low)
                    else f"{len(strata)} strata",
                ),
                "budget_allows_n": (
                    rows >= wanted,
                    f"{rows} of {wanted} logs, by a budget of {feature.judge.budget_usd:g} US dollars"
                    if rows < wanted
                    else "all that were asked for",
                ),
            },
        )
    }


def draw_sample(
    connection: duckdb.DuckDBPyConnection, feature: Feature, day: date
) -> tuple[pd.DataFrame, float | None]:
    """Draw a day's sample as the table `drawn` of the connection, as large as n and the budget allow.

    Returns the strata, and what judging costs at most, in US dollars; None where nothing bounds it.
    """

    among = population(feature, day)

    def draw(n: int) -> pd.DataFrame:
        strata = allocate_strata(connection, feature, day, n, among)
        design = {"feature": feature.name, "day": day, "salt": SALT, "most": max([1, *strata.stratum_sampled.tolist()])}
        lake.keep(connection, "drawn", "sampling/sample", **design, **among)
        return strata

    if feature.judge.budget_usd is None:
        return draw(feature.sample.n), None
    bounds: Bounds | None = None
    usd: dict[str, float] = {}

    def cost(strata: pd.DataFrame) -> float | None:
        nonlocal bounds
        items = read_items(connection, "SELECT log_id, input, output, sources FROM drawn ORDER BY log_id")
        new = {log_id: item for log_id, item in items.items() if log_id not in usd}
        if new:  # the first time all; a smaller sample is a part of a larger one, unless strata were merged
            if bounds is None:
                rubric = rubric_of(feature, judge_of(feature))
                bounds = provider_of(feature).bounds(feature, rubric, list(new.values()))
            if bounds is None:
                return None
            usd.update(bounds.of(new, feature.judge.votes))
        return sum(usd[log_id] for log_id in items)

    return affordable(feature.judge.budget_usd, feature.sample.n, draw, cost)


def allocate_strata(
    connection: duckdb.DuckDBPyConnection,
    feature: Feature,
    day: date,
    n: int | None = None,
    among: dict | None = None,
) -> pd.DataFrame:
    """The day's strata in the columns of `sample`, also as the table `allocation` of the connection. `among` is its
    `population`, where that is known.

    `n`, from 1 to `sample.n`, is how many logs can be judged, where a budget allows fewer than the feature asks for. It
    is shared out as sample.n is, so that the smaller sample is a part of the larger one, and it is never exceeded:
    `(other)` takes in what has no place. `stratum_wanted` says what sample.n would have given the same strata. Raises
    ValueError for any other n.
    """
    wanted = feature.sample.n
    n = wanted if n is None else n
    if not 1 <= n <= wanted:
        raise ValueError(f"n is {n}; it must be from 1 to sample.n, which is {wanted}")
    among = population(feature, day) if among is None else among
    strata = lake.run(connection, "sampling/strata", n=n, floor=feature.sample.floor, **among).df()
    for column, units in (("stratum_wanted", wanted), ("stratum_sampled", n)):
        strata[column] = pd.Series(shared_out(feature.sample, strata, units), dtype="int64")
    connection.register("allocation", strata)
    return strata


def shared_out(sample: Sample, strata: pd.DataFrame, n: int) -> list[int]:
    """How many of n units each stratum gets.

    Neyman's spreads are those of the feature file, although past nights have measured them. A sample that read the lake
    would be another one on a re-run, or after a backfill in another order, as it would find other nights judged; and
    rows that are judged already would leave it. Written down, they are an input as n is, changed on purpose and for all
    to see: `prod-evals check` prints what past nights had, to be written.
    """
    sizes = strata.stratum_size.tolist()
    match sample.allocation:
        case Allocation.PROPORTIONAL:
            shares = None
        case Allocation.NEYMAN:
            shares = neyman_shares(sizes, spread_of(strata, sample.spread))
        case Allocation.POWER:
            shares = power_shares(sizes)
    return allocate(sizes, n, sample.floor, shares)


def spread_of(strata: pd.DataFrame, known: dict[str, float]) -> list[float]:
    """The spread of each stratum; of one that is not known, the root mean square of those that are."""
    usual = sqrt(sum(spread**2 for spread in known.values()) / len(known))
    return [known.get(name, usual) for name in strata.stratum]


def measured_spread(connection: duckdb.DuckDBPyConnection, feature: Feature, rubric_id: str) -> dict[str, float]:
    """The spread of overall scores in each stratum, shrunk, over all nights that were judged by a rubric.

    Empty where they have shown none yet.
    """
    if not lake.days("sample", feature.name):
        return {}
    with lake.steady(feature.name):
        lake.read(connection, "sample", "judgments", "rubrics", feature=feature.name)
        lake.view(connection, "judging/item_scores")
        found = lake.run(connection, "sampling/spread", rubric_id=rubric_id).df()
    spread = shrunk_spread(found.squares.to_numpy(dtype=float), found.degrees_of_freedom.to_numpy(dtype=float))
    return {name: float(value) for name, value in zip(found.stratum, spread, strict=True) if value > 0}


def population(feature: Feature, day: date) -> dict:
    """The parameters that say which logs can be sampled, and by what they are stratified."""
    cohorts = stages_of(feature).stage_on(day).cohorts
    return {"stratify_by": [*feature.sample.stratify_by], "cohorts": list(cohorts) if cohorts else None}
