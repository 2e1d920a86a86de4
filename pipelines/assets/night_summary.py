"""night_summary: what a night says of every slice and criterion, summed up once for all comparisons with it."""

from datetime import date

import dagster as dg
import duckdb

from pipelines.assets.building import Shown, day_asset, markdown
from pipelines.comparison.cells import OVERALL
from pipelines.comparison.summarising import SUMMARISED, summarise_day
from pipelines.feature import Feature


def night_summary_asset(feature: Feature) -> dg.AssetsDefinition:
    return day_asset(feature, ["night_summary"], make_night_summary, deps=SUMMARISED, kinds={"python", "parquet"})


def make_night_summary(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> dict[str, Shown]:
    """Sum up a day and write `night_summary` for it."""
    rows = summarise_day(connection, feature, day)
    shown = rows[(rows.slice_kind == OVERALL) & rows["mean"].notna()][["criterion", "mean", "items", "missing_share"]]
    numbers = {f"mean {row.criterion}": float(row.mean) for row in shown.itertuples()}
    table = markdown(shown.columns, shown.itertuples(index=False))
    return {"night_summary": Shown(len(rows), table, numbers)}
