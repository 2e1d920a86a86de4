"""gate_log: the decision about the newest day, issued: the gate's JSON file, and a row of the log when it is new.

It stays in the feature's own night, so that a decision never waits for what is published of all features.
"""

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.feature import Feature
from pipelines.publishing.ramp_gate import publish_ramp_gate, read_ramp_gate


def gate_log_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(
        feature,
        ["gate_log"],
        make_gate_log,
        deps=["gate_decisions", "divergence", "signals"],
        kinds={"json", "parquet"},
    )


def make_gate_log(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Write ramp_gate/FEATURE.json and, when the decision is new, `gate_log`."""
    publish_ramp_gate(feature)
    gate = read_ramp_gate(feature.name) or {}
    fields = ("day", "decision", "from_stage", "to_stage", "expires_at", "decision_id")
    rows = [(field, gate[field]) for field in fields if field in gate]
    issued = len(lake.files("gate_log", feature=feature.name))
    return {"gate_log": Shown(issued, markdown(("the decision that stands", ""), rows))}
