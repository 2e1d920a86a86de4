"""stage_history: the record of the ramp's stages, with what the feature file has added."""

import dagster as dg
import duckdb

from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.feature import Feature
from pipelines.ramp.record import keep_stages


def stage_history_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(feature, ["stage_history"], make_stage_history, kinds={"yaml", "parquet"})


def make_stage_history(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Import the lines of `ramp.history` that the record has not."""
    record, added = keep_stages(feature)
    rows = [
        (change.entry, change.stage, change.from_day, change.actor, change.reason, change.recorded_at)
        for change in record.changes
    ]
    table = markdown(("entry", "stage", "from", "by", "why", "recorded"), rows)
    said = [f"Recorded now: {change.stage} from {change.from_day}, by the {change.actor}" for change in added]
    return {"stage_history": Shown(len(rows), "\n\n".join([*said, table]), {"recorded now": len(added)})}
