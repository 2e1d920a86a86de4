"""mix_shift: how much of production's difference from the cold eval is its mix of categories, and how much quality."""

from collections.abc import Iterator
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Shown, history_asset, markdown
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.statistics.mix_shift import MixShift, mix_shift, pooled_mix

TERMS = MixShift._fields


def mix_shift_asset(feature: Feature):
    return history_asset(feature, ["mix_shift"], make_mix_shift, deps=["divergence"], kinds={"python", "parquet"})


def make_mix_shift(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Decompose the difference of every night and of every epoch so far, on each criterion, and write `mix_shift`.

    Which nights make an epoch is what divergence says; a night without a cold eval by its rulers has no rows.
    """
    tables = ("divergence", "sample", "judgments", "funnel", "log_files", "rubrics", "baseline")
    lake.read(connection, *tables, feature=feature.name)
    for view in ("day_states", "item_scores", "divergence_items"):
        lake.view(connection, view)
    nights = lake.run(connection, "category_means").df()
    nights["day"] = pd.to_datetime(nights["day"]).dt.date
    frame = pd.DataFrame(_rows(nights, _baselines(connection)), columns=_COLUMNS)
    numbers = frame.select_dtypes("float").columns
    connection.register("decomposed", frame.astype(dict.fromkeys(numbers, "Float64")))
    rows = lake.write(connection, "mix_shift", "SELECT * FROM decomposed", feature=feature.name)
    return {"mix_shift": _shown(feature, frame, rows)}


_COLUMNS = [name for name in lake.columns("mix_shift") if name != "feature"]


def _baselines(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], pd.DataFrame]:
    """The cold eval's items and mean by category, by baseline_id, rubric_id and criterion."""
    rows = connection.execute(
        "SELECT baseline_id, rubric_id, criterion, slice AS category, items, mean FROM baseline "
        "WHERE slice_kind = 'category' AND items > 0 ORDER BY ALL"
    ).df()
    keys = ["baseline_id", "rubric_id", "criterion"]
    return {key: frame.set_index("category")[["items", "mean"]] for key, frame in rows.groupby(keys)}


def _rows(nights: pd.DataFrame, baselines: dict[tuple[str, str, str], pd.DataFrame]) -> Iterator[tuple]:
    """The rows of every epoch's nights, in _COLUMNS' order."""
    keys = ["epoch_start", "rubric_id", "baseline_id", "criterion"]
    for (epoch_start, rubric_id, baseline_id, criterion), epoch in nights.groupby(keys):
        cold = baselines.get((baseline_id, rubric_id, criterion))
        if cold is None:
            continue
        by_day = epoch.pivot(index="day", columns="category", values=["share", "mean"])
        categories = sorted(set(epoch["category"]) | set(cold.index))
        share = by_day["share"].reindex(columns=categories).fillna(0.0).to_numpy(dtype=float)
        mean = by_day["mean"].reindex(columns=categories).to_numpy(dtype=float)
        cold = cold.reindex(categories)
        cold_side = cold["items"].fillna(0).to_numpy(dtype=float), cold["mean"].to_numpy(dtype=float)
        about = (epoch_start, rubric_id, baseline_id)
        pooled = pooled_mix(share, mean)
        for index, day in enumerate(by_day.index):
            yield from _window(day, "night", criterion, categories, (share[index], mean[index]), cold_side, about)
            yield from _window(
                day, "epoch", criterion, categories, (pooled[0][index], pooled[1][index]), cold_side, about
            )


def _window(
    day: date,
    window: str,
    criterion: str,
    categories: list[str],
    prod: tuple[np.ndarray, np.ndarray],
    cold: tuple[np.ndarray, np.ndarray],
    about: tuple,
) -> Iterator[tuple]:
    """One decomposition: its sums, then what each category contributes. Sides are (shares, means)."""
    terms = np.array(mix_shift(*prod, *cold))
    cold_share = cold[0] / cold[0].sum()
    sums = terms.sum(axis=1)
    means = [np.nansum(share * mean) for share, mean in (prod, (cold_share, cold[1]))]
    yield (day, window, criterion, "overall", "all", 1.0, 1.0, *means, *sums, sums.sum(), *about)
    for column, category in enumerate(categories):
        each = terms[:, column]
        sides = prod[0][column], cold_share[column], prod[1][column], cold[1][column]
        yield (day, window, criterion, "category", category, *sides, *each, each.sum(), *about)


def _shown(feature: Feature, frame: pd.DataFrame, rows: int) -> Shown:
    """The newest day's epoch on the weighted score: the terms as numbers, and by category."""
    newest = frame[(frame.day == frame.day.max()) & (frame.window == "epoch") & (frame.criterion == "overall")]
    shown = ["slice", "prod_share", "baseline_share", "prod_mean", "baseline_mean", *TERMS, "total"]
    table = markdown(shown, newest[shown].astype("object").where(newest[shown].notna(), None).itertuples(index=False))
    sums = newest[newest.slice_kind == "overall"]
    numbers = {term: float(sums[term].iloc[0]) for term in TERMS if len(sums) and pd.notna(sums[term].iloc[0])}
    return Shown(rows, f"Scores by {judge_label(feature)}\n\n{table}", numbers)
