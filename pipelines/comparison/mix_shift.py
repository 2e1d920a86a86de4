"""How much of production's difference from the cold eval is its mix of categories: the rows of mix_shift."""

from collections.abc import Iterable, Iterator
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from pipelines import lake
from pipelines.catalogue.tables import own_columns
from pipelines.comparison.resuming import made_of
from pipelines.duckdb_rows import null_for_nan
from pipelines.feature import Feature
from pipelines.statistics.mix_shift import mix_shift, pooled_mix

RULES = 1  # raised when the decomposition itself changes, so that all of it is made again


def mix_shift_inputs(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[date, str]:
    """What each day's rows are made of: what its rows of divergence are."""
    return {day: f"{digest}-{RULES}" for day, digest in made_of(connection, "divergence", feature.name).items()}


def mix_shift_since(
    connection: duckdb.DuckDBPyConnection, feature: Feature, days: Iterable[date], since: date
) -> pd.DataFrame:
    """The rows of mix_shift from a day on. `days` are all that divergence has: which nights make an epoch, it says."""
    lake.read(connection, "divergence", "baseline", feature=feature.name)
    begins = lake.run(connection, "comparison/epochs_since", since=since).fetchall()[0][0]
    of_epochs = [day for day in days if begins is not None and day >= begins]
    lake.read(connection, "divergence", "night_summary", feature=feature.name, days=of_epochs)
    nights = lake.run(connection, "comparison/category_means").df()
    nights["day"] = pd.to_datetime(nights["day"]).dt.date
    rows = decomposed(nights, _baselines(connection), since)
    return null_for_nan(pd.DataFrame(rows, columns=own_columns("mix_shift")))


def decomposed(
    nights: pd.DataFrame, baselines: dict[tuple[str, str, str], pd.DataFrame], since: date
) -> Iterator[tuple]:
    """The rows of the nights from `since` on, in the order of mix_shift's columns.

    `nights` are rows of sql/comparison/category_means.sql of their epochs, from each one's first night; `baselines` the items and
    mean of each category of cold evals, by baseline_id, rubric_id and criterion. A night whose cold eval is not among
    them has no rows.
    """
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
            if day < since:
                continue
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
        own_terms = terms[:, column]
        sides = prod[0][column], cold_share[column], prod[1][column], cold[1][column]
        yield (day, window, criterion, "category", category, *sides, *own_terms, own_terms.sum(), *about)


def _baselines(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], pd.DataFrame]:
    """The cold eval's items and mean by category, by baseline_id, rubric_id and criterion."""
    rows = connection.execute(
        "SELECT baseline_id, rubric_id, criterion, slice AS category, items, mean FROM baseline "
        "WHERE slice_kind = 'category' AND items > 0 ORDER BY ALL"
    ).df()
    keys = ["baseline_id", "rubric_id", "criterion"]
    return {key: frame.set_index("category")[["items", "mean"]] for key, frame in rows.groupby(keys)}
