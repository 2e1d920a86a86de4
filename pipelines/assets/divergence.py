"""divergence: production against the cold eval, night by night and pooled over the epoch, for every slice and criterion."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd

from pipelines import clock, lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.assets.cells import OVERALL, WHOLE, Cell, EpochKey, Night, cells_of, one_night
from pipelines.feature import Feature, Uncertainty
from pipelines.judging.judges import judge_label
from pipelines.judging.ruler import digest
from pipelines.statistics.alarm import alarm
from pipelines.statistics.benjamini_hochberg import benjamini_hochberg
from pipelines.statistics.between_nights import MOST_NIGHTS, between_nights_so_far
from pipelines.statistics.confidence_sequence import ALPHA, PLANNED_NIGHTS, fixed_time, mixture_parameter, sequence
from pipelines.statistics.epochs import epoch_starts, prevailing
from pipelines.statistics.holm import holm
from pipelines.statistics.missing_bounds import View, within_bounds
from pipelines.statistics.planning import nights_to_tell
from pipelines.statistics.pooled_nights import pooled_nights
from pipelines.statistics.standardised import standardised
from pipelines.statistics.variance_floor import variance_floor
from pipelines.statistics.verdict import Comparison, Estimate, Verdict, compare
from pipelines.statistics.wilson import wilson

HOLDS_THE_RAMP = ("category", "cohort")  # on the overall criterion: Holm; everything else informs: Benjamini-Hochberg


def divergence_asset(feature: Feature):
    return history_asset(
        feature,
        ["divergence"],
        make_divergence,
        deps=["judgments", "funnel", "stage_history", *(["baseline"] if feature.baseline else [])],
        kinds={"python", "parquet"},
        checks=[Check("not_below_the_band", "No verdict of the newest epoch, overall or by slice, is below the band.")],
    )


def make_divergence(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Compare every day up to the last that a decision is due for, and write `divergence`."""
    through = last_day(feature)
    lake.read(connection, "sample", "judgments", "funnel", "log_files", "rubrics", "baseline", feature=feature.name)
    lake.view(connection, "day_states")
    lake.view(connection, "item_scores")
    items = lake.run(connection, "divergence_items").df()
    items["day"] = pd.to_datetime(items["day"]).dt.date
    values = _epoch_values(connection, feature)
    cold = _cold(connection, feature)
    cells = cells_of(items, {cell for _, _, cell in cold})
    due = items[(items.day >= feature.start) & (items.day <= through)]
    nights = [
        one_night(day, _key(feature, day, frame, values[day]), frame, cells) for day, frame in due.groupby("day")
    ]
    frame = _without_scores(feature, nights, through)
    if nights:
        frame = pd.concat([_compared(feature, nights, cells, cold), frame], ignore_index=True)
    frame["adjusted_p"] = _adjusted(frame)
    numbers = frame.select_dtypes("float").columns
    connection.register("compared", frame.astype(dict.fromkeys(numbers, "Float64")))
    rows = lake.write(connection, "divergence", "SELECT * FROM compared", feature=feature.name)
    return {"divergence": _shown(feature, frame, rows)}


def last_day(feature: Feature) -> date:
    """The last day that a decision is due for: the last complete one once its night is done or its hour has come.

    Before that, yesterday's night is still expected, and the day before it stands.
    """
    day = feature.latest_complete_day()
    due = clock.now() >= feature.decide_at(day) or lake.exists("funnel", feature=feature.name, day=day)
    return day if due else day - timedelta(days=1)


def _epoch_values(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[date, str | None]:
    """The value of `epoch_on` that prevails on each day that has a sample."""
    found = dict(lake.run(connection, "epoch_values", epoch_on=feature.epoch_on.value).fetchall())
    return dict(zip(found, prevailing(list(found.values())), strict=True))


@@BODY@@

def _shown(feature: Feature, frame: pd.DataFrame, rows: int) -> Shown:
    """The newest day's epoch: a table of its slices, and the overall comparison as numbers."""
    newest = frame[(frame.day == frame.day.max()) & (frame.window == "epoch") & (frame.criterion == OVERALL)]
    below = newest[newest.verdict == Verdict.BELOW.value]
    shown = ["slice_kind", "slice", "prod_mean", "baseline_mean", "relative_difference", "verdict", "nights", "items"]
    overall = newest[newest.slice_kind == OVERALL].iloc[0] if len(newest) else None
    numbers = {
        name: None if overall is None or pd.isna(overall[name]) else float(overall[name])
        for name in ("prod_mean", "baseline_mean", "relative_difference", "items")
    }
    table = markdown(shown, newest[shown].astype("object").where(newest[shown].notna(), None).itertuples(index=False))
    return Shown(
        rows,
        f"Scores by {judge_label(feature)}\n\n{table}",
        numbers,
        {
            "not_below_the_band": (
                below.empty,
                ", ".join(f"{row.slice_kind} {row.slice}" for row in below.itertuples()) or "nothing is below",
            )
        },
    )
