"""What is known of each day as a whole, read again of the days that have changed: what nights.sql makes its rows of."""

from collections.abc import Mapping
from datetime import date

import duckdb

from pipelines import lake
from pipelines.comparison.changed_days import changed_days, list_days
from pipelines.comparison.cold_evals import cold_evals_of
from pipelines.comparison.summarising import SUMMARISED, made_of_day, summarise_day
from pipelines.feature import Feature
from pipelines.judging.ruler import digest
from pipelines.ramp.record import stages_of

READS = (*SUMMARISED, "judge_votes", "signals")  # of a day
Versions = Mapping[str, Mapping[date, str]]  # by table, and by the days that it has


def read_changed_nights(connection: duckdb.DuckDBPyConnection, feature: Feature) -> list[date]:
    """Let SQL on this connection see what nights.sql reads; returns the days that have changed.

    A day whose summary was made of other files than it has now is summed up again here: a night that ended half way,
    days of an older version, files that were put back.
    """
    versions = {table: lake.versions(table, feature.name) for table in (*READS, "night_summary")}
    lake.read(connection, "nights", feature=feature.name)
    changed = changed_days(connection, "nights", "day", _made_of(versions))
    for day in _without_summary(connection, feature, changed, versions):
        summarise_day(connection, feature, day)
    if changed:
        versions["night_summary"] = lake.versions("night_summary", feature.name)
    lake.read(connection, *READS, "night_summary", feature=feature.name, days=changed)
    lake.view(connection, "comparison/night_facts")
    made_of, stages, cold_evals = _made_of(versions), stages_of(feature), cold_evals_of(feature)
    stage_by_day = [stages.stage_on(day).name for day in made_of]
    cold_eval_by_day = [cold_evals.on(day) for day in made_of]
    list_days(connection, "listed_days", "day", made_of, changed, stage=stage_by_day, baseline_id=cold_eval_by_day)
    return changed


def _made_of(versions: Versions) -> dict[date, str]:
    """A digest of the files of each day that has any table."""
    days = sorted(set().union(*versions.values()))
    return {day: digest([of_table.get(day) for of_table in versions.values()]) for day in days}


def _without_summary(
    connection: duckdb.DuckDBPyConnection, feature: Feature, days: list[date], versions: Versions
) -> list[date]:
    """Those of the days that have no summary, or one that was made of other files than there are."""
    lake.read(connection, "night_summary", feature=feature.name, days=days)
    made_of = {day: made_of_day({table: versions[table].get(day) for table in SUMMARISED}) for day in days}
    return changed_days(connection, "night_summary", "day", made_of)
