"""What a day's signals are compared with: the feature's forecast and its bands."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pipelines.catalogue.signals import Against, Signal
from pipelines.feature import Feature
from pipelines.ramp.record import stages_of


def yardsticks_of(signals: Sequence[Signal], feature: Feature, day: date) -> dict[str, list[Any]]:
    """What a day's signals are compared with: the parameters of signals.sql, a place for each signal."""
    stage = stages_of(feature).stage_on(day).name
    bands = [feature.bands.of(signal) for signal in signals]
    return {
        "signals": [signal.name for signal in signals],
        "reference_values": [
            band if signal.reference.against is Against.LIMIT else feature.forecast.of(signal, stage)
            for signal, band in zip(signals, bands, strict=True)
        ],
        "bands": bands,
        "against": [signal.reference.against.value for signal in signals],
        "by_stage": [signal.reference.by_stage for signal in signals],
        "harmful": [signal.harmful.value for signal in signals],
    }
