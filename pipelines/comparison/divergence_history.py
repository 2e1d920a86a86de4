"""Divergence over all days of a feature: what each day's rows are made of, and the rows from a day on."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.catalogue.tables import own_columns
from pipelines.comparison.cells import WHOLE, Cell
from pipelines.comparison.days_due import days_due
from pipelines.comparison.divergence import (
    SLICED_WHERE_THEY_VARY,
    EpochKey,
    ScoredNight,
    cells_compared,
    cold_cells,
    compared,
    comparing,
)
from pipelines.comparison.resuming import chained
from pipelines.duckdb_rows import null_for_nan
from pipelines.feature import Feature, Uncertainty
from pipelines.judging.ruler import digest
from pipelines.ramp.record import StageRecord, stages_of
from pipelines.statistics.verdict import Verdict

RULES = 1  # raised when the comparison itself changes, so that all of it is made again


@dataclass(frozen=True)
class DivergenceHistory:
    """A feature's days up to `through`: the rows of nights and of baseline, and which kinds are sliced as they vary."""

    feature: Feature
    through: date
    nights: pd.DataFrame
    baseline: pd.DataFrame
    varying: list[str]
    stages: StageRecord

    @property
    def uncertainty(self) -> str | None:
        return self.feature.baseline.uncertainty.value if self.feature.baseline else None

    def inputs(self) -> dict[date, str]:
        """What each day's rows are made of, `chained`."""
        settings = [RULES, self.feature.bands.quality, self.uncertainty, self.varying]
        yardsticks = {
            key: digest(rows.astype("object").where(rows.notna(), None).to_numpy().tolist())
            for key, rows in self.baseline.groupby(["baseline_id", "rubric_id"])
        }
        known = {
            night.day: [
                *_epoch_key(night),
                night.state,
                night.made_of,
                yardsticks.get((night.baseline_id, night.rubric_id)),
            ]
            for night in self.nights.itertuples()
        }
        days = days_due(self.feature, self.through)
        return chained({day: [settings, self.stages.stage_on(day).name, known.get(day)] for day in days})

    def rows_since(self, connection: duckdb.DuckDBPyConnection, since: date) -> pd.DataFrame:
        """The rows of divergence from a day on."""
        rows = pd.concat([*self._compared_since(connection, since), self._without_scores(since)])
        rows = rows.sort_values(["day", "window", *Cell._fields], ignore_index=True)
        return null_for_nan(rows.assign(band=self.feature.bands.quality, baseline_uncertainty=self.uncertainty))

    def _compared_since(self, connection: duckdb.DuckDBPyConnection, since: date) -> list[pd.DataFrame]:
        """The rows of the nights with scores from a day on; of none, no frame."""
        scored = [ScoredNight(night.day, _epoch_key(night)) for night in self.nights.itertuples() if _has_scores(night)]
        plan = comparing(scored, since)
        if plan is None:
            return []
        lake.read(connection, "night_summary", feature=self.feature.name, days=plan.days)
        summaries = connection.execute("FROM night_summary").df()
        summaries["day"] = pd.to_datetime(summaries["day"]).dt.date
        cold = cold_cells(self.baseline, fixed=self.uncertainty == Uncertainty.FIXED)
        cells = cells_compared(summaries, cold, self.varying)
        return [compared(plan, summaries, cells, cold, self.feature.bands.quality)]

    def _without_scores(self, since: date) -> pd.DataFrame:
        """The rows of the days from one on that have no scores: they say no_data."""
        scored = {night.day for night in self.nights.itertuples() if _has_scores(night)}
        rows = [
            {"day": day, "window": window, **WHOLE._asdict(), "stage": self.stages.stage_on(day).name}
            for day in days_due(self.feature, self.through)
            if day >= since and day not in scored
            for window in ("night", "epoch")
        ]
        frame = pd.DataFrame(rows, columns=own_columns("divergence"))
        return frame.assign(verdict=Verdict.NO_DATA.value, nights=0, items=0)


def read_divergence_history(
    connection: duckdb.DuckDBPyConnection, feature: Feature, through: date
) -> DivergenceHistory:
    """What divergence is made of, up to a day."""
    lake.read(connection, "nights", "baseline", feature=feature.name)
    nights = lake.run(connection, "comparison/nights_due", start=feature.start, through=through).df()
    nights["day"] = pd.to_datetime(nights["day"]).dt.date
    baseline = connection.execute("FROM baseline ORDER BY ALL").df()
    varying = [kind for kind, values in SLICED_WHERE_THEY_VARY.items() if nights[values].explode().nunique() > 1]
    return DivergenceHistory(feature, through, nights, baseline, varying, stages_of(feature))


def _epoch_key(night: Any) -> EpochKey:
    return EpochKey._make(None if pd.isna(value := getattr(night, name)) else value for name in EpochKey._fields)


def _has_scores(night: Any) -> bool:
    """Whether a row of nights is of a complete night on which something was judged."""
    return night.state == "complete" and not pd.isna(night.rubric_id)
