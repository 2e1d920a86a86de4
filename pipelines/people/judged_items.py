"""Every judged item of a feature, as people's labels are set beside it."""

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.feature import Feature


def judged_items(connection: duckdb.DuckDBPyConnection, feature: Feature) -> pd.DataFrame:
    """The rows of sql/people/judged_items.sql: every score that a label can be set beside."""
    lake.read(connection, "sample", "cold_items", "funnel", "log_files", "rubrics", feature=feature.name)
    both = (lake.scan(table, lake.files(table, feature=feature.name)) for table in ("judgments", "cold_judgments"))
    connection.execute(f"CREATE OR REPLACE TEMP VIEW judgments AS {' UNION ALL '.join(both)}")
    lake.view(connection, "night/day_states")
    lake.view(connection, "judging/item_scores")
    return lake.run(connection, "people/judged_items").df()
