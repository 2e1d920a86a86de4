"""published: the DuckDB file for analysts, the gate's JSON and the page, each replaced whole."""

import duckdb

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.feature import Feature
from pipelines.publishing.database import publish_database
from pipelines.publishing.page import publish_page
from pipelines.publishing.ramp_gate import publish_ramp_gate


def published_asset(feature: Feature):
    deps = ["gate_decisions", "mix_shift", "trends", "judge_costs", "judge_flips"]
    deps += ["calibration"] if feature.human_labels else []
    return history_asset(feature, ["published"], make_published, deps=deps, kinds={"duckdb", "html", "json"})


def make_published(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Publish what the lake holds: the file of all features, and this feature's gate and page."""
    written = {
        "ramp gate": publish_ramp_gate(feature),
        "page": publish_page(feature),
        "database": publish_database(),
    }
    rows = [
        (name, path.relative_to(lake.data_directory()), path.stat().st_size) for name, path in written.items() if path
    ]
    return {"published": Shown(len(rows), markdown(("what", "file in the data directory", "bytes"), rows))}
