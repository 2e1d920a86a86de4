"""nights: what is known of each day as a whole; here history begins, by seeing which days have changed."""

from datetime import date

import dagster as dg
import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.assets.night_summary import READS as SUMMARISED
from pipelines.assets.night_summary import made_of_day, summarise_day
from pipelines.comparison.cold_evals import cold_evals_of
from pipelines.feature import Feature
from pipelines.judging.ruler import digest
from pipelines.ramp.record import stages_of

READS = (*SUMMARISED, "judge_votes", "signals")  # of a day
LISTED = ["day", "made_of", "stage", "baseline_id", "changed"]
DAYS_SHOWN = 14


def nights_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(
        feature, ["nights"], make_nights, deps=[*READS, "night_summary", "stage_history"], kinds={"python", "parquet"}
    )


def make_nights(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Read what is new of the days that have any table, and write `nights`.

    A day whose summary was made of other files than it has now is summed up again here: a night that ended half way,
    days of an older version, files that were put back.
    """
    versions = {table: lake.versions(table, feature.name) for table in (*READS, "night_summary")}
    days = sorted(set().union(*versions.values()))
    lake.read(connection, "nights", feature=feature.name)
    known = dict(connection.execute("SELECT day, made_of FROM nights").fetchall())
    changed = [day for day in days if known.get(day) != _made_of(versions, day)]
    for day in _without_summary(connection, feature, changed, versions):
        summarise_day(connection, feature, day)
    if changed:
        versions["night_summary"] = lake.versions("night_summary", feature.name)
    lake.read(connection, *READS, "night_summary", feature=feature.name, days=changed)
    lake.view(connection, "comparison/night_facts")
    stages, cold_evals = stages_of(feature), cold_evals_of(feature)
    listed = [
        (day, _made_of(versions, day), stages.stage_on(day).name, cold_evals.on(day), day in set(changed))
        for day in days
    ]
    connection.register("listed_days", pd.DataFrame(listed, columns=LISTED))
    parameters = {"epoch_on": feature.epoch_on.value}
    written = lake.write(connection, "nights", lake.statement("comparison/nights"), parameters, feature=feature.name)
    lake.read(connection, "nights", feature=feature.name)
    shown = connection.execute(
        "SELECT day, state, stage, sampled, failed, scored, epoch_value FROM nights ORDER BY day DESC LIMIT $days",
        {"days": DAYS_SHOWN},
    )
    columns = [column[0] for column in shown.description]
    return {"nights": Shown(written, markdown(columns, shown.fetchall()), {"days read again": len(changed)})}


def _made_of(versions: dict[str, dict[date, str]], day: date) -> str:
    return digest([of_table.get(day) for of_table in versions.values()])


def _without_summary(
    connection: duckdb.DuckDBPyConnection, feature: Feature, days: list[date], versions: dict[str, dict[date, str]]
) -> list[date]:
    """Those of the days that have no summary, or one that was made of other files than there are."""
    lake.read(connection, "night_summary", feature=feature.name, days=days)
    found = dict(connection.execute("SELECT DISTINCT day, made_of FROM night_summary").fetchall())
    return [
        day for day in days if found.get(day) != made_of_day({table: versions[table].get(day) for table in SUMMARISED})
    ]
