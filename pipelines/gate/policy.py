"""The gate: what is known about a day, composed into advance, hold or roll back.

Small classifiers look at one kind of evidence each and give reasons out of a closed set; `decide` only composes them. It
fails closed: what is missing, failed, incomplete, too little or no number holds. A ramp advances when quality over the
epoch is clearly not below the band, over enough nights, with no signal unhealthy. It rolls back on a measured breach of
what `ramp.roll_back_on` lists, and on nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from pipelines.feature import Feature, Ramp, RollBackTrigger, Stage
from pipelines.gate import explanation
from pipelines.gate.evidence import Evidence, NightState, Quality, Signal, SignalReading, SignalStatus
from pipelines.statistics.alarm import ALPHA as ALARM_ALPHA
from pipelines.statistics.confidence_sequence import ALPHA
from pipelines.statistics.verdict import Verdict

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


class ReasonCode(StrEnum):
    """Why. Readers outside this repository depend on the words."""

    WITHIN_BAND = "within_band"
    AT_FINAL_STAGE = "at_final_stage"
    QUALITY_BELOW_BAND = "quality_below_band"
    QUALITY_ALARM = "quality_alarm"
    SLICE_BELOW_BAND = "slice_below_band"
    QUALITY_ABOVE_BAND = "quality_above_band"
    QUALITY_INCONCLUSIVE = "quality_inconclusive"
    STALE_EVAL_SET = "stale_eval_set"
    JUDGE_DRIFT = "judge_drift"
    TOO_FEW_NIGHTS = "too_few_nights"
    TOO_FEW_ITEMS = "too_few_items"
    SIGNAL_UNHEALTHY = "signal_unhealthy"
    SIGNAL_MISSING = "signal_missing"
    NO_BASELINE = "no_baseline"
    NO_DATA = "no_data"
    DAY_MISSING = "day_missing"
    DAY_INCOMPLETE = "day_incomplete"
    JUDGMENTS_FAILED = "judgments_failed"
    HELD_LONG = "held_long"


class Effect(IntEnum):
    """What a reason asks for; of several, the first of this order decides."""

    ROLLS_BACK = 0
    HOLDS = 1
    ALLOWS = 2


@dataclass(frozen=True)
class Reason:
    code: ReasonCode
    effect: Effect
    sentence: str


@dataclass(frozen=True)
class GateDecision:
    """A decision and its reasons, the deciding one first."""

    decision: Decision
    reasons: tuple[Reason, ...]
    from_stage: str
    to_stage: str

    @property
    def reason_codes(self) -> list[str]:
        return list(dict.fromkeys(reason.code.value for reason in self.reasons))

    @property
    def explanation(self) -> str:
        return " ".join(reason.sentence for reason in self.reasons)


def decide(evidence: Evidence, ramp: Ramp, held: int = 0) -> GateDecision:
    """Compose what the classifiers say about a day into one decision; `held` days of the stage before it were holds."""
    stage = next(stage for stage in ramp.stages if stage.name == evidence.stage)
    reasons = list(_reasons(evidence, ramp, stage))
    if min(reason.effect for reason in reasons) is Effect.HOLDS and stage != ramp.stages[-1]:
        reasons += held_long(evidence, stage, held + 1)
    reasons.sort(key=lambda reason: reason.effect)
    decision = {
        Effect.ROLLS_BACK: Decision.ROLL_BACK,
        Effect.HOLDS: Decision.HOLD,
        Effect.ALLOWS: Decision.ADVANCE,
    }[reasons[0].effect]
    return GateDecision(decision, tuple(reasons), stage.name, _to_stage(decision, ramp, stage))


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


TRIGGERS = {
    Signal.DAILY_COST: RollBackTrigger.DAILY_COST,
    Signal.P50_LATENCY: RollBackTrigger.LATENCY,
    Signal.P95_LATENCY: RollBackTrigger.LATENCY,
    Signal.ERROR_RATE: RollBackTrigger.ERROR_RATE,
    Signal.THUMBS_DOWN: RollBackTrigger.THUMBS_DOWN,
    Signal.REGENERATED: RollBackTrigger.REGENERATED,
}
FORECAST = (Signal.DAILY_COST, Signal.P50_LATENCY, Signal.P95_LATENCY)


def _reasons(evidence: Evidence, ramp: Ramp, stage: Stage) -> Iterator[Reason]:
    """What every classifier says. Of a night that is not complete, only a signal that was measured counts besides."""
    if evidence.state is not NightState.COMPLETE:
        yield night_reason(evidence)
        yield from unhealthy_signals(evidence.signals, ramp.roll_back_on)
        return
    # a judge that has drifted measures no breach
    rolls_back = RollBackTrigger.QUALITY in ramp.roll_back_on and not evidence.drifted
    yield from judge_drift(evidence)
    yield quality_reason(evidence, rolls_back)
    yield from quality_alarm(evidence, rolls_back)
    yield from slices_below(evidence.slices)
    yield from unhealthy_signals(evidence.signals, ramp.roll_back_on)
    yield from missing_signals(evidence.signals)
    if stage == ramp.stages[-1]:
        yield final_stage(stage)
    else:
        yield from too_few_nights(evidence, stage)


def night_reason(evidence: Evidence) -> Reason:
    """A night that failed or is not over is a hold, whatever came before it."""
    code = ReasonCode.DAY_MISSING if evidence.state is NightState.MISSING else ReasonCode.DAY_INCOMPLETE
    return Reason(code, Effect.HOLDS, explanation.night(evidence))


def quality_reason(evidence: Evidence, rolls_back: bool) -> Reason:
    """The overall score over the epoch. Only the lower edge decides: better than the cold eval is no reason to hold."""
    quality = evidence.quality
    if evidence.failed_share > MOST_FAILED:
        return Reason(ReasonCode.JUDGMENTS_FAILED, Effect.HOLDS, explanation.failed(evidence, MOST_FAILED))
    if quality is None or not evidence.scored:
        return Reason(ReasonCode.NO_DATA, Effect.HOLDS, explanation.no_data(evidence))
    match quality.verdict:
        case Verdict.NO_DATA:
            return Reason(ReasonCode.NO_DATA, Effect.HOLDS, explanation.no_data(evidence))
        case Verdict.NO_BASELINE:
            return Reason(ReasonCode.NO_BASELINE, Effect.HOLDS, explanation.no_baseline(evidence))
        case Verdict.SMALL_CELL:
            return Reason(ReasonCode.TOO_FEW_ITEMS, Effect.HOLDS, explanation.too_few_items(quality))
        case _ if not quality.is_measured:
            return Reason(ReasonCode.QUALITY_INCONCLUSIVE, Effect.HOLDS, explanation.not_measured(quality))
        case Verdict.BELOW:
            effect = Effect.ROLLS_BACK if rolls_back else Effect.HOLDS
            return Reason(ReasonCode.QUALITY_BELOW_BAND, effect, explanation.below(quality))
        case Verdict.STALE_EVAL_SET:
            return Reason(ReasonCode.STALE_EVAL_SET, Effect.HOLDS, explanation.stale(quality))
        case Verdict.ABOVE if _clears_lower_edge(quality):
            return Reason(ReasonCode.QUALITY_ABOVE_BAND, Effect.ALLOWS, explanation.above(quality))
        case Verdict.WITHIN | Verdict.INCONCLUSIVE if _clears_lower_edge(quality):
            return Reason(ReasonCode.WITHIN_BAND, Effect.ALLOWS, explanation.within(quality))
        case _:
            return Reason(ReasonCode.QUALITY_INCONCLUSIVE, Effect.HOLDS, explanation.inconclusive(quality))


def quality_alarm(evidence: Evidence, rolls_back: bool) -> Iterator[Reason]:
    """The last nights alone, far below the band: a sudden breach, which the mean of all nights would show much later."""
    quality = evidence.quality
    if quality is None or not quality.alarm or not quality.is_measured or evidence.failed_share > MOST_FAILED:
        return
    effect = Effect.ROLLS_BACK if rolls_back else Effect.HOLDS
    yield Reason(ReasonCode.QUALITY_ALARM, effect, explanation.alarm(evidence.day, quality))


def judge_drift(evidence: Evidence) -> Iterator[Reason]:
    """A judge that has drifted freezes promotion: what it says of production no longer compares with the cold eval."""
    for reading in evidence.drifted:
        yield Reason(ReasonCode.JUDGE_DRIFT, Effect.HOLDS, explanation.judge_drift(reading))


def slices_below(slices: Sequence[Quality]) -> Iterator[Reason]:
    """Categories and cohorts below the band after Holm's adjustment, while the whole may not be; the lowest are named,
    the others counted. Locales and models inform: they mostly cut the same logs once more."""
    below = [
        quality
        for quality in slices
        if quality.slice_kind in SLICES_THAT_HOLD
        and quality.verdict is Verdict.BELOW
        and quality.is_measured
        and quality.adjusted_p is not None
        and quality.adjusted_p <= ALPHA
    ]
    below.sort(key=lambda quality: (quality.relative_difference, quality.slice_kind, quality.slice))
    sentences = [explanation.slice_below(quality) for quality in below[:SLICES_NAMED]]
    if len(below) > SLICES_NAMED:
        sentences.append(explanation.more_slices(len(below) - SLICES_NAMED))
    for sentence in sentences:
        yield Reason(ReasonCode.SLICE_BELOW_BAND, Effect.HOLDS, sentence)


def unhealthy_signals(signals: Sequence[SignalReading], roll_back_on: frozenset[RollBackTrigger]) -> Iterator[Reason]:
    """A signal of the whole feature outside its band on the harmful side."""
    for reading in signals:
        if reading.status is SignalStatus.UNHEALTHY:
            effect = Effect.ROLLS_BACK if TRIGGERS.get(reading.signal) in roll_back_on else Effect.HOLDS
            yield Reason(ReasonCode.SIGNAL_UNHEALTHY, effect, explanation.unhealthy(reading))


def missing_signals(signals: Sequence[SignalReading]) -> Iterator[Reason]:
    """A signal that is owed and was not measured: one with a forecast, or one that was measured on an earlier day.

    Rates have a limit by default; a feature that has never logged feedback is not asked for it.
    """
    if not signals:
        yield Reason(ReasonCode.SIGNAL_MISSING, Effect.HOLDS, explanation.no_signals())
    for reading in signals:
        owed = reading.reference is not None and (reading.signal in FORECAST or reading.measured_before)
        if reading.status is SignalStatus.MISSING and owed:
            yield Reason(ReasonCode.SIGNAL_MISSING, Effect.HOLDS, explanation.missing(reading))


def too_few_nights(evidence: Evidence, stage: Stage) -> Iterator[Reason]:
    """Nights of this stage's epoch that have scores, against what the stage asks for."""
    if evidence.nights < stage.min_nights:
        sentence = explanation.too_few_nights(evidence, stage.min_nights)
        yield Reason(ReasonCode.TOO_FEW_NIGHTS, Effect.HOLDS, sentence)


def held_long(evidence: Evidence, stage: Stage, nights: int) -> Iterator[Reason]:
    """Holding for ever has a cost too: several nights beyond what the stage asks for are said loudly."""
    if nights >= stage.min_nights + LONG_HELD:
        yield Reason(ReasonCode.HELD_LONG, Effect.HOLDS, explanation.held_long(evidence, nights))


def final_stage(stage: Stage) -> Reason:
    """At the last stage there is nothing to advance to, and so no nights to wait for."""
    return Reason(ReasonCode.AT_FINAL_STAGE, Effect.HOLDS, explanation.final_stage(stage.name))


def _clears_lower_edge(quality: Quality) -> bool:
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
