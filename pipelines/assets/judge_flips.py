"""judge_flips: how often the judge changed its mind when asked again."""

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.feature import Feature


def judge_flips_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(feature, ["judge_flips"], make_judge_flips, deps=["nights"], kinds={"duckdb", "parquet"})


def make_judge_flips(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Count over all days how often a vote differed from its verdict, and write `judge_flips`."""
    lake.read(connection, "nights", feature=feature.name)
    written = lake.write(connection, "judge_flips", lake.statement("judging/judge_flips"), feature=feature.name)
    lake.read(connection, "judge_flips", feature=feature.name)
    rows = connection.execute(
        "SELECT criterion, ruler_id, chosen_by, votes, flip_rate FROM judge_flips ORDER BY ALL"
    ).fetchall()
    return {"judge_flips": Shown(written, markdown(("criterion", "ruler", "chosen by", "votes", "flip rate"), rows))}
