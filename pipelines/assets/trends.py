"""trends: whether the cold eval rises from version to version while production falls, and whether their gap widens."""

from collections.abc import Iterator

import dagster as dg
import duckdb
import numpy as np
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.statistics.trends import gap_slope, overfitted, weighted_slope

ALPHA = 0.05
CONFIDENCE = 0.95
DAYS_A_WEEK = 7


def trends_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(
        feature,
        ["trends"],
        make_trends,
        deps=["divergence", *(["baseline"] if feature.baseline else [])],
        kinds={"python", "parquet"},
        checks=[Check("not_overfitted", "On no criterion does the cold eval rise while production falls.")],
    )


def make_trends(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Lay lines through the versions of the cold eval and through the nights, on each criterion, and write `trends`."""
    lake.read(connection, "divergence", "baseline", feature=feature.name)
    nights = lake.run(connection, "comparison/compared_nights").df()
    nights["day"] = pd.to_datetime(nights["day"]).dt.date
    frame = pd.DataFrame(_rows(nights), columns=_COLUMNS)
    numbers = frame.select_dtypes("float").columns
    connection.register("found", frame.astype(dict.fromkeys(numbers, "Float64")))
    rows = lake.write(connection, "trends", "SELECT * FROM found", feature=feature.name)
    wrong = frame[frame.status == "overfitting"]
    shown = frame.astype("object").where(frame.notna(), None)
    return {
        "trends": Shown(
            rows,
            f"Scores by {judge_label(feature)}\n\n" + markdown(list(frame.columns), shown.itertuples(index=False)),
            checks={"not_overfitted": (wrong.empty, ", ".join(wrong.criterion) or "no criterion")},
        )
    }


_COLUMNS = [name for name in lake.columns("trends") if name != "feature"]


def _rows(nights: pd.DataFrame) -> Iterator[tuple]:
    """One row per rubric and criterion, in _COLUMNS' order."""
    for (rubric_id, criterion), group in nights.groupby(["rubric_id", "criterion"]):
        versions = _versions(group)
        place = np.arange(len(versions), dtype=float)
        cold = weighted_slope(place, versions.cold.to_numpy(), versions.cold_variance.to_numpy())
        production = weighted_slope(place, versions.production.to_numpy(), versions.production_variance.to_numpy())
        weeks = np.array([day.toordinal() / DAYS_A_WEEK for day in group.day])
        gap = gap_slope(weeks, (group.baseline_mean - group.prod_mean).to_numpy(), CONFIDENCE)
        if np.isnan(gap.slope):
            status = "too_little"
        elif overfitted(cold, production, ALPHA):
            status = "overfitting"
        else:
            status = "gap_widens" if gap.low > 0 else "steady"
        lines = (cold.slope, cold.p_up, production.slope, production.p_down, *gap)
        yield (rubric_id, criterion, len(versions), len(group), group.day.min(), group.day.max(), *lines, status)


def _versions(group: pd.DataFrame) -> pd.DataFrame:
    """A row per version of the cold eval, in the order in which nights were first compared with it.

    Production's point is the mean of the nights compared with that version, its variance sum of variances / k^2.
    """
    points = []
    for _, nights in group.groupby("baseline_id", sort=False):
        first = nights.iloc[0]
        variance = (nights.prod_standard_error**2).sum() / len(nights) ** 2
        points.append((first.baseline_mean, first.baseline_standard_error**2, nights.prod_mean.mean(), variance))
    return pd.DataFrame(points, columns=["cold", "cold_variance", "production", "production_variance"])
