"""sample: the logs of a day that are judged, drawn by stratum."""

from datetime import date

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.feature import Feature
from pipelines.sampling.drawing import draw_sample


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
    numbers = {
        "strata": len(strata),
        "population": int(strata.stratum_size.sum()),
        "cost at most, in US dollars": bound,
    }
    low = strata[strata.stratum_sampled < strata.stratum_size.clip(upper=feature.sample.floor)]
    too_few = (
        f"{rows} logs are too few for a floor of {feature.sample.floor} in {len(strata)} strata: {len(low)} have fewer"
    )
    wanted = int(strata.stratum_wanted.sum())
    shrunk = f"{rows} of {wanted} logs, by a budget of {feature.judge.budget_usd or 0:g} US dollars"
    checks = {
        "floors_kept": (low.empty, f"{len(strata)} strata" if low.empty else too_few, {"below the floor": len(low)}),
        "budget_allows_n": (
            rows >= wanted,
            shrunk if rows < wanted else "all that were asked for",
            {"judged": rows, "wanted": wanted},
        ),
    }
    return {"sample": Shown(rows, markdown(strata.columns, strata.itertuples(index=False)), numbers, checks)}
