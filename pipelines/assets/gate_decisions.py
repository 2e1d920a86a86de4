"""gate_decisions: every day's decision, recomputed from what is known now."""

from collections import Counter

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.assets.divergence import last_day
from pipelines.feature import Feature
from pipelines.gate.evidence import gather
from pipelines.gate.policy import Decision, decide, rules
from pipelines.judging.judges import judge_label
from pipelines.judging.ruler import digest
from pipelines.ramp.record import stages_of

DAYS_SHOWN = 14


def gate_decisions_asset(feature: Feature):
    return history_asset(
        feature,
        ["gate_decisions"],
        make_gate_decisions,
        deps=["divergence", "judge_drift", "signals"],
        kinds={"python", "parquet"},
    )


def make_gate_decisions(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Decide on every day from the feature's start to the last that a decision is due for, and write `gate_decisions`.

    A day of which nothing is known is decided on too: it is a hold. A day about which a decision was issued on other
    evidence, before something in its epoch changed, says that it is restated.
    """
    policy_hash = digest(rules(feature))
    stages = stages_of(feature)
    rows = []
    held, stage = 0, None
    for evidence in gather(connection, feature, last_day(feature)):
        held = held if evidence.stage == stage else 0
        decided, stage = decide(evidence, feature.ramp, held), evidence.stage
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
    columns = [column for column in lake.columns("gate_decisions") if column not in ("feature", "restated")]
    connection.register("decided", pd.DataFrame(rows, columns=columns, dtype="object"))
    lake.read(connection, "gate_log", feature=feature.name)
    written = lake.write(connection, "gate_decisions", lake.statement("gate_decisions"), feature=feature.name)
    shown = [
        (row["day"], row["from_stage"], row["decision"], ", ".join(row["reason_codes"]), row["explanation"])
        for row in rows[-DAYS_SHOWN:]
    ]
    return {
        "gate_decisions": Shown(
            written,
            f"Scores by {judge_label(feature)}\n\n" + markdown(("day", "stage", "decision", "reasons", "why"), shown),
            dict(Counter(row["decision"] for row in rows)),
        )
    }
