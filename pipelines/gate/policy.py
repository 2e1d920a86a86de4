"""The gate: what is known about a day, composed into advance, hold or roll back.

Small classifiers look at one kind of evidence each and give reasons out of a closed set; `decide` only composes them. It
fails closed: what is missing, failed, incomplete, too little or no number holds. A ramp advances when quality over the
epoch is clearly not below the band, over enough nights, with no signal unhealthy. It rolls back on a measured breach of
what `ramp.roll_back_on` lists, and on nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pipelines.catalogue import reasons
from pipelines.catalogue.reasons import Effect, Reason
from pipelines.catalogue.signals import Signal, by_name
from pipelines.catalogue.signals import signals as built_in_signals
from pipelines.feature import ON_QUALITY, Feature, Ramp, Stage
from pipelines.gate import explanation
from pipelines.gate.evidence import Evidence, MeasuredQuality, NightState, Quality, SignalReading, SignalStatus
from pipelines.statistics.alarm import ALPHA as ALARM_ALPHA
from pipelines.statistics.confidence_sequence import ALPHA
from pipelines.statistics.verdict import SMALLEST_CELL, Verdict

RULES = 4  # raised when the rules below change, so that policy_hash tells
OFF = "off"  # where the first stage rolls back to
SLICES_THAT_HOLD = ("category", "cohort")
SLICES_NAMED = 3
LONG_HELD = 4  # nights of hold beyond what the stage asks for (a week in all where that is 3), then said loudly
MOST_FAILED = 0.05  # share of sampled items without a score; with more, what was scored may not speak for the rest


class Decision(StrEnum):
    ADVANCE = "advance"
    HOLD = "hold"
    ROLL_BACK = "roll_back"


@dataclass(frozen=True)
class GivenReason:
    """A reason that a classifier gives of a day: what it asks for there, and the facts of its sentence.

    Raises ValueError for an effect that the catalogue does not allow it.
    """

    reason: Reason
    effect: Effect
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.effect not in self.reason.effects:
            raise ValueError(f"{self.reason.code} never {self.effect.name.lower()}")

    @property
    def sentence(self) -> str:
        return self.reason.sentence.format(**self.facts)


@dataclass(frozen=True)
class GateDecision:
    """A decision and its reasons, the deciding one first."""

    decision: Decision
    reasons: tuple[GivenReason, ...]
    from_stage: str
    to_stage: str

    @property
    def reason_codes(self) -> list[str]:
        return list(dict.fromkeys(given.reason.code for given in self.reasons))

    @property
    def explanation(self) -> str:
        return " ".join(given.sentence for given in self.reasons)


def decide(evidence: Evidence, ramp: Ramp, held: int = 0, signals: Iterable[Signal] | None = None) -> GateDecision:
    """Compose what the classifiers say about a day into one decision.

    `held` days of the stage before it were holds; `signals` are the feature's (`signals_of`), by default those that all
    features have.
    """
    stage = next(stage for stage in ramp.stages if stage.name == evidence.stage)
    given = list(_reasons(evidence, ramp, stage, by_name(built_in_signals() if signals is None else signals)))
    if min(reason.effect for reason in given) is Effect.HOLDS and stage != ramp.stages[-1]:
        given += held_long(evidence, stage, held + 1)
    given.sort(key=lambda reason: reason.effect)
    decision = {
        Effect.ROLLS_BACK: Decision.ROLL_BACK,
        Effect.HOLDS: Decision.HOLD,
        Effect.ALLOWS: Decision.ADVANCE,
    }[given[0].effect]
    return GateDecision(decision, tuple(given), stage.name, _to_stage(decision, ramp, stage))


def rules(feature: Feature) -> dict[str, Any]:
    """All that decides besides the evidence: what `policy_hash` is the hash of."""
    return {
        "rules": RULES,
        "stages": [stage.model_dump() for stage in feature.ramp.stages],
        "roll_back_on": sorted(feature.ramp.roll_back_on),
        "bands": feature.bands.model_dump(),
        "most_failed": MOST_FAILED,
        "alpha": ALPHA,
        "alarm_alpha": ALARM_ALPHA,
        "long_held": LONG_HELD,
    }


def _reasons(evidence: Evidence, ramp: Ramp, stage: Stage, signals: Mapping[str, Signal]) -> Iterator[GivenReason]:
    """What every classifier says. Of a night that is not complete, only a signal that was measured counts besides."""
    if evidence.state is not NightState.COMPLETE:
        yield night_reason(evidence)
        yield from unhealthy_signals(evidence.signals, signals, ramp.roll_back_on)
        return
    # a judge that has drifted measures no breach
    rolls_back = ON_QUALITY in ramp.roll_back_on and not evidence.drifted
    yield from judge_drift(evidence)
    yield quality_reason(evidence, rolls_back)
    yield from quality_alarm(evidence, rolls_back)
    yield from slices_below(evidence.slices)
    yield from unhealthy_signals(evidence.signals, signals, ramp.roll_back_on)
    yield from missing_signals(evidence.signals, signals)
    if stage == ramp.stages[-1]:
        yield final_stage(stage)
    else:
        yield from too_few_nights(evidence, stage)


def night_reason(evidence: Evidence) -> GivenReason:
    """A night that failed or is not over is a hold, whatever came before it."""
    missing = evidence.state is NightState.MISSING
    return _holds(reasons.DAY_MISSING if missing else reasons.DAY_INCOMPLETE, explanation.night(evidence))


def quality_reason(evidence: Evidence, rolls_back: bool) -> GivenReason:
    """The overall score over the epoch. Only the lower edge decides: better than the cold eval is no reason to hold."""
    quality = evidence.quality
    if evidence.failed_share > MOST_FAILED:
        return _holds(reasons.JUDGMENTS_FAILED, explanation.failed(evidence, MOST_FAILED))
    if quality is None or not evidence.scored or quality.verdict is Verdict.NO_DATA:
        return _holds(reasons.NO_DATA, {"day": str(evidence.day)})
    if quality.verdict is Verdict.NO_BASELINE:
        has_cold_eval = evidence.baseline_id is not None
        return _holds(
            reasons.BASELINE_NOT_JUDGED if has_cold_eval else reasons.NO_BASELINE, explanation.baseline(evidence)
        )
    if quality.verdict is Verdict.SMALL_CELL:
        if quality.items < SMALLEST_CELL:
            return _holds(reasons.TOO_FEW_ITEMS, explanation.items(quality.items))
        return _holds(reasons.TOO_FEW_COLD_ITEMS, explanation.items(quality.baseline_items))
    measured = quality.measured
    if measured is None:
        return _holds(reasons.NOT_MEASURED, explanation.nights_of(quality))
    match measured.verdict:
        case Verdict.BELOW:
            return GivenReason(reasons.QUALITY_BELOW_BAND, _breach(rolls_back), explanation.against_band(measured))
        case Verdict.STALE_EVAL_SET:
            return _holds(reasons.STALE_EVAL_SET, explanation.on_cold_mix(measured))
        case Verdict.ABOVE if _clears_lower_edge(measured):
            return GivenReason(reasons.QUALITY_ABOVE_BAND, Effect.ALLOWS, explanation.against_band(measured))
        case Verdict.WITHIN | Verdict.INCONCLUSIVE if _clears_lower_edge(measured):
            inside = measured.ci_high <= measured.band * measured.baseline_mean
            reason = reasons.WITHIN_BAND if inside else reasons.CLEAR_OF_LOWER_EDGE
            return GivenReason(reason, Effect.ALLOWS, explanation.against_band(measured))
        case _:
            return _holds(reasons.QUALITY_INCONCLUSIVE, explanation.waiting(measured))


def quality_alarm(evidence: Evidence, rolls_back: bool) -> Iterator[GivenReason]:
    """The last nights alone, far below the band: a sudden breach, which the mean of all nights would show much later."""
    measured = evidence.quality.measured if evidence.quality else None
    if measured is not None and measured.alarm and evidence.failed_share <= MOST_FAILED:
        yield GivenReason(reasons.QUALITY_ALARM, _breach(rolls_back), explanation.alarm(evidence, measured))


def judge_drift(evidence: Evidence) -> Iterator[GivenReason]:
    """A judge that has drifted freezes promotion: what it says of production no longer compares with the cold eval."""
    for reading in evidence.drifted:
        yield _holds(reasons.JUDGE_DRIFT, explanation.judge_drift(reading))


def slices_below(slices: Sequence[Quality]) -> Iterator[GivenReason]:
    """Categories and cohorts below the band after Holm's adjustment, while the whole may not be; the lowest are named,
    the others counted. Locales and models inform: they mostly cut the same logs once more."""
    below = [
        measured
        for measured in (quality.measured for quality in slices if quality.slice_kind in SLICES_THAT_HOLD)
        if measured is not None
        and measured.verdict is Verdict.BELOW
        and measured.adjusted_p is not None
        and measured.adjusted_p <= ALPHA
    ]
    below.sort(key=lambda quality: (quality.relative_difference, quality.slice_kind, quality.slice))
    for quality in below[:SLICES_NAMED]:
        yield _holds(reasons.SLICE_BELOW_BAND, explanation.slice_below(quality))
    if len(below) > SLICES_NAMED:
        yield _holds(reasons.MORE_SLICES_BELOW, explanation.more_slices(len(below) - SLICES_NAMED))


def unhealthy_signals(
    readings: Sequence[SignalReading], signals: Mapping[str, Signal], roll_back_on: frozenset[str]
) -> Iterator[GivenReason]:
    """A signal of the whole feature outside its band on the harmful side."""
    for reading in readings:
        if reading.status is SignalStatus.UNHEALTHY:
            signal = signals[reading.signal]
            facts = explanation.reading_of(signal, reading)
            yield GivenReason(reasons.SIGNAL_UNHEALTHY, _breach(signal.trigger in roll_back_on), facts)


def missing_signals(readings: Sequence[SignalReading], signals: Mapping[str, Signal]) -> Iterator[GivenReason]:
    """A signal that is owed and was not measured: one with a forecast, or one that was measured on an earlier day.

    Rates have a limit by default; a feature that has never logged feedback is not asked for it.
    """
    if not readings:
        yield _holds(reasons.NO_SIGNALS)
    for reading in readings:
        signal = signals[reading.signal]
        owed = reading.reference is not None and (signal.has_forecast or reading.measured_before)
        if reading.status is SignalStatus.MISSING and owed:
            yield _holds(reasons.SIGNAL_MISSING, explanation.reading_of(signal, reading))


def too_few_nights(evidence: Evidence, stage: Stage) -> Iterator[GivenReason]:
    """Nights of this stage's epoch that have scores, against what the stage asks for."""
    if evidence.nights < stage.min_nights:
        yield _holds(reasons.TOO_FEW_NIGHTS, explanation.too_few_nights(evidence, stage.min_nights))


