"""Evidence for tests: a healthy night at the stage 5 %, of which each test changes what it is about."""

from dataclasses import replace
from datetime import date

from pipelines.catalogue.signals import signals
from pipelines.feature import ON_QUALITY, Ramp, Uncertainty
from pipelines.gate.evidence import Evidence, JudgeReading, NightState, Quality, SignalReading, SignalStatus
from pipelines.statistics.verdict import Verdict

RAMP = Ramp(
    stages=(
        {"name": "internal", "min_nights": 3},
        {"name": "5%", "min_nights": 5},
        {"name": "100%"},
    ),
    roll_back_on=frozenset({ON_QUALITY, "error_rate"}),
)

# a cold mean of 0.8 and a band of 5 %: the edges are at -0.04 and +0.04
QUALITY = Quality(
    slice_kind="overall",
    slice="all",
    verdict=Verdict.WITHIN,
    baseline_mean=0.8,
    difference=-0.008,
    relative_difference=-0.01,
    ci_low=-0.03,
    ci_high=0.014,
    band=0.05,
    standard_error=0.006,
    baseline_standard_error=0.006,
    baseline_items=600,
    adjusted_p=0.99,
    nights=5,
    items=1000,
    more_nights=None,
    missing_share=0.0,
    standardised_difference=-0.008,
    alarm_difference=None,
    alarm_nights=0,
    alarm=False,
    baseline_uncertainty=Uncertainty.SAMPLED,
)


def reading(signal: str, status: SignalStatus = SignalStatus.HEALTHY, **more) -> SignalReading:
    known = {"value": 0.004, "reference": 0.01, "band_low": None, "band_high": 0.01, "measured_before": True}
    return SignalReading(signal, status=status, **known | more)


SIGNALS = tuple(reading(signal.name) for signal in signals() if signal.band)

HEALTHY = Evidence(
    day=date(2026, 11, 13),
    stage="5%",
    state=NightState.COMPLETE,
    scored=200,
    nights=5,
    judged=1000,
    failed_share=0.0,
    window_start=date(2026, 11, 9),
    window_end=date(2026, 11, 13),
    quality=QUALITY,
    slices=(),
    signals=SIGNALS,
    drifted=(),
    rubric_id="rubric",
    baseline_id="baseline",
)


DRIFTED = JudgeReading("tone", date(2026, 11, 13), anchors=40, difference=-0.041, ci_low=-0.06, ci_high=-0.022)


def night(**changed) -> Evidence:
    return replace(HEALTHY, **changed)


def quality(**changed) -> Quality:
    return replace(QUALITY, **changed)


def with_signal(signal: str, status: SignalStatus, **more) -> tuple[SignalReading, ...]:
    return tuple(reading(signal, status, **more) if each.signal == signal else each for each in SIGNALS)
