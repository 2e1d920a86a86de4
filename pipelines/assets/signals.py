"""signals: what a day's full log is watched for, without sampling, against the feature's forecast and bands."""

from datetime import date

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.catalogue.signals import measurement
from pipelines.comparison.yardsticks import yardsticks_of
from pipelines.feature import Feature, signals_of


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
    signals = signals_of(feature)
    lake.read(connection, "prod_logs", feature=feature.name, day=day)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW measurements AS {measurement(signals)}")
    yardsticks = yardsticks_of(signals, feature, day)
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
            {"signals_healthy": (not unhealthy, ", ".join(unhealthy) or "all healthy", {"unhealthy": len(unhealthy)})},
        )
    }
