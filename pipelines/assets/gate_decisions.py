"""gate_decisions: every day's decision, recomputed from what is known now."""

from datetime import date
from itertools import takewhile
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Check, Shown, every_day_by, history_asset, markdown
from pipelines.assets.divergence import days_due, last_day
from pipelines.catalogue.reasons import WORDING
from pipelines.catalogue.tables import own_columns
from pipelines.comparison.resuming import chained, first_change, made_of, write_since
from pipelines.feature import Feature, signals_of
from pipelines.gate.evidence import READS, gather, readings_by_day
from pipelines.gate.policy import Decision, decide, rules
from pipelines.judging.judges import judge_label
from pipelines.judging.ruler import digest
from pipelines.ramp.record import stages_of

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
    """Decide on the days from the first that has changed up to the last that a decision is due for.

    A day of which nothing is known is decided on too: it is a hold. A day about which a decision was issued on other
    evidence, before something in its epoch changed, says that it is restated.
    """
    through = last_day(feature)
    policy_hash = digest(rules(feature))
    readings = readings_by_day(connection, feature, through)
    compared = made_of(connection, "divergence", feature.name)
    inputs = chained(
        {
            day: [policy_hash, WORDING, compared.get(day), _plain(readings.get(day, []))]
            for day in days_due(feature, through)
        }
    )
    since = first_change(connection, "gate_decisions", feature.name, inputs)
    if since is not None:
        rows = _decided(connection, feature, policy_hash, since, through)
        columns = [column for column in own_columns("gate_decisions") if column != "restated"]
        connection.register("decided", pd.DataFrame(rows, columns=columns, dtype="object"))
        lake.read(connection, "gate_log", feature=feature.name, days=(day for day in inputs if day >= since))
        restated = lake.run(connection, "gate/gate_decisions").df()
        restated["day"] = pd.to_datetime(restated["day"]).dt.date
        write_since(connection, "gate_decisions", feature.name, restated, inputs, since)
    return {"gate_decisions": _shown(connection, feature)}


def _decided(
    connection: duckdb.DuckDBPyConnection, feature: Feature, policy_hash: str, since: date, through: date
) -> list[dict[str, Any]]:
    """The rows of the days from `since` on, but for whether they are restated."""
    held, stage = _held_before(connection, feature, since)
    signals, stages = signals_of(feature), stages_of(feature)
    rows = []
    for evidence in gather(connection, feature, since, through):
        held = held if evidence.stage == stage else 0
        decided, stage = decide(evidence, feature.ramp, held, signals), evidence.stage
        held = held + 1 if decided.decision is Decision.HOLD else 0
        rows.append(
            {
                "day": evidence.day,
                "decision": decided.decision.value,
                "reason_codes": decided.reason_codes,
                "explanation": decided.explanation,
                "from_stage": decided.from_stage,
                "to_stage": decided.to_stage,
                "verdict": evidence.quality.verdict.value if evidence.quality else None,
                "nights": evidence.nights,
                "min_nights": stages.stage_on(evidence.day).min_nights,
                "window_start": evidence.window_start,
                "window_end": evidence.window_end,
                "judged": evidence.judged,
                "rubric_id": evidence.rubric_id,
                "baseline_id": evidence.baseline_id,
                "policy_hash": policy_hash,
                "evidence_digest": evidence.digest(),
            }
        )
    return rows


def _held_before(connection: duckdb.DuckDBPyConnection, feature: Feature, since: date) -> tuple[int, str | None]:
    """How many days up to the one before `since` were holds in a row at its stage, and which stage that is."""
    lake.read(connection, "gate_decisions", feature=feature.name)
    days = connection.execute(
        "SELECT decision, from_stage FROM gate_decisions WHERE day < $since ORDER BY day DESC", {"since": since}
    ).fetchall()
    if not days:
        return 0, None
    _, stage = days[0]
    held = takewhile(lambda day: day == (Decision.HOLD.value, stage), days)
    return sum(1 for _ in held), stage


def _plain(readings: list[dict[str, Any]]) -> list[list[str]]:
    return [[str(value) for value in reading.values()] for reading in readings]


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
