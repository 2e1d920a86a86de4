"""judge_costs: what judging has cost; judge_flips: how often the judge changed its mind when asked again."""

from itertools import accumulate

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.feature import Feature
from pipelines.judging.ledger import Ledger

DAYS_SHOWN = 14


def judge_costs_asset(feature: Feature):
    deps = ["judgments", *(["cold_judgments"] if feature.baseline else [])]
    deps += ["anchor_judgments"] if feature.has_anchors else []
    return history_asset(feature, ["judge_costs"], make_judge_costs, deps=deps, kinds={"python", "parquet"})


def judge_flips_asset(feature: Feature):
    return history_asset(feature, ["judge_flips"], make_judge_flips, deps=["nights"], kinds={"duckdb", "parquet"})


def make_judge_costs(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Add up what the ledger says was paid for the feature, and write `judge_costs`."""
    with Ledger() as ledger:
        spent = ledger.spent(feature.name)
    lake.read(connection, "rulers")
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
            "running_total_usd": total,
        }
        for row, total in zip(spent, accumulate(row.cost_usd for row in spent), strict=True)
    ]
    columns = [name for name in lake.columns("judge_costs") if name != "feature"]
    connection.register("costs", pd.DataFrame(rows, columns=columns))
    written = lake.write(connection, "judge_costs", "SELECT * FROM costs", feature=feature.name)
    by_date: dict[str, float] = {}
    for row in spent:
        by_date[row.judged_on] = by_date.get(row.judged_on, 0.0) + row.cost_usd
    table = markdown(("date", "US dollars"), sorted(by_date.items(), reverse=True)[:DAYS_SHOWN])
    return {"judge_costs": Shown(written, table, {"running_total_usd": sum(by_date.values())})}


def make_judge_flips(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Count over all days how often a vote differed from its verdict, and write `judge_flips`."""
    lake.read(connection, "nights", feature=feature.name)
    written = lake.write(connection, "judge_flips", lake.statement("judge_flips"), feature=feature.name)
    lake.read(connection, "judge_flips", feature=feature.name)
    rows = connection.execute(
        "SELECT criterion, ruler_id, chosen_by, votes, flip_rate FROM judge_flips ORDER BY ALL"
    ).fetchall()
    return {"judge_flips": Shown(written, markdown(("criterion", "ruler", "chosen by", "votes", "flip rate"), rows))}
