"""The judge's anchors, date by date, each ruler's as one sequence: the rows of judge_drift."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd

from pipelines import lake
from pipelines.catalogue.tables import own_columns
from pipelines.comparison.changed_days import changed_days, list_days
from pipelines.duckdb_rows import one_row
from pipelines.feature import Feature
from pipelines.judging.ruler import digest
from pipelines.statistics.confidence_sequence import ALPHA
from pipelines.statistics.drift import drift_of_dates

BAND_SHARE = 0.5  # a drift that uses up half of the band is as much as a comparison can bear


def drift_rows(connection: duckdb.DuckDBPyConnection, feature: Feature) -> pd.DataFrame:
    """The rows of judge_drift, every ruler's in the order of dates; without anchors it has none.

    A date is read once, and again when its verdicts or those about the cold eval have changed. The error rate is shared
    out over the criteria of a rubric, so that a judge that has not drifted is said to have on 5 % of features, over all
    criteria and dates.
    """
    sequences = [_sequence(feature, dates) for _, dates in _dates(connection, feature).groupby("ruler_id")]
    no_rows = pd.DataFrame(columns=own_columns("judge_drift"))
    return pd.concat([no_rows, *sequences]) if sequences else no_rows


def _dates(connection: duckdb.DuckDBPyConnection, feature: Feature) -> pd.DataFrame:
    """The rows of sql/comparison/judge_drift.sql: what each date says of each ruler."""
    lake.read(connection, "cold_judgments", feature=feature.name)
    (cold,) = one_row(lake.run(connection, "comparison/cold_verdicts"))  # every history writes their files again
    versions_by_date: dict[date, list[str]] = {}
    for file in lake.files("anchor_judgments", feature=feature.name):
        if file.days:
            versions_by_date.setdefault(file.days[0], []).append(file.version)
    made_of = {judged_on: digest([versions, cold]) for judged_on, versions in versions_by_date.items()}
    lake.read(connection, "judge_drift", feature=feature.name)
    changed = changed_days(connection, "judge_drift", "judged_on", made_of)
    list_days(connection, "listed_dates", "judged_on", made_of, changed)
    lake.read(connection, "anchor_judgments", "cold_judgments", feature=feature.name, days=changed)
    lake.view(connection, "comparison/anchor_pairs")
    lake.view(connection, "comparison/anchor_dates")
    dates = lake.run(connection, "comparison/judge_drift").df()
    return dates.assign(judged_on=pd.to_datetime(dates["judged_on"]).dt.date)


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
