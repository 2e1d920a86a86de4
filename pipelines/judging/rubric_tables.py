"""The tables `rulers` and `rubrics`: the full text behind every ruler_id, and the weights behind every rubric_id."""

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.feature import Feature
from pipelines.judging.ruler import Rubric


def write_rubric(connection: duckdb.DuckDBPyConnection, feature: Feature, rubric: Rubric) -> None:
    """Write `rulers` and `rubrics`: their ids are hashes of what they hold, so a file that is there is right."""
    for ruler, weight in zip(rubric.rulers, rubric.weights, strict=True):
        if not lake.exists("rulers", ruler_id=ruler.ruler_id):
            row = {
                "criterion": ruler.criterion.name,
                "judge": ruler.judge,
                "judge_model": ruler.judge_model,
                "parameters": ruler.parameters,
                "prompt": ruler.prompt,
            }
            connection.register("ruler", pd.DataFrame([row]))
            lake.write(connection, "rulers", "SELECT * FROM ruler", ruler_id=ruler.ruler_id)
    if not lake.exists("rubrics", feature=feature.name, rubric_id=rubric.rubric_id):
        rows = [
            {"criterion": ruler.criterion.name, "ruler_id": ruler.ruler_id, "weight": weight}
            for ruler, weight in zip(rubric.rulers, rubric.weights, strict=True)
        ]
        connection.register("rubric", pd.DataFrame(rows))
        lake.write(connection, "rubrics", "SELECT * FROM rubric", feature=feature.name, rubric_id=rubric.rubric_id)
