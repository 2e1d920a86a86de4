"""signals: what a day's full log is watched for, without sampling, against the feature's forecast and bands."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.catalogue.signals import Against, Signal, measurement
from pipelines.feature import Feature, signals_of
from pipelines.ramp.record import stages_of


def signals_asset(feature: Feature) -> dg.AssetsDefinition:
    return day_asset(
        feature,
        ["signals"],
        make_signals,
        deps=["prod_logs", "stage_history"],
        kinds={"duckdb", "parquet"},
        checks=[Check("signals_healthy", "No signal of the whole feature is outside its band on the harmful side.")],
    )


def make_signals(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> dict[str, Shown]:
    """Measure a day's signals and write `signals` for it."""
    some = signals_of(feature)
    lake.read(connection, "prod_logs", feature=feature.name, day=day)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW measurements AS {measurement(some)}")
    yardsticks = yardsticks_of(some, feature, day)
    rows = lake.write(connection, "signals", lake.statement("night/signals"), yardsticks, feature=feature.name, day=day)
    lake.read(connection, "signals", feature=feature.name, day=day)
    whole = connection.execute(
        "SELECT signal, value, band_low, band_high, status FROM signals WHERE cohort = 'all' ORDER BY signal"
    ).fetchall()
    unhealthy = [signal for signal, *_, status in whole if status == "unhealthy"]
    return {
        "signals": Shown(
            rows,
            markdown(("signal", "value", "band from", "to", "status"), whole),
            {signal: value for signal, value, *_ in whole},
            {"signals_healthy": (not unhealthy, ", ".join(unhealthy) or "all healthy")},
        )
    }


def yardsticks_of(some: Sequence[Signal], feature: Feature, day: date) -> dict[str, list[Any]]:
    """What a day's signals are compared with: the parameters of signals.sql, a place for each signal."""
    stage = stages_of(feature).stage_on(day).name
    bands = [feature.bands.of(signal) for signal in some]
    return {
        "signals": [signal.name for signal in some],
        "references": [
            band if signal.reference.against is Against.LIMIT else feature.forecast.of(signal, stage)
            for signal, band in zip(some, bands, strict=True)
        ],
        "bands": bands,
        "against": [signal.reference.against.value for signal in some],
        "by_stage": [signal.reference.by_stage for signal in some],
        "harmful": [signal.harmful.value for signal in some],
    }
