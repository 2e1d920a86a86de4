"""Whether the cold eval rises from version to version while production falls, and whether their gap widens: the rows
of trends."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipelines.catalogue.tables import own_columns
from pipelines.statistics.trends import gap_slope, overfitted, weighted_slope

ALPHA = 0.05
CONFIDENCE = 0.95
DAYS_A_WEEK = 7


def trend_rows(nights: pd.DataFrame) -> pd.DataFrame:
    """The rows of trends, one per rubric and criterion, of rows of sql/comparison/compared_nights.sql."""
    return pd.DataFrame(_rows(nights), columns=own_columns("trends"))


def _rows(nights: pd.DataFrame) -> Iterator[tuple]:
    """One row per rubric and criterion, in the order of the table's columns."""
    for (rubric_id, criterion), group in nights.groupby(["rubric_id", "criterion"]):
        versions = versions_of(group)
        place = np.arange(len(versions), dtype=float)
        cold = weighted_slope(place, versions.cold.to_numpy(), versions.cold_variance.to_numpy())
        production = weighted_slope(place, versions.production.to_numpy(), versions.production_variance.to_numpy())
        weeks = np.array([day.toordinal() / DAYS_A_WEEK for day in group.day])
        gap = gap_slope(weeks, (group.baseline_mean - group.prod_mean).to_numpy(), CONFIDENCE)
        if np.isnan(gap.slope):
            status = "too_little"
        elif overfitted(cold, production, ALPHA):
            status = "overfitting"
        else:
            status = "gap_widens" if gap.low > 0 else "steady"
        lines = (cold.slope, cold.p_up, production.slope, production.p_down, *gap)
        yield (rubric_id, criterion, len(versions), len(group), group.day.min(), group.day.max(), *lines, status)


def versions_of(group: pd.DataFrame) -> pd.DataFrame:
    """A row per version of the cold eval, in the order in which nights were first compared with it.

    Production's point is the mean of the nights compared with that version, its variance sum of variances / k^2.
    """
    points = []
    for _, nights in group.groupby("baseline_id", sort=False):
        first = nights.iloc[0]
        variance = (nights.prod_standard_error**2).sum() / len(nights) ** 2
        points.append((first.baseline_mean, first.baseline_standard_error**2, nights.prod_mean.mean(), variance))
    return pd.DataFrame(points, columns=["cold", "cold_variance", "production", "production_variance"])
