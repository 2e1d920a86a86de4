"""cold_items: the cold eval's items as they are now, kept under the hash of what they hold."""

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Shown, cold_asset, markdown
from pipelines.feature import Feature
from pipelines.logs.cold_items import read_cold_items


def cold_items_asset(feature: Feature) -> dg.AssetsDefinition:
    return cold_asset(feature, ["cold_items"], make_cold_items, kinds={"duckdb", "parquet"})


def make_cold_items(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Read `baseline.path` and write `cold_items` under its baseline_id."""
    baseline_id = read_cold_items(connection, feature)
    rows = lake.write(
        connection, "cold_items", "SELECT * FROM cold_eval", feature=feature.name, baseline_id=baseline_id
    )
    by_category = connection.execute(
        "SELECT category, count(*) FROM cold_eval GROUP BY category ORDER BY count(*) DESC, category"
    ).fetchall()
    table = f"Baseline {baseline_id}\n\n" + markdown(("category", "items"), by_category)
    return {"cold_items": Shown(rows, table, {"categories": len(by_category)})}
