"""divergence: production against the cold eval, night by night and pooled over the epoch, for every slice and criterion."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from pipelines import clock, lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.catalogue.tables import own_columns
from pipelines.comparison.cells import OVERALL, WHOLE, Cell
from pipelines.comparison.divergence import (
    SLICED_WHERE_THEY_VARY,
    EpochKey,
    ScoredNight,
    cells_compared,
    cold_cells,
    compared,
    comparing,
)
from pipelines.comparison.resuming import chained, first_change, write_since
from pipelines.feature import Feature, Uncertainty
from pipelines.judging.judges import judge_label
from pipelines.judging.ruler import digest
from pipelines.ramp.record import stages_of
from pipelines.statistics.verdict import Verdict

SHOWN = ("slice_kind", "slice", "prod_mean", "baseline_mean", "relative_difference", "verdict", "nights", "items")
RULES = 1  # raised when the comparison itself changes, so that all of it is made again


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
    through = last_day(feature)
    lake.read(connection, "nights", "baseline", feature=feature.name)
    nights = lake.run(connection, "comparison/nights_due", start=feature.start, through=through).df()
    nights["day"] = pd.to_datetime(nights["day"]).dt.date
    baseline = connection.execute("FROM baseline ORDER BY ALL").df()
    varying = [kind for kind, values in SLICED_WHERE_THEY_VARY.items() if nights[values].explode().nunique() > 1]
    inputs = _inputs(feature, nights, baseline, varying, through)
    since = first_change(connection, "divergence", feature.name, inputs)
    if since is not None:
        rows = [
            *_compared_since(connection, feature, nights, baseline, varying, since),
            _without_scores(feature, nights, since, through),
        ]
        frame = pd.concat(rows).sort_values(["day", "window", *Cell._fields], ignore_index=True)
        frame = frame.assign(band=feature.bands.quality, baseline_uncertainty=_uncertainty(feature))
        numbers = dict.fromkeys(frame.select_dtypes("float").columns, "Float64")
        write_since(connection, "divergence", feature.name, frame.astype(numbers), inputs, since)
    return {"divergence": _shown(connection, feature, through)}


def last_day(feature: Feature) -> date:
    """The last day that a decision is due for: the last complete one once its night is done or its hour has come.

    Before that, yesterday's night is still expected, and the day before it stands.
    """
    day = feature.latest_complete_day()
    due = clock.now() >= feature.decide_at(day) or lake.exists("funnel", feature=feature.name, day=day)
    return day if due else day - timedelta(days=1)


def days_due(feature: Feature, through: date) -> list[date]:
    """Every day from the feature's start to one."""
    return [feature.start + timedelta(days=number) for number in range((through - feature.start).days + 1)]


def _inputs(
    feature: Feature, nights: pd.DataFrame, baseline: pd.DataFrame, varying: list[str], through: date
) -> dict[date, str]:
    """What each day's rows are made of, `chained`."""
    settings = [RULES, feature.bands.quality, _uncertainty(feature), varying]
    yardsticks = {
        key: digest(rows.astype("object").where(rows.notna(), None).to_numpy().tolist())
        for key, rows in baseline.groupby(["baseline_id", "rubric_id"])
    }
    known = {
        night.day: [
            *_epoch_key(night),
            night.state,
            night.made_of,
            yardsticks.get((night.baseline_id, night.rubric_id)),
        ]
        for night in nights.itertuples()
    }
    stages = stages_of(feature)
    return chained({day: [settings, stages.stage_on(day).name, known.get(day)] for day in days_due(feature, through)})


def _compared_since(
    connection: duckdb.DuckDBPyConnection,
    feature: Feature,
    nights: pd.DataFrame,
    baseline: pd.DataFrame,
    varying: list[str],
    since: date,
) -> Iterator[pd.DataFrame]:
    """The rows of the nights with scores from a day on."""
    scored = [ScoredNight(night.day, _epoch_key(night)) for night in nights.itertuples() if _has_scores(night)]
    plan = comparing(scored, since)
    if plan is None:
        return
    lake.read(connection, "night_summary", feature=feature.name, days=plan.days)
    summaries = connection.execute("FROM night_summary").df()
    summaries["day"] = pd.to_datetime(summaries["day"]).dt.date
    cold = cold_cells(baseline, fixed=_uncertainty(feature) == Uncertainty.FIXED)
    yield compared(plan, summaries, cells_compared(summaries, cold, varying), cold, feature.bands.quality)


def _epoch_key(night: Any) -> EpochKey:
    return EpochKey._make(None if pd.isna(value := getattr(night, name)) else value for name in EpochKey._fields)


def _has_scores(night: Any) -> bool:
    """Whether a row of nights is of a complete night on which something was judged."""
    return night.state == "complete" and not pd.isna(night.rubric_id)


def _without_scores(feature: Feature, nights: pd.DataFrame, since: date, through: date) -> pd.DataFrame:
    """The rows of the days from one on that have no scores: they say no_data."""
    scored = {night.day for night in nights.itertuples() if _has_scores(night)}
    stages = stages_of(feature)
    rows = [
        {"day": day, "window": window, **WHOLE._asdict(), "stage": stages.stage_on(day).name}
        for day in days_due(feature, through)
        if day >= since and day not in scored
        for window in ("night", "epoch")
    ]
    return pd.DataFrame(rows, columns=own_columns("divergence")).assign(
        verdict=Verdict.NO_DATA.value, nights=0, items=0
    )


def _uncertainty(feature: Feature) -> str | None:
    return feature.baseline.uncertainty.value if feature.baseline else None


def _shown(connection: duckdb.DuckDBPyConnection, feature: Feature, through: date) -> Shown:
    """The newest day's epoch: a table of its slices, and the overall comparison as numbers."""
    lake.read(connection, "divergence", feature=feature.name, days=[through])
    result = connection.execute(
        f"SELECT {', '.join(SHOWN)} FROM divergence WHERE day = $day AND \"window\" = 'epoch' AND criterion = 'overall' "
        "ORDER BY slice_kind, slice",
        {"day": through},
    )
    newest = [dict(zip(SHOWN, row, strict=True)) for row in result.fetchall()]
    below = [row for row in newest if row["verdict"] == Verdict.BELOW]
    overall = next((row for row in newest if row["slice_kind"] == OVERALL), {})
    return Shown(
        lake.count(connection, "divergence", feature=feature.name),
        f"Scores by {judge_label(feature)}\n\n{markdown(SHOWN, (row.values() for row in newest))}",
        {name: overall.get(name) for name in ("prod_mean", "baseline_mean", "relative_difference", "items")},
        {
            "not_below_the_band": (
                not below,
                ", ".join(f"{row['slice_kind']} {row['slice']}" for row in below) or "nothing is below",
            )
        },
    )
