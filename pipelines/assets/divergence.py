"""divergence: production against the cold eval, night by night and pooled over the epoch, for every slice and criterion."""

from datetime import date

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.comparison.cells import OVERALL
from pipelines.comparison.days_due import last_day_due
from pipelines.comparison.divergence_history import read_divergence_history
from pipelines.comparison.resuming import bring_up_to_date
from pipelines.duckdb_rows import dict_rows
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.statistics.verdict import Verdict

SHOWN = ("slice_kind", "slice", "prod_mean", "baseline_mean", "relative_difference", "verdict", "nights", "items")


def divergence_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(
        feature,
        ["divergence"],
        make_divergence,
        deps=["nights", "night_summary", "stage_history", *(["baseline"] if feature.baseline else [])],
        kinds={"python", "parquet"},
        checks=[Check("not_below_the_band", "No verdict of the newest epoch, overall or by slice, is below the band.")],
    )


def make_divergence(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Compare the days from the first that has changed up to the last that a decision is due for."""
    history = read_divergence_history(connection, feature, last_day_due(feature))
    bring_up_to_date(
        connection, "divergence", feature.name, history.inputs(), lambda since: history.rows_since(connection, since)
    )
    return {"divergence": _shown(connection, feature, history.through)}


def _shown(connection: duckdb.DuckDBPyConnection, feature: Feature, through: date) -> Shown:
    """The newest day's epoch: a table of its slices, and the overall comparison as numbers."""
    lake.read(connection, "divergence", feature=feature.name, days=[through])
    of_epoch = connection.execute(
        f"SELECT {', '.join(SHOWN)} FROM divergence WHERE day = $day AND \"window\" = 'epoch' AND criterion = 'overall' "
        "ORDER BY slice_kind, slice",
        {"day": through},
    )
    newest = dict_rows(of_epoch)
    below = [f"{row['slice_kind']} {row['slice']}" for row in newest if row["verdict"] == Verdict.BELOW]
    overall = next((row for row in newest if row["slice_kind"] == OVERALL), {})
    return Shown(
        lake.count(connection, "divergence", feature=feature.name),
        f"Scores by {judge_label(feature)}\n\n{markdown(SHOWN, (row.values() for row in newest))}",
        {name: overall.get(name) for name in ("prod_mean", "baseline_mean", "relative_difference", "items")},
        {"not_below_the_band": (not below, ", ".join(below) or "nothing is below", {"below": len(below)})},
    )
