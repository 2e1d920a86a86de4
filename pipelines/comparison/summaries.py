"""A night's estimates as rows of night_summary, and such rows of many nights as arrays."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipelines.comparison.cells import WHOLE, Cell, cells_of, content_digest, one_night
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.verdict import Estimate
from pipelines.statistics.windows import Nights


def summarise(items: pd.DataFrame, counts: dict[str, Any]) -> pd.DataFrame:
    """The rows of night_summary of one day, without its keys and `made_of`.

    `items` are its judged items (sql/night/judged_sample.sql), `counts` its row of sql/night/night_counts.sql. A day that is not
    complete, or on which nothing was judged, has one row without numbers: that of the weighted score of all logs.
    """
    if counts["state"] != "complete" or items.empty:
        rows = pd.DataFrame([WHOLE], columns=Cell._fields).assign(items=0)
        return rows.assign(**counts, rubric_id=None, inputs_digest=None)
    cells = cells_of(items)
    night = one_night(items, cells)
    numbers = {
        "mean": night.scored.mean,
        "variance": night.scored.variance,
        "items": night.scored.items,
        "degrees_of_freedom": night.degrees_of_freedom,
        "least_mean": night.least.mean,
        "least_variance": night.least.variance,
        "greatest_mean": night.greatest.mean,
        "greatest_variance": night.greatest.variance,
        "missing_share": night.missing,
        "logs": night.logs,
        "points": night.points,
    }
    rows = pd.concat([pd.DataFrame(cells, columns=Cell._fields), pd.DataFrame(numbers)], axis=1)
    return rows.assign(**counts, rubric_id=items["rubric_id"].iloc[0], inputs_digest=content_digest(items))


def stacked(summaries: pd.DataFrame, days: Sequence[date], cells: Sequence[Cell]) -> Nights:
    """Rows of night_summary as arrays (days, cells); a cell that a day does not have is nan there, and has no items."""
    row = pd.Index(days).get_indexer(summaries["day"])
    column = pd.MultiIndex.from_tuples(cells).get_indexer(pd.MultiIndex.from_frame(summaries[list(Cell._fields)]))
    known = (row >= 0) & (column >= 0)

    def array(name: str, otherwise: float = np.nan) -> np.ndarray:
        cells_by_day = np.full((len(days), len(cells)), otherwise)
        values = summaries[name].to_numpy(dtype=float, na_value=np.nan)[known]
        cells_by_day[row[known], column[known]] = np.where(np.isnan(values), otherwise, values)
        return cells_by_day

    return Nights(
        Estimate(array("mean"), array("variance"), array("items", 0).astype(np.int64)),
        View(array("least_mean"), array("least_variance")),
        View(array("greatest_mean"), array("greatest_variance")),
        array("missing_share", 0.0),
        array("degrees_of_freedom", 0.0),
    )
