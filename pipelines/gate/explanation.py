"""A reason as a sentence for the person who owns the rollout: what was found, in numbers, and what it waits for."""

from datetime import date
from math import ceil

from pipelines.feature import Uncertainty
from pipelines.gate.evidence import Evidence, JudgeReading, NightState, Quality, Signal, SignalReading
from pipelines.statistics.missing_bounds import SHARE_OF_BAND
from pipelines.statistics.planning import baseline_items_to_tell
from pipelines.statistics.verdict import CONFIDENCE, SMALLEST_CELL

MOST_ITEMS = 20_000  # a forecast beyond is not worth a number

NAMES = {
    Signal.DAILY_COST: "Daily cost",
    Signal.P50_LATENCY: "Median latency",
    Signal.P95_LATENCY: "95th percentile of latency",
    Signal.ERROR_RATE: "Error rate",
    Signal.THUMBS_DOWN: "Thumbs-down rate",
    Signal.REGENERATED: "Regenerate rate",
    Signal.LOGS: "Volume",
}


def night(evidence: Evidence) -> str:
    so_far = f" {_count(evidence.nights, 'night')} of this epoch so far." if evidence.nights else ""
    if evidence.state is NightState.MISSING:
        return f"The night of {evidence.day} is missing: it has not run, or it failed before it read a log.{so_far}"
    return f"The night of {evidence.day} is incomplete: it failed on its way, or judgments are outstanding.{so_far}"


def failed(evidence: Evidence, most: float) -> str:
    return (
        f"The judge failed on {_percent(evidence.failed_share)} of the sampled items, more than the {_percent(most)} "
        "beyond which the others may not speak for them."
    )


def no_data(evidence: Evidence) -> str:
    return f"{evidence.day} has no scored items: nothing to compare with the cold eval."


def no_baseline(evidence: Evidence) -> str:
    if evidence.baseline_id is None:
        return "There is no cold eval to compare with: name one in the feature file's `baseline`."
    return f"The cold eval {evidence.baseline_id} has no scores by the rulers of {evidence.day}: judge it with them."


def too_few_items(quality: Quality) -> str:
    if quality.items < SMALLEST_CELL:
        return f"{_count(quality.items, 'scored item')} in the epoch; a verdict needs {SMALLEST_CELL}."
    return f"The cold eval has {_count(quality.baseline_items, 'scored item')}; a verdict needs {SMALLEST_CELL}."


def not_measured(quality: Quality) -> str:
    return f"Quality over {_count(quality.nights, 'night')} has no interval that could be held against the band."


def below(quality: Quality) -> str:
    return f"{_difference(quality)}: clearly below the {_percent(quality.band)} band."


def within(quality: Quality) -> str:
    if quality.ci_high > quality.band * quality.baseline_mean:
        return f"{_difference(quality)}: clearly not below the {_percent(quality.band)} band."
    return f"{_difference(quality)}: inside the {_percent(quality.band)} band."


def above(quality: Quality) -> str:
    return (
        f"{_difference(quality)}: above the {_percent(quality.band)} band. That does not hold the ramp, but the cold eval "
        "no longer represents production."
    )


def alarm(day: date, quality: Quality) -> str:
    alone = f"{day} alone" if quality.alarm_nights == 1 else f"the last {quality.alarm_nights} nights, to {day}, alone"
    return (
        f"Quality of {alone} is {_percent(abs(quality.alarm_difference or 0))} below {_yardstick(quality)}: "
        f"far below the {_percent(quality.band)} band, and no matter of chance."
    )


def stale(quality: Quality) -> str:
    moved = f"{100 * (quality.standardised_difference or 0) / quality.baseline_mean:+.1f} %"
    return (
        f"{_difference(quality)}, but {moved} on the cold eval's mix of categories: it is production's mix that has "
        "moved, not quality. The eval set is stale; bring its categories up to date."
    )


