"""sample: the logs of a day that are judged, drawn by stratum."""

from datetime import date

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.feature import Feature
from pipelines.statistics.allocation import allocate

SALT = "prod-evals 1"  # another salt draws another sample


def sample_asset(feature: Feature):
    return day_asset(
        feature,
        ["sample"],
        make_sample,
        deps=["prod_logs"],
        kinds={"duckdb", "parquet"},
        checks=[Check("floors_kept", "sample.n reaches for the floor of every stratum.")],
    )


def make_sample(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> dict[str, Shown]:
    """Draw a day's sample and write `sample` for it."""
    lake.read(connection, "prod_logs", feature=feature.name, day=day)
    strata = allocate_strata(connection, feature, day)
    design = {"feature": feature.name, "day": day, "salt": SALT, "most": max([1, *strata.stratum_sampled.tolist()])}
    design |= population(feature, day)
    rows = lake.write(connection, "sample", lake.statement("sample"), design, feature=feature.name, day=day)
    low = strata[strata.stratum_sampled < strata.stratum_size.clip(upper=feature.sample.floor)]
    return {
        "sample": Shown(
            rows,
            markdown(strata.columns, strata.itertuples(index=False)),
            {"strata": len(strata), "population": int(strata.stratum_size.sum())},
            {
                "floors_kept": (
                    low.empty,
                    f"n = {feature.sample.n} is too small for a floor of {feature.sample.floor} in "
                    f"{len(strata)} strata: {len(low)} have fewer"
                    if len(low)
                    else f"{len(strata)} strata",
                )
            },
        )
    }


def allocate_strata(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> pd.DataFrame:
    """The day's strata with stratum_size and stratum_sampled, also as the table `allocation` of the connection."""
    strata = lake.run(connection, "strata", n=feature.sample.n, **population(feature, day)).df()
    sizes = strata.stratum_size.tolist()
    strata["stratum_sampled"] = pd.Series(allocate(sizes, feature.sample.n, feature.sample.floor), dtype="int64")
    connection.register("allocation", strata)
    return strata


def population(feature: Feature, day: date) -> dict:
    """The parameters that say which logs can be sampled, and by what they are stratified."""
    cohorts = feature.stage_on(day).cohorts
    return {"stratify_by": feature.sample.stratify_by.value, "cohorts": list(cohorts) if cohorts else None}
