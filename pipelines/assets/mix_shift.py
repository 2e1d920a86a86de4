"""mix_shift: how much of production's difference from the cold eval is its mix of categories, and how much quality."""

from datetime import date

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.comparison.mix_shift import mix_shift_inputs, mix_shift_since
from pipelines.comparison.resuming import bring_up_to_date
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.statistics.mix_shift import MixShift

TERMS = MixShift._fields
SHOWN = ("slice", "prod_share", "baseline_share", "prod_mean", "baseline_mean", *TERMS, "total")


def mix_shift_asset(feature: Feature) -> dg.AssetsDefinition:
    return history_asset(
        feature,
        ["mix_shift"],
        make_mix_shift,
        deps=["divergence", "night_summary", *(["baseline"] if feature.baseline else [])],
        kinds={"python", "parquet"},
    )


def make_mix_shift(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Decompose the difference of nights and of epochs so far on each criterion, from the first day that has changed.

    Which nights make an epoch is what divergence says; a night without a cold eval by its rulers has no rows.
    """
    inputs = mix_shift_inputs(connection, feature)
    bring_up_to_date(
        connection,
        "mix_shift",
        feature.name,
        inputs,
        lambda since: mix_shift_since(connection, feature, inputs, since),
    )
    return {"mix_shift": _shown(connection, feature, max(inputs, default=feature.start))}


def _shown(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> Shown:
    """The newest day's epoch on the weighted score: the terms as numbers, and by category."""
    lake.read(connection, "mix_shift", feature=feature.name, days=[day])
    newest = connection.execute(
        f"SELECT slice_kind, {', '.join(SHOWN)} FROM mix_shift "
        "WHERE day = $day AND \"window\" = 'epoch' AND criterion = 'overall' ORDER BY slice_kind DESC, slice",
        {"day": day},
    ).fetchall()
    table = markdown(SHOWN, (row[1:] for row in newest))
    sums = next((dict(zip(SHOWN, row[1:], strict=True)) for row in newest if row[0] == "overall"), {})
    rows = lake.count(connection, "mix_shift", feature=feature.name)
    return Shown(rows, f"Scores by {judge_label(feature)}\n\n{table}", {term: sums.get(term) for term in TERMS})
