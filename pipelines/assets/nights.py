"""nights: what is known of each day as a whole; here history begins, by seeing which days have changed."""

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.comparison.nights import READS, read_changed_nights
from pipelines.feature import Feature

DAYS_SHOWN = 14


def nights_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(
        feature, ["nights"], make_nights, deps=[*READS, "night_summary", "stage_history"], kinds={"python", "parquet"}
    )


def make_nights(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Read what is new of the days that have any table, and write `nights`."""
    changed = read_changed_nights(connection, feature)
    parameters = {"epoch_on": feature.epoch_on.value}
    written = lake.write(connection, "nights", lake.statement("comparison/nights"), parameters, feature=feature.name)
    lake.read(connection, "nights", feature=feature.name)
    shown = connection.execute(
        "SELECT day, state, stage, sampled, failed, scored, epoch_value FROM nights ORDER BY day DESC LIMIT $days",
        {"days": DAYS_SHOWN},
    )
    columns = [column[0] for column in shown.description]
    return {"nights": Shown(written, markdown(columns, shown.fetchall()), {"days read again": len(changed)})}
