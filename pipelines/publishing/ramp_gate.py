"""ramp_gate/FEATURE.json: the decision that stands, for whatever moves the ramp. gate_log keeps what was issued."""

import hashlib
import json
import logging
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines import clock, lake
from pipelines.catalogue.reasons import next_steps
from pipelines.data_directory import appearing_whole, data_directory, lock
from pipelines.duckdb_rows import dict_rows
from pipelines.errors import UserError
from pipelines.feature import Feature
from pipelines.gate.policy import Decision
from pipelines.publishing.code_version import code_version

SCHEMA = 1  # of the JSON: raised when a field changes its meaning or goes
GRACE = timedelta(hours=1)  # between the hour by which the next day is decided and the end of this decision

log = logging.getLogger(__name__)


class RampGateError(UserError):
    """A gate file that cannot be read as one."""


def publish_ramp_gate(feature: Feature) -> Path | None:
    """Write the decision about the newest day to ramp_gate/FEATURE.json and, when it is new, to gate_log.

    Returns the file, or None when there is no decision yet. A file about a newer day is left as it is.
    """
    target = ramp_gate_path(feature.name)
    with lock(f"ramp-gate-{feature.name}"), lake.connect() as connection:
        lake.read(connection, "gate_decisions", "rubrics", feature=feature.name)
        # no decision is issued about a day before the last that one was issued about
        lake.read(connection, "gate_log", feature=feature.name, days=lake.days("gate_log", feature.name)[-1:])
        lake.read(connection, "rulers")
        decided = _first(lake.run(connection, "publishing/newest_decision"))
        if decided is None:
            return None
        day = decided["day"]
        lake.read(connection, "divergence", "signals", since=day, until=day, feature=feature.name)
        standing = _day_of(feature.name)
        if standing is not None and standing > decided["day"]:
            return target
        issued_at = clock.now()
        expires_at = expiry(feature, decided["day"])
        decision_id = _issue(connection, feature, decided, issued_at, expires_at)
        gate = {
            **_decision(feature, decided),
            **_evidence(connection, feature, decided),
            "decision_id": decision_id,
            "computed_at": issued_at,
            "expires_at": expires_at,
        }
        text = json.dumps({key: _plain(gate[key]) for key in FIELDS}, indent=2, ensure_ascii=False, allow_nan=False)
        target.parent.mkdir(parents=True, exist_ok=True)  # for everyone to read: it holds no text of users
        with appearing_whole(target) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")
    return target


# The file's fields, in their order. Readers outside this repository depend on the names.
FIELDS = (
    "schema",
    "decision_id",
    "feature",
    "decision",
    "reason_codes",
    "explanation",
    "next_steps",
    "flag",
    "environment",
    "from_stage",
    "to_stage",
    "day",
    "window_start",
    "window_end",
    "computed_at",
    "expires_at",
    "judged",
    "verdict",
    "judge",
    "signals",
    "quality",
    "baseline_id",
    "rubric_id",
    "ruler_ids",
    "policy_hash",
    "code_version",
    "runbook",
)


def read_ramp_gate(feature_name: str) -> dict[str, Any] | None:
    """The feature's gate file as it was parsed; None when there is none.

    Raises RampGateError when it is not what `publish_ramp_gate` writes: no decision can be read from it then.
    """
    path = ramp_gate_path(feature_name)
    try:
        gate = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise RampGateError(f"{path}: cannot be read: {error}; {_REMEDY}") from error
    if problem := _problem(gate, feature_name):
        raise RampGateError(f"{path}: {problem}; {_REMEDY}")
    return gate


def is_stale(gate: dict[str, Any], now: datetime) -> bool:
    """Whether a decision no longer stands: its `expires_at` has come."""
    return now >= datetime.fromisoformat(gate["expires_at"])


def expiry(feature: Feature, day: date) -> datetime:
    """When the decision about a day stops standing: an hour after the next day's is due, in UTC."""
    return feature.decide_at(day + timedelta(days=1)) + GRACE


def ramp_gate_path(feature_name: str) -> Path:
    return data_directory() / "ramp_gate" / f"{feature_name}.json"


_REMEDY = "remove the file and run `prod-evals publish`; until then, do not advance"


