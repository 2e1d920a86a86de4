"""Drawing a day's sample, as large as n and the budget allow."""

from datetime import date

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.feature import Feature
from pipelines.judging.budget import Bounds, affordable
from pipelines.judging.items import read_items
from pipelines.judging.judges import judge_of
from pipelines.judging.providers import provider_of
from pipelines.judging.ruler import rubric_of
from pipelines.sampling.population import view_population
from pipelines.sampling.strata import allocate_strata

SALT = "prod-evals 1"  # another salt draws another sample


def draw_sample(
    connection: duckdb.DuckDBPyConnection, feature: Feature, day: date
) -> tuple[pd.DataFrame, float | None]:
    """Draw a day's sample from the connection's `prod_logs` as its table `drawn`, as large as n and the budget allow.

    Returns the strata, and what judging costs at most, in US dollars; None where nothing bounds it.
    """
    view_population(connection, feature, day)

    def draw(n: int) -> pd.DataFrame:
        strata = allocate_strata(connection, feature.sample, n)
        most = max([1, *strata.stratum_sampled.tolist()])
        lake.materialise(connection, "drawn", "sampling/sample", feature=feature.name, day=day, salt=SALT, most=most)
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
