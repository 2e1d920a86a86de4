"""judge_drift: whether the judge still judges its anchors as it did when the cold eval was judged."""

from datetime import date

import dagster as dg
import duckdb
import numpy as np
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.catalogue.tables import own_columns
from pipelines.duckdb_rows import one_row
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.judging.ruler import digest
from pipelines.statistics.confidence_sequence import ALPHA
from pipelines.statistics.drift import Drift, drift_of_dates

BAND_SHARE = 0.5  # a drift that uses up half of the band is as much as a comparison can bear
COLUMNS = own_columns("judge_drift")


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
    """Read every ruler's anchors date by date, and write `judge_drift`; without anchors it has no rows.

    A date is read once, and again when its verdicts or those about the cold eval have changed. The error rate is shared
    out over the criteria of a rubric, so that a judge that has not drifted is said to have on 5 % of features, over all
    criteria and dates.
    """
    dates = _dates(connection, feature)
    sequences = [_sequence(feature, of_ruler) for _, of_ruler in dates.groupby("ruler_id")]
    frame = pd.concat([pd.DataFrame(columns=COLUMNS), *sequences]) if sequences else pd.DataFrame(columns=COLUMNS)
    connection.register("sequences", frame)
    rows = lake.write(connection, "judge_drift", "SELECT * FROM sequences", feature=feature.name)
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


def _dates(connection: duckdb.DuckDBPyConnection, feature: Feature) -> pd.DataFrame:
    """The rows of sql/judging/judge_drift.sql: what each date says of each ruler."""
    lake.read(connection, "cold_judgments", feature=feature.name)
    (cold,) = one_row(lake.run(connection, "judging/cold_verdicts"))  # every history writes their files again
    of_date: dict[date, list[str]] = {}
    for file in lake.files("anchor_judgments", feature=feature.name):
        if file.days:
            of_date.setdefault(file.days[0], []).append(file.version)
    made_of = {judged_on: digest([versions, cold]) for judged_on, versions in of_date.items()}
    lake.read(connection, "judge_drift", feature=feature.name)
    known = dict(connection.execute("SELECT DISTINCT judged_on, made_of FROM judge_drift").fetchall())
    changed = [judged_on for judged_on, made in made_of.items() if known.get(judged_on) != made]
    listed = [(judged_on, made, judged_on in set(changed)) for judged_on, made in made_of.items()]
    connection.register("listed_dates", _typed(pd.DataFrame(listed, columns=["judged_on", "made_of", "changed"])))
    lake.read(connection, "anchor_judgments", "cold_judgments", feature=feature.name, days=changed)
    lake.view(connection, "judging/anchor_pairs")
    lake.view(connection, "judging/anchor_dates")
    dates = lake.run(connection, "judging/judge_drift").df()
    return dates.assign(judged_on=pd.to_datetime(dates["judged_on"]).dt.date)


def _typed(listed: pd.DataFrame) -> pd.DataFrame:
    """Types that DuckDB reads from a frame without rows, too."""
    return listed.astype({"judged_on": "datetime64[s]", "made_of": "string", "changed": "bool"})


def _sequence(feature: Feature, dates: pd.DataFrame) -> pd.DataFrame:
    """One ruler's rows, one a date."""
    anchors, mean_first = dates["anchors"].to_numpy(dtype=np.int64), dates["mean_first"].to_numpy(dtype=float)
    difference, variance = (dates[name].to_numpy(dtype=float) for name in ("own_difference", "own_variance"))
    tolerance = BAND_SHARE * feature.bands.quality * float(mean_first @ anchors) / float(anchors.sum())
    sequence = drift_of_dates(anchors, difference, variance, tolerance, ALPHA / len(feature.judge.criteria))
    return dates.assign(
        difference=sequence.difference,
        ci_low=sequence.low,
        ci_high=sequence.high,
        tolerance=tolerance,
        status=sequence.status.astype(str),
    )
