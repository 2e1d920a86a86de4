"""stage_history: when each stage of the ramp began, from the feature file."""

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.feature import Feature

ACTOR = "feature file"


def stage_history_asset(feature: Feature):
    return history_asset(feature, ["stage_history"], make_stage_history, kinds={"yaml", "parquet"})


def make_stage_history(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Write the feature file's `ramp.history`; without one, the first stage since `start`."""
    changes = [(change.stage, change.from_) for change in feature.ramp.history]
    changes = changes or [(feature.ramp.stages[0].name, feature.start)]
    rows = pd.DataFrame(changes, columns=["stage", "from_day"]).assign(actor=ACTOR, reason="ramp.history")
    connection.register("changes", rows)
    written = lake.write(connection, "stage_history", "SELECT * FROM changes", feature=feature.name)
    return {"stage_history": Shown(written, markdown(("stage", "from"), changes))}
