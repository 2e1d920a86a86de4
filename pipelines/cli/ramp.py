"""`prod-evals ramp show`: what is recorded, what is decided and what the flag says, side by side."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

import click

from pipelines import clock
from pipelines.cli import terminal
from pipelines.errors import UserError
from pipelines.feature import Feature, find_feature
from pipelines.publishing.ramp_gate import is_stale, read_ramp_gate
from pipelines.ramp.flags.service import FlagState
from pipelines.ramp.record import StageChange, stages_of

SHOWN_DIGITS = 0.005  # shares that differ by less are one: a stage is written as in 33.33%

Part = TypeVar("Part")


class Agreement(StrEnum):
    """Whether the flag gives what the recorded stage says."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


def show_ramp(name: str, as_json: bool) -> int:
    """Print what is known of the ramp. Returns 0; raises UserError, after printing, for parts that cannot be read."""
    feature = find_feature(name)
    errors: dict[str, UserError] = {}

    def known(title: str, part: Callable[[Feature], Part | None]) -> Part | None:
        try:
            return part(feature)
        except UserError as error:  # what else is known is worth the more
            errors[title] = error
            return None

    stage, decision, flag = known("stage", _stage_today), known("decision", _decision), known("flag", _flag_state)
    agreement, sentence = _compare(feature, stage, flag)
    if as_json:
        shown = {
            "feature": name,
            "stage": asdict(stage) if stage else None,
            "decision": decision,
            "flag": _flag_facts(feature) | (asdict(flag) if flag else {}) if feature.flag else None,
            "agreement": agreement,
            "explanation": sentence,
            "errors": {title: str(error) for title, error in errors.items()},
        }
        click.echo(json.dumps(shown, indent=2, default=_text))
    else:
        lines = {
            "stage": _stage_line(stage),
            "decision": _decision_line(name, decision),
            "flag": _flag_line(feature, flag),
            "agreement": f"{agreement}: {sentence}",
        }
        for title, line in lines.items():
            shown_line = "not known, for the error below" if title in errors else line
            terminal.console.print(terminal.plain(f"{title + ':':<11}{shown_line}"), soft_wrap=True)
    if errors:
        raise UserError("\n".join(map(str, errors.values())))
    return 0


def _stage_today(feature: Feature) -> StageChange | None:
    """The change that today's stage rests on; before any change, None."""
    return stages_of(feature).change_on(clock.now().astimezone(feature.zone).date())


def _decision(feature: Feature) -> dict[str, Any] | None:
    """What the gate's file says, and whether that has expired; None where nothing has been decided."""
    gate = read_ramp_gate(feature.name)
    if gate is None:
        return None
    fields = ("decision", "decision_id", "day", "from_stage", "to_stage", "explanation", "expires_at")
    return {field: gate.get(field) for field in fields} | {"expired": is_stale(gate, clock.now())}


def _flag_state(feature: Feature) -> FlagState | None:
    """What the flag says; None where the feature file does not say where it is kept."""
    return feature.flag.service_for(feature).state() if feature.flag else None


def _flag_facts(feature: Feature) -> dict[str, Any]:
    service = feature.flag.service if feature.flag else None
    return {"key": feature.ramp.flag, "environment": feature.ramp.environment, "service": service}


def _compare(feature: Feature, stage: StageChange | None, flag: FlagState | None) -> tuple[Agreement, str]:
    """Whether the flag gives what is recorded, and a sentence that says so."""
    if feature.flag is None:
        return Agreement.UNKNOWN, "the feature file has no section `flag`, so the flag is not read"
    if flag is None:
        return Agreement.UNKNOWN, "what the flag says is not known"
    if stage is None:
        return Agreement.UNKNOWN, "what stage is recorded for today is not known"
    recorded = _percentage(stage.stage)
    if recorded is None:
        return Agreement.UNKNOWN, f"the stage {stage.stage} is no percentage that a share could be compared with"
    if math.isclose(flag.share, recorded, rel_tol=0, abs_tol=SHOWN_DIGITS):
        return Agreement.AGREES, f"the flag gives {_share(flag)}, as the record says"
    return Agreement.DIFFERS, f"the flag gives {_share(flag)} and the record says {stage.stage}"


def _percentage(stage: str) -> float | None:
    """The share that a stage is named by, as in `5%`; None for another name."""
    written = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?%", stage)
    return float(written[1]) if written and float(written[1]) <= 100 else None


def _stage_line(change: StageChange | None) -> str:
    if change is None:
        return "none is recorded for today"
    if change.recorded_at is None:
        return f"{change.stage} since {change.from_day}, by {change.actor} ({change.reason}); the next night records it"
    when = change.recorded_at.astimezone(UTC)
    return f"{change.stage} since {change.from_day}, recorded by {change.actor} at {when:%Y-%m-%d %H:%M} UTC ({change.reason})"


def _decision_line(name: str, decision: dict[str, Any] | None) -> str:
    if decision is None:
        return f"none has been issued yet; run `prod-evals run {name}`"
    about = f"{decision['decision']} about {decision['day']}, at the stage {decision['from_stage']}"
    if decision["expired"]:
        return f"none stands: the last, {about}, expired at {decision['expires_at']}"
    return f"{about}, until {decision['expires_at']}: {decision['explanation']}"


def _flag_line(feature: Feature, flag: FlagState | None) -> str:
    if flag is None:
        return "not known: add a section `flag` to the feature file (features/_example.yaml shows it)"
    facts = _flag_facts(feature)
    named = f"{facts['key']} ({facts['environment']}, {facts['service']})"
    if not flag.on:
        return f"{named} is off"
    apart = " but for those whom its rules name" if flag.named_apart else ""
    return f"{named} is on, for {_share(flag)} of users{apart}"


def _share(flag: FlagState) -> str:
    return f"{flag.share:.4g} %"


def _text(value: date | datetime) -> str:
    return value.isoformat()
