"""A feature's own scores, and what an item has cost, as the lake has them."""

import duckdb

from pipelines import lake
from pipelines.duckdb_rows import one_row
from pipelines.feature import Feature
from pipelines.judging.judges import judge_of
from pipelines.judging.ruler import rubric_of
from pipelines.people.judged_items import judged_items
from pipelines.planning.own_scores import OwnScores, own_scores


def read_own_scores(connection: duckdb.DuckDBPyConnection, feature: Feature) -> OwnScores:
    """What the lake says of a feature's scores. Raises UserError where there is too little to say anything."""
    judged = judged_items(connection, feature)
    lake.read(connection, "divergence", feature=feature.name)
    epochs = connection.execute(
        "SELECT DISTINCT CAST(day AS VARCHAR), CAST(epoch_start AS VARCHAR) FROM divergence "
        "WHERE epoch_start IS NOT NULL"
    ).fetchall()
    return own_scores(feature, judged, dict(epochs), rubric_of(feature, judge_of(feature)).rubric_id)


def night_cost(connection: duckdb.DuckDBPyConnection, n: int) -> float | None:
    """What judging n items costs, in US dollars, by what an item, be it of the cold eval, has cost so far; None where
    nothing has. Reads judgments, of both kinds."""
    (item_cost,) = one_row(
        connection.execute(
            "SELECT SUM(cost_usd) / COUNT(DISTINCT (rubric_id, baseline_id, day, item_id)) FROM judgments "
            "WHERE cost_usd IS NOT NULL"
        )
    )
    return None if item_cost is None else n * item_cost
