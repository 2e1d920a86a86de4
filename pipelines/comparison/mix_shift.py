"""How much of production's difference from the cold eval is its mix of categories: the rows of mix_shift."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from pipelines.statistics.mix_shift import mix_shift, pooled_mix


def decomposed(
    nights: pd.DataFrame, baselines: dict[tuple[str, str, str], pd.DataFrame], since: date
) -> Iterator[tuple]:
    """The rows of the nights from `since` on, in the order of COLUMNS.

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
        each = terms[:, column]
        sides = prod[0][column], cold_share[column], prod[1][column], cold[1][column]
        yield (day, window, criterion, "category", category, *sides, *each, each.sum(), *about)
