"""The logs of a day that can be sampled."""

from datetime import date

import duckdb

from pipelines import lake
from pipelines.feature import Feature
from pipelines.ramp.record import stages_of


def view_population(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> None:
    """Let SQL on this connection, which sees `prod_logs` of the day, see `population` (sql/sampling/population.sql)."""
    design = {"stratify_by": [*feature.sample.stratify_by], "cohorts": sampled_cohorts(feature, day)}
    lake.materialise(connection, "design", "sampling/design", **design)
    lake.view(connection, "sampling/population")


def sampled_cohorts(feature: Feature, day: date) -> list[str] | None:
    """The cohorts whose logs can be sampled, those of the day's stage; None for all."""
    cohorts = stages_of(feature).stage_on(day).cohorts
    return list(cohorts) if cohorts else None
