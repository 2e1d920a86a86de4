"""cold_judgments: the cold eval's items, judged by the same rulers as production."""

import duckdb

from pipelines import lake
from pipelines.assets.building import Shown, cold_asset
from pipelines.assets.judgments import judge_under, judgment_rows, read_items, summary
from pipelines.feature import Feature
from pipelines.judging.judges import judge_of
from pipelines.judging.ruler import rubric_of
from pipelines.sources.cold_items import read_cold_items


def cold_judgments_asset(feature: Feature):
    return cold_asset(feature, ["cold_judgments"], make_cold_judgments, deps=["cold_items"], kinds={"python", "parquet"})


def make_cold_judgments(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Judge the cold eval under the feature's rubric, and write the judgments under both their ids."""
    judge = judge_of(feature)
    rubric = rubric_of(feature, judge)
    baseline_id = read_cold_items(connection, feature)
    items = read_items(connection, "SELECT item_id, input, output, sources FROM cold_eval")
    judged = judge_under(connection, feature, rubric, judge, items)
    connection.register("verdicts", judgment_rows(judged, "cold", rubric, baseline_id))
    rows = lake.write(
        connection,
        "cold_judgments",
        "SELECT *, CAST(NULL AS DATE) AS day FROM verdicts",
        feature=feature.name,
        baseline_id=baseline_id,
        rubric_id=rubric.rubric_id,
    )
    numbers = {"asked": judged.asked, "known to the ledger": judged.known}
    return {"cold_judgments": Shown(rows, summary(judged, judge), numbers)}
