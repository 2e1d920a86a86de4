"""signals: cost, latency, errors and feedback of a day's full log, against their bands."""

from datetime import date

import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.feature import Feature
from pipelines.ramp.record import stages_of


def signals_asset(feature: Feature):
    return day_asset(
        feature,
        ["signals"],
        make_signals,
        deps=["prod_logs"],
        kinds={"duckdb", "parquet"},
        checks=[Check("signals_healthy", "No signal of the whole feature is outside its band on the harmful side.")],
    )


def make_signals(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> dict[str, Shown]:
    """Measure a day's signals and write `signals` for it."""
    lake.read(connection, "prod_logs", feature=feature.name, day=day)
    parameters = references(feature, day)
    rows = lake.write(connection, "signals", lake.statement("signals"), parameters, feature=feature.name, day=day)
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


def references(feature: Feature, day: date) -> dict[str, float | None]:
    """What a day's signals are compared with: the parameters of signals.sql."""
    return {
        "daily_cost_usd": feature.forecast.daily_cost_usd.get(stages_of(feature).stage_on(day).name),
        "p50_ms": feature.forecast.p50_ms,
        "p95_ms": feature.forecast.p95_ms,
        "cost_band": feature.bands.daily_cost,
        "latency_band": feature.bands.latency,
        "error_limit": feature.bands.error_rate,
        "thumbs_down_limit": feature.bands.thumbs_down,
        "regenerated_limit": feature.bands.regenerated,
    }