def _problem(gate: Any, feature_name: str) -> str | None:
    """What is wrong with a parsed gate file, or None. Words that are not known are never taken for a default."""
    if not isinstance(gate, dict):
        return f"it holds {type(gate).__name__}; it must be an object"
    if gate.get("schema") != SCHEMA:
        return f"schema is {gate.get('schema')!r}; this version reads {SCHEMA}"
    if gate.get("feature") != feature_name:
        return f"feature is {gate.get('feature')!r}; it must be {feature_name!r}"
    if gate.get("decision") not in list(Decision):
        return f"decision is {gate.get('decision')!r}; it must be one of {', '.join(Decision)}"
    for field, kind in (("day", date), ("expires_at", datetime)):
        try:
            moment = kind.fromisoformat(gate[field])
        except (KeyError, TypeError, ValueError):
            return f"{field} is {gate.get(field)!r}; it must be a {kind.__name__}"
        if isinstance(moment, datetime) and moment.tzinfo is None:
            return f"{field} is {gate[field]!r}; it needs an offset"
    return None


def _day_of(feature_name: str) -> date | None:
    """The day of the decision that stands; None when there is none that could be read."""
    try:
        gate = read_ramp_gate(feature_name)
    except RampGateError as error:
        log.warning("writing the gate file anew: %s", error)
        return None
    return date.fromisoformat(gate["day"]) if gate else None


def _issue(
    connection: duckdb.DuckDBPyConnection,
    feature: Feature,
    decided: dict[str, Any],
    issued_at: datetime,
    expires_at: datetime,
) -> str:
    """The id of the decision, appended to gate_log unless it repeats what was issued last."""
    last = _first(lake.run(connection, "publishing/last_issued"))
    content = {
        field: decided[field]
        for field in ("day", "decision", "reason_codes", "from_stage", "to_stage", "policy_hash", "evidence_digest")
    }
    if last is not None and content == {field: last[field] for field in content}:
        return last["decision_id"]
    previous = last["decision_id"] if last else None
    chained = json.dumps([previous, feature.name, _plain(content)], sort_keys=True, ensure_ascii=False)
    decision_id = hashlib.sha256(chained.encode("utf-8")).hexdigest()
    row = content | {
        "previous_decision_id": previous,
        "issued_at": issued_at,
        "expires_at": expires_at,
        "code_version": code_version(),
    }
    lake.write(
        connection,
        "gate_log",
        lake.statement("publishing/issued"),
        row,
        feature=feature.name,
        day=decided["day"],
        decision_id=decision_id,
    )
    return decision_id


def _decision(feature: Feature, decided: dict[str, Any]) -> dict[str, Any]:
    taken = (
        "decision",
        "reason_codes",
        "explanation",
        "from_stage",
        "to_stage",
        "day",
        "window_start",
        "window_end",
        "judged",
        "verdict",
        "baseline_id",
        "rubric_id",
        "policy_hash",
    )
    return {field: decided[field] for field in taken} | {
        "next_steps": next_steps(decided["reason_codes"], feature.name, decided["day"]),
        "schema": SCHEMA,
        "feature": feature.name,
        "flag": feature.ramp.flag,
        "environment": feature.ramp.environment,
        "runbook": feature.ramp.runbook,
        "code_version": code_version(),
    }


def _evidence(connection: duckdb.DuckDBPyConnection, feature: Feature, decided: dict[str, Any]) -> dict[str, Any]:
    rulers = dict_rows(lake.run(connection, "publishing/rulers_of_rubric", rubric_id=decided["rubric_id"]))
    signals = dict_rows(lake.run(connection, "publishing/signals", day=decided["day"]))
    return {
        "judge": {
            # a day that was never judged has no rulers: say who would judge it
            "kind": next((ruler["judge"] for ruler in rulers if ruler["judge"]), feature.judge.kind),
            "model": next((ruler["judge_model"] for ruler in rulers if ruler["judge_model"]), None),
        },
        "ruler_ids": [ruler["ruler_id"] for ruler in rulers],
        "quality": _first(lake.run(connection, "publishing/quality", day=decided["day"])),
        "signals": [
            {
                "name": signal["signal"],
                "value": signal["value"],
                "reference": signal["reference"],
                "limit_low": signal["band_low"],
                "limit": signal["band_high"],
                "status": signal["status"],
            }
            for signal in signals
        ],
    }


def _plain(value: Any) -> Any:
    """A value as strict JSON has it: dates and times in ISO 8601 (UTC), numbers that are none as null."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _first(result: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    return next(iter(dict_rows(result)), None)
