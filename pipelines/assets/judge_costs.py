"""judge_costs: what judging has cost."""

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.duckdb_rows import one_row
from pipelines.feature import Feature
from pipelines.judging.spending import read_spending

DAYS_SHOWN = 14


def judge_costs_asset(feature: Feature) -> dg.AssetsDefinition:
    deps = ["judgments", *(["cold_judgments"] if feature.baseline else [])]
    deps += ["anchor_judgments"] if feature.has_anchors else []
    return history_asset(feature, ["judge_costs"], make_judge_costs, deps=deps, kinds={"python", "parquet"})


def make_judge_costs(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Add up what the ledger says was paid for the feature since what is known already, and write `judge_costs`."""
    parameters = {"since": read_spending(connection, feature)}
    statement = lake.statement("judging/judge_costs")
    written = lake.write(connection, "judge_costs", statement, parameters, feature=feature.name)
    lake.read(connection, "judge_costs", feature=feature.name)
    by_date = connection.execute(
        "SELECT judged_on, SUM(cost_usd) FROM judge_costs GROUP BY judged_on ORDER BY judged_on DESC LIMIT $days",
        {"days": DAYS_SHOWN},
    ).fetchall()
    (total,) = one_row(connection.execute("SELECT COALESCE(MAX(running_total_usd), 0.0) FROM judge_costs"))
    return {"judge_costs": Shown(written, markdown(("date", "US dollars"), by_date), {"running_total_usd": total})}
