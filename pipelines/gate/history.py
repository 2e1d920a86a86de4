"""Decisions over all days of a feature: what each day's rests on, and the rows of gate_decisions from a day on."""

from datetime import date
from itertools import takewhile
from typing import Any

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.catalogue.reasons import WORDING
from pipelines.catalogue.tables import own_columns
from pipelines.comparison.days_due import days_due
from pipelines.comparison.resuming import chained, made_of
from pipelines.feature import Feature, signals_of
from pipelines.gate.evidence import gather, readings_by_day
from pipelines.gate.policy import Decision, decide, rules
from pipelines.judging.ruler import digest
from pipelines.ramp.record import stages_of


def decision_inputs(connection: duckdb.DuckDBPyConnection, feature: Feature, through: date) -> dict[date, str]:
    """What the decision about each day up to one is made of, `chained`."""
    policy_hash = digest(rules(feature))
    readings = readings_by_day(connection, feature, through)
    divergence = made_of(connection, "divergence", feature.name)
    return chained(
        {
            day: [policy_hash, WORDING, divergence.get(day), _plain(readings.get(day, []))]
            for day in days_due(feature, through)
        }
    )


def decisions_since(
    connection: duckdb.DuckDBPyConnection, feature: Feature, since: date, through: date
) -> pd.DataFrame:
    """The rows of gate_decisions of the days from `since` to `through`.

    A day of which nothing is known is decided on too: it is a hold. A day about which a decision was issued on other
    evidence, before something in its epoch changed, says that it is restated.
    """
    rows = _decided(connection, feature, since, through)
    columns = [column for column in own_columns("gate_decisions") if column != "restated"]
    connection.register("decided", pd.DataFrame(rows, columns=columns, dtype="object"))
    lake.read(
        connection, "gate_log", feature=feature.name, days=(day for day in days_due(feature, through) if day >= since)
    )
    restated = lake.run(connection, "gate/gate_decisions").df()
    return restated.assign(day=pd.to_datetime(restated["day"]).dt.date)


def _decided(
    connection: duckdb.DuckDBPyConnection, feature: Feature, since: date, through: date
) -> list[dict[str, Any]]:
    """The rows of the days from `since` on, but for whether they are restated."""
    held, stage = _held_before(connection, feature, since)
    signals, stages, policy_hash = signals_of(feature), stages_of(feature), digest(rules(feature))
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
