"""baseline: what the cold eval scores, the reference of every comparison."""

from typing import Any

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.duckdb_rows import one_row
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label, judge_of
from pipelines.judging.ruler import rubric_of
from pipelines.logs.cold_items import baseline_id_of


def baseline_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(
        feature, ["baseline"], make_baseline, deps=["cold_items", "cold_judgments"], kinds={"duckdb", "parquet"}
    )


def make_baseline(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Average the cold judgments under the feature's rubric, and write `baseline` under both their ids.

    While a verdict is pending there is no baseline: the mean of those that came first would be another one's.
    """
    rubric_id = rubric_of(feature, judge_of(feature)).rubric_id
    baseline_id = baseline_id_of(connection, feature)
    keys: dict[str, Any] = {"feature": feature.name, "baseline_id": baseline_id, "rubric_id": rubric_id}
    lake.read(connection, "cold_judgments", "cold_items", "rubrics", **keys)
    (pending,) = one_row(connection.execute("SELECT count(*) FROM cold_judgments WHERE status = 'pending'"))
    if pending:
        return {"baseline": Shown(0, f"No baseline yet: {pending:,} verdicts about the cold eval are pending.")}
    connection.execute("CREATE OR REPLACE TEMP VIEW judgments AS FROM cold_judgments")
    lake.view(connection, "judging/item_scores")
    rows = lake.write(connection, "baseline", lake.statement("comparison/baseline"), **keys)
    lake.read(connection, "baseline", **keys)
    means = connection.execute(
        "SELECT criterion, mean, standard_error, items FROM baseline WHERE slice_kind = 'overall' ORDER BY criterion"
    ).fetchall()
    numbers = {f"mean {criterion}": mean for criterion, mean, *_ in means}
    table = markdown(("criterion", "mean", "standard error", "items"), means)
    return {"baseline": Shown(rows, f"Scores by {judge_label(feature)}\n\n{table}", numbers)}
