"""cold_judgments: the cold eval's items, judged by the same rulers as production."""

from datetime import timedelta
from typing import Any

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, cold_asset, markdown
from pipelines.feature import Feature
from pipelines.judging.cold_judging import judge_cold_items
from pipelines.judging.items import read_items
from pipelines.judging.judge import ItemKind
from pipelines.judging.judges import judge_of
from pipelines.judging.judgment_rows import LEVELS, judgment_rows, levels_by_criterion, tally
from pipelines.judging.rubric_tables import write_rubric
from pipelines.judging.ruler import rubric_of
from pipelines.logs.cold_items import read_cold_items


def cold_judgments_asset(feature: Feature) -> dg.AssetsDefinition:
    return cold_asset(
        feature,
        ["cold_judgments"],
        make_cold_judgments,
        deps=["cold_items"],
        kinds={"python", "parquet"},
        checks=[Check("none_pending", "No verdict is still on its way: until then the cold eval is no baseline.")],
        waits=True,
    )


def make_cold_judgments(
    connection: duckdb.DuckDBPyConnection, feature: Feature, wait: timedelta = timedelta()
) -> dict[str, Shown]:
    """Judge the cold eval under the feature's rubric, and write the judgments under both their ids."""
    judge = judge_of(feature)
    rubric = rubric_of(feature, judge)
    baseline_id = read_cold_items(connection, feature)
    items = read_items(connection, "SELECT item_id, input, output, sources FROM cold_eval")
    write_rubric(connection, feature, rubric)
    judged = judge_cold_items(feature, items, rubric, judge, wait)
    connection.register("verdicts", judgment_rows(judged, ItemKind.COLD, rubric, baseline_id))
    query = "SELECT *, CAST(NULL AS DATE) AS day FROM verdicts"
    keys: dict[str, Any] = {"feature": feature.name, "baseline_id": baseline_id, "rubric_id": rubric.rubric_id}
    rows = lake.write(connection, "cold_judgments", query, **keys)
    checks = {
        "none_pending": (judged.pending == 0, f"{judged.pending} of {rows} are pending", {"pending": judged.pending})
    }
    table = f"Scores by {judge.model}\n\n{markdown(LEVELS, levels_by_criterion(judged))}"
    return {"cold_judgments": Shown(rows, table, tally(judged), checks)}