def judge_drift(reading: JudgeReading) -> str:
    """As in `The judge has drifted, not the product: on 40 anchors it scores tone 0.041 lower than ...`."""
    side = "lower" if reading.difference < 0 else "higher"
    return (
        f"The judge has drifted, not the product: on {_count(reading.anchors, 'anchor')} it scores "
        f"{reading.criterion!r} {abs(reading.difference):.3f} {side} than when the cold eval was judged "
        f"(interval {reading.ci_low:+.3f} to {reading.ci_high:+.3f}, as of {reading.judged_on}). "
        "Promotion is frozen until production and the cold eval are judged alike: a new ruler, by another model or "
        "wording, judges both."
    )


def held_long(evidence: Evidence, nights: int) -> str:
    return (
        f"HELD FOR {nights} DAYS IN A ROW at {evidence.stage}: holding for ever has a cost too. Remove what holds it, "
        "or decide to widen a band, to extend the cold eval, or to go back."
    )


def inconclusive(quality: Quality) -> str:
    return f"{_difference(quality)}, not yet clearly inside the {_percent(quality.band)} band: {_waits_for(quality)}."


def slice_below(quality: Quality) -> str:
    kind = quality.slice_kind.capitalize()
    shown = quality.slice if len(quality.slice) <= 60 else quality.slice[:59] + "…"
    return f"{kind} {shown!r}: {_lower_first(_difference(quality))}, clearly below the {_percent(quality.band)} band."


def more_slices(number: int) -> str:
    return f"{_count(number, 'more slice')} {'is' if number == 1 else 'are'} clearly below the band."


def unhealthy(reading: SignalReading) -> str:
    value, low, high = (
        _in_its_unit(reading.signal, number) for number in (reading.value, reading.band_low, reading.band_high)
    )
    healthy = f"at most {high}" if reading.band_low is None else f"{low} to {high}"
    return f"{NAMES[reading.signal]} is {value}; healthy is {healthy}."


def missing(reading: SignalReading) -> str:
    return f"{NAMES[reading.signal]} could not be measured: no log of the day holds what it is measured from."


def no_signals() -> str:
    return "The day has no signals: cost, latency and errors are unknown."


def too_few_nights(evidence: Evidence, wanted: int) -> str:
    left = wanted - evidence.nights
    return f"{evidence.nights} of {_count(wanted, 'night')} that the stage {evidence.stage} asks for: {left} more."


def final_stage(stage: str) -> str:
    return f"{stage} is the last stage: there is nothing to advance to."


def _difference(quality: Quality) -> str:
    """As in `Quality over 5 nights is 2.1 % below the cold eval (90 % interval -4.9 % to +0.7 %)`."""
    side = "below" if quality.relative_difference < 0 else "above"
    low, high = (100 * (end / quality.baseline_mean) for end in (quality.ci_low, quality.ci_high))
    return (
        f"Quality over {_count(quality.nights, 'night')} is {_percent(abs(quality.relative_difference))} {side} "
        f"{_yardstick(quality)} ({_percent(CONFIDENCE)} interval {low:+.1f} % to {high:+.1f} %{_unjudged(quality)})"
    )


def _unjudged(quality: Quality) -> str:
    if (quality.missing_share or 0) <= SHARE_OF_BAND * quality.band:
        return ""
    return f", whatever the {_percent(quality.missing_share)} of items without a verdict would have scored"


def _yardstick(quality: Quality) -> str:
    fixed = quality.baseline_uncertainty is Uncertainty.FIXED
    return "the cold eval, which is taken as the yardstick itself" if fixed else "the cold eval"


def _waits_for(quality: Quality) -> str:
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


def _in_its_unit(signal: Signal, value: float | None) -> str:
    if value is None:
        return "unknown"
    match signal:
        case Signal.DAILY_COST:
            return f"{value:,.2f} USD"
        case Signal.P50_LATENCY | Signal.P95_LATENCY:
            return f"{value:,.0f} ms"
        case Signal.LOGS:
            return _count(int(value), "log")
        case _:
            return _percent(value)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
