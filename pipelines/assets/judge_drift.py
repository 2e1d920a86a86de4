"""judge_drift: whether the judge still judges its anchors as it did when the cold eval was judged."""

import duckdb
import numpy as np
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.statistics.confidence_sequence import ALPHA
from pipelines.statistics.drift import Drift, drift

BAND_SHARE = 0.5  # a drift that uses up half of the band is as much as a comparison can bear
COLUMNS = [name for name in lake.columns("judge_drift") if name != "feature"]


def judge_drift_asset(feature: Feature):
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
    """Read every ruler's anchors date by date, and write `judge_drift`; without anchors it has no rows.

    The error rate is shared out over the criteria of a rubric, so that a judge that has not drifted is said to have on
    5 % of features, over all criteria and dates.
    """
    lake.read(connection, "anchor_judgments", "cold_judgments", feature=feature.name)
    pairs = lake.run(connection, "anchor_pairs").df()
    read = [
        _read(feature, criterion, ruler_id, of_ruler)
        for (criterion, ruler_id), of_ruler in pairs.groupby(["criterion", "ruler_id"])
    ]
    frame = pd.concat([pd.DataFrame(columns=COLUMNS), *read]) if read else pd.DataFrame(columns=COLUMNS)
    connection.register("read", frame)
    rows = lake.write(connection, "judge_drift", "SELECT * FROM read", feature=feature.name)
    newest = frame.drop_duplicates("ruler_id", keep="last")
    drifted = newest[newest.status == Drift.DRIFTED.value]
    shown = ["judged_on", "criterion", "anchors", "mean_first", "mean_now", "difference", "ci_low", "ci_high", "status"]
    return {
        "judge_drift": Shown(
            rows,
            f"Scores by {judge_label(feature)}\n\n" + markdown(shown, newest[shown].itertuples(index=False)),
            {f"drift of {row.criterion}": float(row.difference) for row in newest.itertuples()},
            {"judge_is_steady": (drifted.empty, ", ".join(drifted.criterion) or "no ruler has drifted")},
        )
    }


def _read(feature: Feature, criterion: str, ruler_id: str, pairs: pd.DataFrame) -> pd.DataFrame:
    """One ruler's rows, one a date."""
    first = pairs.pivot(index="judged_on", columns="item_id", values="first_score").to_numpy(dtype=float)
    wide = pairs.pivot(index="judged_on", columns="item_id", values="score_now")
    now = wide.to_numpy(dtype=float)
    tolerance = BAND_SHARE * feature.bands.quality * np.nanmean(first)
    found = drift(now - first, tolerance, ALPHA / len(feature.judge.criteria))
    return pd.DataFrame(
        {
            "judged_on": wide.index,
            "criterion": criterion,
            "ruler_id": ruler_id,
            "anchors": (~np.isnan(now)).sum(axis=1),
            "mean_first": np.nanmean(first, axis=1),
            "mean_now": np.nanmean(now, axis=1),
            "difference": found.difference,
            "ci_low": found.low,
            "ci_high": found.high,
            "tolerance": tolerance,
            "status": found.status.astype(str),
        }
    )
