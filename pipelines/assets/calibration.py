"""calibration: the judge beside people, where a feature has human labels."""

from collections.abc import Sequence

import dagster as dg
import duckdb
import numpy as np
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.errors import UserError
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.people.calibration import Calibration, calibrate
from pipelines.people.labels import Label, read_labels

READS = ("sample", "judgments", "funnel", "log_files")  # of days


def calibration_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(
        feature,
        ["calibration"],
        make_calibration,
        deps=[*READS, *(["cold_items", "cold_judgments"] if feature.baseline else [])],
        kinds={"python", "parquet"},
        checks=[Check("labels_are_usable", "Every line of the label files can be read, and is about one judged item.")],
    )


def make_calibration(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Set the labels there are beside the judge, and write `calibration`.

    Labels that cannot be used are a check that fails and leave the table empty: a person's slip must not keep the night
    from being published.
    """
    try:
        found = calibration_of(connection, feature, read_labels(feature))
        check = not found.unmatched, _unmatched(found.unmatched)
    except UserError as error:
        found, check = Calibration(0, (), ()), (False, str(error))
    rows = calibration_rows(found)
    frame = pd.DataFrame(rows, columns=_COLUMNS).replace({np.nan: None})
    connection.register("calibrated", frame.astype("object"))
    written = lake.write(connection, "calibration", "SELECT * FROM calibrated", feature=feature.name)
    shown = ["criterion", "item_kind", "method", "items", "kappa", "raw_mean", "corrected_mean", "low", "high"]
    table = markdown(shown, frame[shown].itertuples(index=False))
    return {
        "calibration": Shown(
            written,
            f"Scores by {judge_label(feature)}\n\n{table}",
            {"labels": found.labels},
            {"labels_are_usable": check},
        )
    }


def judged_items(connection: duckdb.DuckDBPyConnection, feature: Feature) -> pd.DataFrame:
    """The rows of sql/people/judged_items.sql: every score that a label can be set beside."""
    lake.read(connection, "sample", "cold_items", "funnel", "log_files", "rubrics", feature=feature.name)
    both = (lake.scan(table, lake.files(table, feature=feature.name)) for table in ("judgments", "cold_judgments"))
    connection.execute(f"CREATE OR REPLACE TEMP VIEW judgments AS {' UNION ALL '.join(both)}")
    lake.view(connection, "night/day_states")
    lake.view(connection, "judging/item_scores")
    return lake.run(connection, "people/judged_items").df()


def calibration_of(connection: duckdb.DuckDBPyConnection, feature: Feature, labels: Sequence[Label]) -> Calibration:
    """Labels beside what the lake holds of a feature. Raises LabelError for one that could be about several items."""
    judged = judged_items(connection, feature)
    weights: dict[str, dict[str, float]] = {}
    for rubric_id, criterion, weight in connection.execute(
        "SELECT rubric_id, criterion, weight FROM rubrics"
    ).fetchall():
        weights.setdefault(rubric_id, {})[criterion] = weight
    return calibrate(judged, weights, labels)


_COLUMNS = [name for name in lake.columns("calibration") if name != "feature"]


def calibration_rows(found: Calibration) -> list[dict]:
    """The rows of `calibration`, without the feature."""
    return [
        {
            "criterion": each.criterion,
            "ruler_id": each.ruler_id,
            "item_kind": correction.item_kind,
            "method": correction.method.value,
            "items": each.judge.items,
            "kappa": each.judge.kappa,
            "kappa_low": each.judge.low,
            "kappa_high": each.judge.high,
            "people_items": each.people.items,
            "people_kappa": each.people.kappa,
            "judged": correction.judged,
            "labelled": correction.labelled,
            "raw_mean": correction.mean.raw,
            "corrected_mean": correction.mean.mean,
            "low": correction.mean.low,
            "high": correction.mean.high,
        }
        for each in found.criteria
        for correction in each.corrections
    ]


def _unmatched(labels: Sequence[Label]) -> str:
    if not labels:
        return "every label is about a judged item"
    first = labels[0]
    return (
        f"{len(labels)} labels are about no judged item and criterion, the first at {first.place}: "
        f"{first.criterion} of {first.item_id!r}"
    )