def held_long(evidence: Evidence, stage: Stage, nights: int) -> Iterator[GivenReason]:
    """Holding for ever has a cost too: several nights beyond what the stage asks for are said loudly."""
    if nights >= stage.min_nights + LONG_HELD:
        yield _holds(reasons.HELD_LONG, explanation.held_long(evidence, nights))


def final_stage(stage: Stage) -> GivenReason:
    """At the last stage there is nothing to advance to, and so no nights to wait for."""
    return _holds(reasons.AT_FINAL_STAGE, {"stage": stage.name})


def _holds(reason: Reason, facts: Mapping[str, str] | None = None) -> GivenReason:
    return GivenReason(reason, Effect.HOLDS, facts or {})


def _breach(rolls_back: bool) -> Effect:
    return Effect.ROLLS_BACK if rolls_back else Effect.HOLDS


def _clears_lower_edge(quality: MeasuredQuality) -> bool:
    """Whether the whole interval is above the band's lower edge."""
    return quality.ci_low >= -quality.band * quality.baseline_mean


def _to_stage(decision: Decision, ramp: Ramp, stage: Stage) -> str:
    """One stage up or down; from the first stage down is `off`."""
    place = ramp.stages.index(stage)
    if decision is Decision.ADVANCE:
        return ramp.stages[place + 1].name
    if decision is Decision.ROLL_BACK:
        return ramp.stages[place - 1].name if place else OFF
    return stage.name
