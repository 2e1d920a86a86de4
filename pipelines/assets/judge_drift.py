"""judge_drift: whether the judge still judges its anchors as it did when the cold eval was judged."""

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.comparison.judge_drift import drift_rows
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.statistics.drift import Drift

SHOWN = ["judged_on", "criterion", "anchors", "mean_first", "mean_now", "difference", "ci_low", "ci_high", "status"]


def judge_drift_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(
        feature,
        ["judge_drift"],
        make_judge_drift,
        deps=[
            *(["cold_judgments"] if feature.baseline else []),
            *(["anchor_judgments"] if feature.has_anchors else []),
        ],
        kinds={"python", "parquet"},
        checks=[Check("judge_is_steady", "No ruler has drifted on the newest date of its anchors.")],
    )


def make_judge_drift(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Read every ruler's anchors date by date, and write `judge_drift`."""
    sequences = drift_rows(connection, feature)
    connection.register("sequences", sequences)
    rows = lake.write(connection, "judge_drift", "SELECT * FROM sequences", feature=feature.name)
    newest = sequences.drop_duplicates("ruler_id", keep="last")
    drifted = newest[newest.status == Drift.DRIFTED.value]
    table = markdown(SHOWN, newest[SHOWN].itertuples(index=False))
    numbers = {f"drift of {row.criterion}": float(row.difference) for row in newest.itertuples()}
    checks = {
        "judge_is_steady": (
            drifted.empty,
            ", ".join(drifted.criterion) or "no ruler has drifted",
            {"drifted": len(drifted)},
        )
    }
    return {"judge_drift": Shown(rows, f"Scores by {judge_label(feature)}\n\n{table}", numbers, checks)}
