"""What is known about a day in the phrases that a reason's sentence is made of: counts, percents, differences.

Each function gives the facts of a kind of reason; catalogue/reasons.py has the sentences.
"""

from math import ceil

from pipelines.catalogue.signals import Signal, Unit
from pipelines.feature import Uncertainty
from pipelines.gate.evidence import Evidence, JudgeReading, MeasuredQuality, Quality, SignalReading
from pipelines.statistics.missing_bounds import SHARE_OF_BAND
from pipelines.statistics.planning import baseline_items_to_tell
from pipelines.statistics.verdict import CONFIDENCE, SMALLEST_CELL

MOST_ITEMS = 20_000  # a forecast beyond is not worth a number

Facts = dict[str, str]


def night(evidence: Evidence) -> Facts:
    so_far = f" {_count(evidence.nights, 'night')} of this epoch so far." if evidence.nights else ""
    return {"day": str(evidence.day), "so_far": so_far}


def failed(evidence: Evidence, most: float) -> Facts:
    return {"failed_share": _percent(evidence.failed_share), "most": _percent(most)}


def baseline(evidence: Evidence) -> Facts:
    return {"day": str(evidence.day), "baseline_id": str(evidence.baseline_id)}


def items(number: int) -> Facts:
    """How many items are scored on one side, and how many a verdict needs."""
    return {"items": _count(number, "scored item"), "needed": str(SMALLEST_CELL)}


def nights_of(quality: Quality) -> Facts:
    return {"nights": _count(quality.nights, "night")}


def against_band(quality: MeasuredQuality) -> Facts:
    return {"difference": _difference(quality), "band": _percent(quality.band)}


def waiting(quality: MeasuredQuality) -> Facts:
    return against_band(quality) | {"waits_for": _waits_for(quality)}


def on_cold_mix(quality: MeasuredQuality) -> Facts:
    moved = f"{100 * (quality.standardised_difference or 0) / quality.baseline_mean:+.1f} %"
    return against_band(quality) | {"on_cold_mix": moved}


def alarm(evidence: Evidence, quality: MeasuredQuality) -> Facts:
    alone = f"{evidence.day} alone"
    if quality.alarm_nights != 1:
        alone = f"the last {quality.alarm_nights} nights, to {evidence.day}, alone"
    return {
        "nights": alone,
        "drop": _percent(abs(quality.alarm_difference or 0)),
        "yardstick": _yardstick(quality),
        "band": _percent(quality.band),
    }


def judge_drift(reading: JudgeReading) -> Facts:
    """As in `on 40 anchors it scores 'tone' 0.041 lower than ...`."""
    shift = "otherwise"
    if reading.difference is not None:
        shift = f"{abs(reading.difference):.3f} {'lower' if reading.difference < 0 else 'higher'}"
    return {
        "anchors": _count(reading.anchors, "anchor"),
        "criterion": repr(reading.criterion),
        "shift": shift,
        "low": _points(reading.ci_low),
        "high": _points(reading.ci_high),
        "judged_on": str(reading.judged_on),
    }


def held_long(evidence: Evidence, nights: int) -> Facts:
    return {"nights": str(nights), "stage": evidence.stage}


def slice_below(quality: MeasuredQuality) -> Facts:
    kind = quality.slice_kind.capitalize()
    shown = quality.slice if len(quality.slice) <= 60 else quality.slice[:59] + "…"
    facts = against_band(quality)
    return facts | {"slice": f"{kind} {shown!r}", "difference": _lower_first(facts["difference"])}


def more_slices(number: int) -> Facts:
    return {"more_slices": f"{_count(number, 'more slice')} {'is' if number == 1 else 'are'}"}


def reading_of(signal: Signal, reading: SignalReading) -> Facts:
    """A signal beside what is healthy: at most, at least, or between two values in its unit."""
    value, low, high = (
        _in_its_unit(signal.unit, number) for number in (reading.value, reading.band_low, reading.band_high)
    )
    healthy = f"{low} to {high}"
    if reading.band_low is None:
        healthy = f"at most {high}"
    elif reading.band_high is None:
        healthy = f"at least {low}"
    return {"signal": signal.title, "value": value, "healthy": healthy}


def too_few_nights(evidence: Evidence, wanted: int) -> Facts:
    return {
        "nights": str(evidence.nights),
        "wanted": _count(wanted, "night"),
        "stage": evidence.stage,
        "left": str(wanted - evidence.nights),
    }


def _difference(quality: MeasuredQuality) -> str:
    """As in `Quality over 5 nights is 2.1 % below the cold eval (90 % interval -4.9 % to +0.7 %)`."""
    side = "below" if quality.relative_difference < 0 else "above"
    low, high = (100 * (end / quality.baseline_mean) for end in (quality.ci_low, quality.ci_high))
    return (
        f"Quality over {_count(quality.nights, 'night')} is {_percent(abs(quality.relative_difference))} {side} "
        f"{_yardstick(quality)} ({_percent(CONFIDENCE)} interval {low:+.1f} % to {high:+.1f} %{_unjudged(quality)})"
    )


def _unjudged(quality: MeasuredQuality) -> str:
    share = quality.missing_share or 0
    if share <= SHARE_OF_BAND * quality.band:
        return ""
    return f", whatever the {_percent(share)} of items without a verdict would have scored"


def _yardstick(quality: Quality) -> str:
    fixed = quality.baseline_uncertainty is Uncertainty.FIXED
    return "the cold eval, which is taken as the yardstick itself" if fixed else "the cold eval"


def _waits_for(quality: MeasuredQuality) -> str:
    """What would tell on which side of the band's lower edge quality is, should the means stay as they are."""
    if quality.more_nights is not None:
        return f"about {_count(max(1, quality.more_nights), 'more night')} would tell"
    multiple = 1 - quality.band
    distance = quality.difference + quality.band * quality.baseline_mean
    variance, items = quality.baseline_standard_error**2, quality.baseline_items
    needed = float(baseline_items_to_tell(distance, multiple, variance, items))
    if items <= needed <= MOST_ITEMS:
        return (
            f"undecidable with a cold eval of {_count(items, 'item')}; "
            f"at this difference it takes more than {ceil(needed):,}"
        )
    return "the difference is too close to the band's edge for nights to tell"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def _points(value: float | None) -> str:
    return "unknown" if value is None else f"{value:+.3f}"


def _in_its_unit(unit: Unit, value: float | None) -> str:
    if value is None:
        return "unknown"
    match unit:
        case Unit.USD:
            return f"{value:,.2f} USD"
        case Unit.MS:
            return f"{value:,.0f} ms"
        case Unit.SHARE:
            return _percent(value)
        case Unit.COUNT:
            return f"{value:,.0f}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
