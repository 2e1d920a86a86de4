"""trends: whether the cold eval rises from version to version while production falls, and whether their gap widens."""

import dagster as dg
import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.comparison.trends import trend_rows
from pipelines.duckdb_rows import null_for_nan
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label


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
    trends = trend_rows(nights)
    connection.register("trend_rows", null_for_nan(trends))
    rows = lake.write(connection, "trends", "SELECT * FROM trend_rows", feature=feature.name)
    overfitting = trends[trends.status == "overfitting"]
    shown = trends.astype("object").where(trends.notna(), None)
    table = markdown(list(trends.columns), shown.itertuples(index=False))
    checks = {
        "not_overfitted": (
            overfitting.empty,
            ", ".join(overfitting.criterion) or "no criterion",
            {"criteria": len(overfitting)},
        )
    }
    return {"trends": Shown(rows, f"Scores by {judge_label(feature)}\n\n{table}", checks=checks)}
