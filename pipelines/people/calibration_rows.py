"""A feature's labels beside what the lake holds of it, and what comes of that as the rows of `calibration`."""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from pipelines.catalogue.tables import own_columns
from pipelines.feature import Feature
from pipelines.people.calibration import Calibration, calibrate
from pipelines.people.judged_items import judged_items
from pipelines.people.labels import Label


def calibration_of(connection: duckdb.DuckDBPyConnection, feature: Feature, labels: Sequence[Label]) -> Calibration:
    """Labels beside what the lake holds of a feature. Raises LabelError for one that could be about several items."""
    judged = judged_items(connection, feature)
    weights: dict[str, dict[str, float]] = {}
    for rubric_id, criterion, weight in connection.execute(
        "SELECT rubric_id, criterion, weight FROM rubrics"
    ).fetchall():
        weights.setdefault(rubric_id, {})[criterion] = weight
    return calibrate(judged, weights, labels)


def calibration_rows(calibration: Calibration) -> pd.DataFrame:
    """The rows of the table `calibration`, without the feature; None where there is no number."""
    rows = [
        {
            "criterion": criterion.criterion,
            "ruler_id": criterion.ruler_id,
            "item_kind": correction.item_kind,
            "method": correction.method.value,
            "items": criterion.judge.items,
            "kappa": criterion.judge.kappa,
            "kappa_low": criterion.judge.low,
            "kappa_high": criterion.judge.high,
            "people_items": criterion.people.items,
            "people_kappa": criterion.people.kappa,
            "judged": correction.judged,
            "labelled": correction.labelled,
            "raw_mean": correction.mean.raw,
            "corrected_mean": correction.mean.mean,
            "low": correction.mean.low,
            "high": correction.mean.high,
        }
        for criterion in calibration.criteria
        for correction in criterion.corrections
    ]
    return pd.DataFrame(rows, columns=own_columns("calibration")).replace({np.nan: None}).astype("object")


def unmatched_in_words(labels: Sequence[Label]) -> str:
    """What to say of the labels that are about no judged item."""
    if not labels:
        return "every label is about a judged item"
    first = labels[0]
    return (
        f"{len(labels)} labels are about no judged item and criterion, the first at {first.place}: "
        f"{first.criterion} of {first.item_id!r}"
    )
