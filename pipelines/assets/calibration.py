"""calibration: the judge beside people, where a feature has human labels."""

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.errors import UserError
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.people.calibration import Calibration
from pipelines.people.calibration_rows import calibration_of, calibration_rows, unmatched_in_words
from pipelines.people.labels import read_labels

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
        calibration = calibration_of(connection, feature, read_labels(feature))
        usable = not calibration.unmatched, unmatched_in_words(calibration.unmatched)
    except UserError as error:
        calibration, usable = Calibration(0, (), ()), (False, str(error))
    calibrated = calibration_rows(calibration)
    connection.register("calibrated", calibrated)
    rows = lake.write(connection, "calibration", "SELECT * FROM calibrated", feature=feature.name)
    shown = ["criterion", "item_kind", "method", "items", "kappa", "raw_mean", "corrected_mean", "low", "high"]
    table = markdown(shown, calibrated[shown].itertuples(index=False))
    numbers, checks = {"labels": calibration.labels}, {"labels_are_usable": usable}
    return {"calibration": Shown(rows, f"Scores by {judge_label(feature)}\n\n{table}", numbers, checks)}
