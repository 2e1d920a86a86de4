"""A reason as a sentence for the person who owns the rollout: what was found, in numbers, and what it waits for."""

from math import ceil, isfinite

from pipelines.gate.evidence import Evidence, NightState, Quality, Signal, SignalReading
from pipelines.statistics.planning import baseline_items_to_tell, nights_to_tell
from pipelines.statistics.verdict import CONFIDENCE, SMALLEST_CELL, Z_INTERVAL

MOST_NIGHTS, MOST_ITEMS = 60, 20_000  # a forecast beyond is not worth a number

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
    """As in `Quality over 5 nights is 2.1 % below the cold eval (99 % interval -4.9 % to +0.7 %)`."""
    side = "below" if quality.relative_difference < 0 else "above"
    low, high = (end / quality.baseline_mean for end in (quality.ci_low, quality.ci_high))
    return (
        f"Quality over {_count(quality.nights, 'night')} is {_percent(abs(quality.relative_difference))} {side} the cold eval "
        f"({_percent(CONFIDENCE)} interval {100 * low:+.1f} % to {100 * high:+.1f} %)"
    )


def _waits_for(quality: Quality) -> str:
    """What would tell on which side of the band's lower edge quality is, should the means stay as they are."""
    distance = quality.difference + quality.band * quality.baseline_mean
    error, baseline_error = quality.standard_error, quality.baseline_standard_error
    nights = nights_to_tell(distance, error, quality.nights, baseline_error, Z_INTERVAL)
    items = baseline_items_to_tell(distance, baseline_error, quality.baseline_items, Z_INTERVAL)
    if nights <= quality.nights + MOST_NIGHTS:
        return f"about {_count(max(1, ceil(nights - quality.nights)), 'more night')} would tell"
    if not isfinite(nights) and items <= MOST_ITEMS:
        return (
            f"undecidable with a cold eval of {_count(quality.baseline_items, 'item')}; "
            f"at this difference it takes more than {ceil(items):,}"
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
