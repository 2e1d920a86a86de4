"""judge_costs: what judging has cost; judge_flips: how often the judge changed its mind when asked again."""

from datetime import date, timedelta

import dagster as dg
import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.catalogue.tables import own_columns
from pipelines.feature import Feature
from pipelines.judging.ledger import Ledger

DAYS_SHOWN = 14
BATCHES_KEPT_DAYS = 30  # a batch's verdicts bear the date on which it ended, and can be read for 29 days


def judge_costs_asset(feature: Feature) -> dg.AssetsDefinition:
    deps = ["judgments", *(["cold_judgments"] if feature.baseline else [])]
    deps += ["anchor_judgments"] if feature.has_anchors else []
    return history_asset(feature, ["judge_costs"], make_judge_costs, deps=deps, kinds={"python", "parquet"})


def judge_flips_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(feature, ["judge_flips"], make_judge_flips, deps=["nights"], kinds={"duckdb", "parquet"})


def make_judge_costs(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Add up what the ledger says was paid for the feature since what is known already, and write `judge_costs`."""
    lake.read(connection, "rulers")
    lake.read(connection, "judge_costs", feature=feature.name)
    since = _read_again_since(connection)
    with Ledger() as ledger:
        spent = ledger.spent(feature.name, str(since))
    criteria = dict(connection.execute("SELECT ruler_id, criterion FROM rulers").fetchall())
    rows = [
        {
            "judged_on": row.judged_on,
            "item_kind": row.item_kind.value,
            "criterion": criteria.get(row.ruler_id),
            "ruler_id": row.ruler_id,
            "judge_model": row.judge_model,
            "in_batches": row.in_batches,
            "verdicts": row.verdicts,
            "input_tokens": row.usage.all_input_tokens,
            "cache_read_tokens": row.usage.cache_read_tokens,
            "output_tokens": row.usage.output_tokens,
            "cost_usd": row.cost_usd,
        }
        for row in spent
    ]
    columns = [name for name in own_columns("judge_costs") if name != "running_total_usd"]
    connection.register("paid", pd.DataFrame(rows, columns=columns))
    parameters = {"since": since}
    written = lake.write(
        connection, "judge_costs", lake.statement("judging/judge_costs"), parameters, feature=feature.name
    )
    lake.read(connection, "judge_costs", feature=feature.name)
    by_date = connection.execute(
        "SELECT judged_on, SUM(cost_usd) FROM judge_costs GROUP BY judged_on ORDER BY judged_on DESC LIMIT $days",
        {"days": DAYS_SHOWN},
    ).fetchall()
    total = connection.execute("SELECT COALESCE(MAX(running_total_usd), 0.0) FROM judge_costs").fetchall()[0][0]
    return {"judge_costs": Shown(written, markdown(("date", "US dollars"), by_date), {"running_total_usd": total})}


def _read_again_since(connection: duckdb.DuckDBPyConnection) -> date:
    """The date from which on the ledger may have more than the table: batches are read up to so many days later."""
    last = connection.execute("SELECT MAX(judged_on) FROM judge_costs").fetchall()[0][0]
    return date.min if last is None else last - timedelta(days=BATCHES_KEPT_DAYS)


def make_judge_flips(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Count over all days how often a vote differed from its verdict, and write `judge_flips`."""
    lake.read(connection, "nights", feature=feature.name)
    written = lake.write(connection, "judge_flips", lake.statement("judging/judge_flips"), feature=feature.name)
    lake.read(connection, "judge_flips", feature=feature.name)
    rows = connection.execute(
        "SELECT criterion, ruler_id, chosen_by, votes, flip_rate FROM judge_flips ORDER BY ALL"
    ).fetchall()
    return {"judge_flips": Shown(written, markdown(("criterion", "ruler", "chosen by", "votes", "flip rate"), rows))}
