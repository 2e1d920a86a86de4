"""mix_shift: how much of production's difference from the cold eval is its mix of categories, and how much quality."""

from datetime import date

import dagster as dg
import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.catalogue.tables import own_columns
from pipelines.comparison.mix_shift import decomposed
from pipelines.comparison.resuming import first_change, made_of, write_since
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.statistics.mix_shift import MixShift

TERMS = MixShift._fields
SHOWN = ("slice", "prod_share", "baseline_share", "prod_mean", "baseline_mean", *TERMS, "total")
RULES = 1  # raised when the decomposition itself changes, so that all of it is made again


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
    inputs = {day: f"{made}-{RULES}" for day, made in made_of(connection, "divergence", feature.name).items()}
    since = first_change(connection, "mix_shift", feature.name, inputs)
    if since is not None:
        lake.read(connection, "divergence", "baseline", feature=feature.name)
        begins = lake.run(connection, "comparison/epochs_since", since=since).fetchall()[0][0]
        days = [day for day in inputs if begins is not None and day >= begins]
        lake.read(connection, "divergence", "night_summary", feature=feature.name, days=days)
        nights = lake.run(connection, "comparison/category_means").df()
        nights["day"] = pd.to_datetime(nights["day"]).dt.date
        frame = pd.DataFrame(decomposed(nights, _baselines(connection), since), columns=own_columns("mix_shift"))
        numbers = dict.fromkeys(frame.select_dtypes("float").columns, "Float64")
        write_since(connection, "mix_shift", feature.name, frame.astype(numbers), inputs, since)
    return {"mix_shift": _shown(connection, feature, max(inputs, default=feature.start))}


def _baselines(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], pd.DataFrame]:
    """The cold eval's items and mean by category, by baseline_id, rubric_id and criterion."""
    rows = connection.execute(
        "SELECT baseline_id, rubric_id, criterion, slice AS category, items, mean FROM baseline "
        "WHERE slice_kind = 'category' AND items > 0 ORDER BY ALL"
    ).df()
    keys = ["baseline_id", "rubric_id", "criterion"]
    return {key: frame.set_index("category")[["items", "mean"]] for key, frame in rows.groupby(keys)}


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
    numbers = {term: sums.get(term) for term in TERMS}
    return Shown(
        lake.count(connection, "mix_shift", feature=feature.name),
        f"Scores by {judge_label(feature)}\n\n{table}",
        numbers,
    )
