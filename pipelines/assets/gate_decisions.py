"""gate_decisions: every day's decision, recomputed from what is known now."""

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, every_day_by, history_asset, markdown
from pipelines.comparison.days_due import last_day_due
from pipelines.comparison.resuming import bring_up_to_date
from pipelines.feature import Feature
from pipelines.gate.evidence import READS
from pipelines.gate.history import decision_inputs, decisions_since
from pipelines.judging.judges import judge_label

DAYS_SHOWN = 14


def gate_decisions_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(
        feature,
        ["gate_decisions"],
        make_gate_decisions,
        deps=["stage_history", *(table for table in READS if table != "baseline" or feature.baseline)],
        kinds={"python", "parquet"},
        checks=[Check("decided_on_the_latest_day", "The newest decision is about the latest complete day.")],
        freshness=every_day_by(feature, feature.night.decide_by) if feature.night.scheduled else None,
    )


def make_gate_decisions(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Decide on the days from the first that has changed up to the last that a decision is due for."""
    through = last_day_due(feature)
    bring_up_to_date(
        connection,
        "gate_decisions",
        feature.name,
        decision_inputs(connection, feature, through),
        lambda since: decisions_since(connection, feature, since, through),
    )
    return {"gate_decisions": _shown(connection, feature)}


def _shown(connection: duckdb.DuckDBPyConnection, feature: Feature) -> Shown:
    """The newest days' decisions, and how many there have been of each."""
    lake.read(connection, "gate_decisions", feature=feature.name)
    counts = connection.execute("SELECT decision, count(*) FROM gate_decisions GROUP BY ALL ORDER BY ALL").fetchall()
    newest = connection.execute(
        "SELECT day, from_stage, decision, list_aggregate(reason_codes, 'string_agg', ', '), explanation "
        "FROM gate_decisions ORDER BY day DESC LIMIT $days",
        {"days": DAYS_SHOWN},
    ).fetchall()
    latest = feature.latest_complete_day()
    decided = newest[0][0] if newest else None
    behind = (latest - decided).days if decided else 0
    said = (
        f"the newest decision is about {decided}, and {latest} is over" if decided else f"{latest} is before the start"
    )
    return Shown(
        sum(count for _, count in counts),
        f"Scores by {judge_label(feature)}\n\n"
        + markdown(("day", "stage", "decision", "reasons", "why"), newest[::-1]),
        dict(counts),
        {"decided_on_the_latest_day": (behind == 0, said, {"days behind": behind})},
    )
