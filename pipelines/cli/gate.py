"""`prod-evals gate`: the decision that stands, as words, as JSON and as an exit code."""

import json
from datetime import date
from enum import IntEnum

import click

from pipelines import clock, lake
from pipelines.catalogue.reasons import next_steps
from pipelines.duckdb_rows import dict_rows
from pipelines.feature import find_feature
from pipelines.gate.policy import Decision
from pipelines.judging.judges import judge_label, label
from pipelines.publishing.ramp_gate import is_stale, read_ramp_gate


class ExitCode(IntEnum):
    """Any other code but 0 means: do not advance. Only 20 means: roll back."""

    ADVANCE = 0
    HOLD = 10
    ROLL_BACK = 20
    NOT_STANDING = 30


EXIT_CODES = {
    Decision.ADVANCE: ExitCode.ADVANCE,
    Decision.HOLD: ExitCode.HOLD,
    Decision.ROLL_BACK: ExitCode.ROLL_BACK,
}


def answer(name: str, day: date | None, as_json: bool, only_roll_back_fails: bool) -> int:
    """Print the decision and return its exit code."""
    decision, code = _decision_about(name, day) if day else _standing_decision(name)
    if as_json:
        click.echo(json.dumps(decision, indent=2, ensure_ascii=False, default=str))
    elif "decision" in decision:
        click.echo(f"{decision['decision']}: {decision['explanation']}")
        for step in decision.get("next_steps", ()):  # a file that an older version wrote has none
            click.echo(f"Next: {step}")
        click.echo(
            f"Scores by {label(**decision['judge']) if 'judge' in decision else judge_label(find_feature(name))}."
        )
        if decision.get("note"):
            click.echo(decision["note"])
    else:
        click.echo(decision["note"])
    if only_roll_back_fails:
        return code if code is ExitCode.ROLL_BACK else ExitCode.ADVANCE
    return code


def _standing_decision(name: str) -> tuple[dict, ExitCode]:
    """What the feature's gate file says, unless it is missing or has expired."""
    gate = read_ramp_gate(name)
    if gate is None:
        find_feature(name)  # a name that is no feature is an error, and not a decision that is missing
        note = f"no decision about {name} has been issued yet; run `prod-evals run {name}`"
        return {"feature": name, "note": note}, ExitCode.NOT_STANDING
    if is_stale(gate, clock.now()):
        note = f"This decision about {gate['day']} expired at {gate['expires_at']}: no night has decided since."
        return {**gate, "stale": True, "note": note}, ExitCode.NOT_STANDING
    return gate, EXIT_CODES[Decision(gate["decision"])]


def _decision_about(name: str, day: date) -> tuple[dict, ExitCode]:
    """What is decided about one day, by what is known now. It is history: it does not expire."""
    find_feature(name)
    with lake.unchanging(name), lake.connect() as connection:
        lake.read(connection, "gate_decisions", feature=name)
        decisions = dict_rows(connection.execute("SELECT * FROM gate_decisions WHERE day = $day", {"day": day}))
    if not decisions:
        return {
            "feature": name,
            "day": day,
            "note": f"there is no decision about {day} of {name}",
        }, ExitCode.NOT_STANDING
    (decision,) = decisions
    decision["next_steps"] = next_steps(decision["reason_codes"], name, day)
    return decision, EXIT_CODES[Decision(decision["decision"])]
