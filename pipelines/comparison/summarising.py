"""Summing up a day of the lake: its night_summary, and what tells whether that is still of the day's tables."""

from collections.abc import Mapping
from datetime import date

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.catalogue.tables import own_columns
from pipelines.comparison.summaries import summarise
from pipelines.duckdb_rows import null_for_nan
from pipelines.feature import Feature
from pipelines.judging.ruler import digest

SUMMARISED = ("log_files", "sample", "judgments", "funnel")  # the tables of a day that its summary is made of


def summarise_day(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> pd.DataFrame:
    """Write `night_summary` of a day from its tables as they are now, and return the rows."""
    made_of = made_of_day({table: lake.version(table, feature=feature.name, day=day) for table in SUMMARISED})
    lake.read(connection, *SUMMARISED, feature=feature.name, day=day)
    lake.read(connection, "rubrics", feature=feature.name)
    lake.view(connection, "night/day_states")
    lake.view(connection, "judging/item_scores")
    (counts,) = lake.run(connection, "night/night_counts").df().to_dict("records")
    rows = summarise(lake.run(connection, "night/judged_sample").df(), counts).assign(made_of=made_of)
    rows = rows.reindex(columns=own_columns("night_summary"))
    connection.register("summary", null_for_nan(rows))
    lake.write(connection, "night_summary", "FROM summary", feature=feature.name, day=day)
    return rows


def made_of_day(versions: Mapping[str, str | None]) -> str:
    """What tells the tables of a day, in these versions, from those that a summary was made of."""
    return digest([versions.get(table) for table in SUMMARISED])
