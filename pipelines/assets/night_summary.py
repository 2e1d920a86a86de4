"""night_summary: what a night says of every slice and criterion, summed up once for all comparisons with it."""

from datetime import date

import dagster as dg
import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Shown, day_asset, markdown
from pipelines.catalogue.tables import own_columns
from pipelines.comparison.cells import OVERALL
from pipelines.comparison.summaries import summarise
from pipelines.feature import Feature
from pipelines.judging.ruler import digest

READS = ("log_files", "sample", "judgments", "funnel")


def night_summary_asset(feature: Feature) -> dg.AssetsDefinition:
    return day_asset(feature, ["night_summary"], make_night_summary, deps=READS, kinds={"python", "parquet"})


def make_night_summary(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> dict[str, Shown]:
    """Sum up a day and write `night_summary` for it."""
    rows = summarise_day(connection, feature, day)
    shown = rows[(rows.slice_kind == OVERALL) & rows["mean"].notna()][["criterion", "mean", "items", "missing_share"]]
    numbers = {f"mean {row.criterion}": float(row.mean) for row in shown.itertuples()}
    table = markdown(shown.columns, shown.itertuples(index=False))
    return {"night_summary": Shown(len(rows), table, numbers)}


def summarise_day(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> pd.DataFrame:
    """Write `night_summary` of a day from its tables as they are now, and return the rows."""
    made_of = made_of_day({table: lake.version(table, feature=feature.name, day=day) for table in READS})
    lake.read(connection, *READS, feature=feature.name, day=day)
    lake.read(connection, "rubrics", feature=feature.name)
    lake.view(connection, "night/day_states")
    lake.view(connection, "judging/item_scores")
    (counts,) = lake.run(connection, "night/night_counts").df().to_dict("records")
    rows = summarise(lake.run(connection, "night/judged_sample").df(), counts).assign(made_of=made_of)
    rows = rows.reindex(columns=own_columns("night_summary"))
    numbers = rows.select_dtypes("float").columns
    connection.register("summary", rows.astype(dict.fromkeys(numbers, "Float64")))
    lake.write(connection, "night_summary", "FROM summary", feature=feature.name, day=day)
    return rows


def made_of_day(versions: dict[str, str | None]) -> str:
    """What tells the tables of a day from those that a summary was made of."""
    return digest([versions.get(table) for table in READS])
