"""anchor_judgments: a fixed set of cold items, judged afresh on every date, so that a judge that drifts is seen."""

from datetime import timedelta
from typing import Any

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Shown, cold_asset, markdown
from pipelines.feature import Feature
from pipelines.judging.anchors import choose_anchors, dates_to_judge, judge_anchors
from pipelines.judging.items import read_items
from pipelines.judging.judge import ItemKind
from pipelines.judging.judges import judge_of
from pipelines.judging.judgment_rows import LEVELS, judgment_rows, levels_by_criterion
from pipelines.judging.rubric_tables import write_rubric
from pipelines.judging.ruler import rubric_of
from pipelines.logs.cold_items import read_cold_items


def anchor_judgments_asset(feature: Feature) -> dg.AssetsDefinition:
    return cold_asset(
        feature,
        ["anchor_judgments"],
        make_anchor_judgments,
        deps=["cold_items"],
        kinds={"python", "parquet"},
        waits=True,
    )


def make_anchor_judgments(
    connection: duckdb.DuckDBPyConnection, feature: Feature, wait: timedelta = timedelta()
) -> dict[str, Shown]:
    """Judge the anchors as of today's date (UTC), and write `anchor_judgments` of it.

    Dates whose verdicts were still on their way are written again from what has come.
    """
    judge = judge_of(feature)
    rubric = rubric_of(feature, judge)
    baseline_id = read_cold_items(connection, feature)
    items = read_items(connection, "SELECT item_id, input, output, sources FROM cold_eval")
    anchors = choose_anchors(items, feature.judge.anchors)
    write_rubric(connection, feature, rubric)
    waits = dates_to_judge(connection, feature, baseline_id, rubric, wait)
    rows, numbers = 0, {"asked": 0, "pending": 0, "cost_usd": 0.0}
    for day, judged in judge_anchors(feature, anchors, rubric, judge, waits):
        connection.register("verdicts", judgment_rows(judged, ItemKind.ANCHOR, rubric, baseline_id))
        keys: dict[str, Any] = {"feature": feature.name, "judged_on": day, "rubric_id": rubric.rubric_id}
        query = "SELECT *, CAST($day AS DATE) AS day FROM verdicts"
        rows += lake.write(connection, "anchor_judgments", query, {"day": day}, **keys)
        numbers = {name: number + getattr(judged, name) for name, number in numbers.items()}
    table = f"Scores by {judge.model}\n\n{markdown(LEVELS, levels_by_criterion(judged))}"
    return {"anchor_judgments": Shown(rows, table, numbers)}
