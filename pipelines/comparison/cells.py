"""What is compared: cells, each one criterion of one slice, and what one night says of each."""

import hashlib
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.statistics.clusters import cluster_ids
from pipelines.statistics.domain_means import Means, domain_means
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.nonresponse import nonresponse_weights
from pipelines.statistics.variance_floor import variance_floor
from pipelines.statistics.verdict import Estimate

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OVERALL = "overall"  # the slice kind of all logs, and the criterion of the weighted score
SLICED = ("category", "cohort", "locale", "model")


class Cell(NamedTuple):
    """What is compared: one criterion of one slice."""

    slice_kind: str
    slice: str
    criterion: str

    @property
    def compared_with(self) -> "Cell":
        """The cell of the cold eval: a category's own, for everything else that of all its items."""
        return self if self.slice_kind == "category" else Cell(OVERALL, "all", self.criterion)


# What of an item a night's estimates rest on: a night with the same has the same inputs_digest.
CONTENT = ["log_id", "criterion", "score", "least", "greatest", "weight", "stratum", "user_id", "conversation_id"]
WHOLE = Cell(OVERALL, "all", OVERALL)


class NightEstimates(NamedTuple):
    """What a night says of each of m cells, each (m).

    `scored` are means of the items with a score; `least` and `greatest` are means of these and of the items whose
    judgments failed, as low and as high as they could be; `missing` is the share of the latter, by weight;
    `degrees_of_freedom` are those of the variances of `scored`. `logs` are what the items with a score stand for, the
    sum of their weights, and `points` the sum of weight times score over them.
    """

    scored: Estimate
    least: View
    greatest: View
    missing: Floats
    degrees_of_freedom: Integers
    logs: Floats
    points: Floats


def cells_of(items: pd.DataFrame) -> list[Cell]:
    """Every cell that a day's judged items have, and that of all logs on the weighted score."""
    slices = [(OVERALL, "all"), *((kind, value) for kind in SLICED for value in items[kind].dropna().unique())]
    return sorted(
        {Cell(*slice_, criterion) for slice_ in slices for criterion in items["criterion"].unique()} | {WHOLE}
    )


def content_digest(items: pd.DataFrame) -> str:
    """The hash of what a night's estimates rest on: its verdicts and its design."""
    content = _in_order(items)[CONTENT].to_csv(index=False)
    return hashlib.sha256(content.encode()).hexdigest()


def one_night(items: pd.DataFrame, cells: list[Cell]) -> NightEstimates:
    """Estimate every cell from one day's judged items (rows of sql/night/judged_sample.sql).

    Items of one user, or of one conversation, are one sampling unit. Items whose judgment failed leave their weight to
    the others of their stratum; what they could have scored is bounded beside it.
    """
    frame = _in_order(items)
    items = frame.drop_duplicates("log_id").set_index("log_id")
    inside = _membership(items, cells)
    stratum = pd.factorize(items["stratum"], sort=True)[0]
    weight = items["weight"].to_numpy(dtype=float)
    cluster = cluster_ids(items["user_id"], items["conversation_id"])

    def values(column: str) -> np.ndarray:
        by_criterion = frame.pivot(index="log_id", columns="criterion", values=column).reindex(items.index)
        wide = by_criterion.reindex(columns=[cell.criterion for cell in cells]).to_numpy(dtype=float)
        return np.where(inside, wide, np.nan)

    def estimate(scores: np.ndarray, weights: np.ndarray) -> Means:
        means = domain_means(stratum, weights, scores, cluster, crossing=True)
        floor = variance_floor(means.mean, _independent(weight, scores, cluster))
        return means._replace(variance=np.maximum(means.variance, floor))

    scores = values("score")
    failed = np.isnan(scores) & ~np.isnan(values("least"))
    if failed.any():
        carried = nonresponse_weights(stratum, weight, inside & ~failed, failed)
        scored = estimate(scores, carried)
        lowest, highest = (np.where(failed, values(column), scores) for column in ("least", "greatest"))
        least, greatest = (View(*estimate(bound, weight)[:2]) for bound in (lowest, highest))
        missing = _share(weight, failed, ~np.isnan(lowest))
    else:
        scored = estimate(scores, weight)
        least = greatest = View(scored.mean, scored.variance)
        missing = np.zeros(len(cells))
    weights = np.where(np.isnan(scores), 0.0, weight[:, None])
    return NightEstimates(
        Estimate(*scored[:3]),
        least,
        greatest,
        missing,
        scored.degrees_of_freedom,
        weights.sum(axis=0),
        (weights * np.nan_to_num(scores)).sum(axis=0),
    )


def _in_order(items: pd.DataFrame) -> pd.DataFrame:
    return items.sort_values(["log_id", "criterion"], kind="stable")


def _membership(items: pd.DataFrame, cells: list[Cell]) -> np.ndarray:
    """Which item (rows) is in the slice of which cell (columns)."""
    slices = {(cell.slice_kind, cell.slice) for cell in cells}
    member = {
        (kind, value): np.ones(len(items), bool) if kind == OVERALL else (items[kind] == value).to_numpy(bool)
        for kind, value in slices
    }
    return np.stack([member[cell.slice_kind, cell.slice] for cell in cells], axis=1)


def _independent(weight: np.ndarray, scores: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """How many independent scores each cell is worth, for the variance's floor: its items, if they are not all alike.

    Where they are, nothing says that items of one user differ at all, and only the sampling units count. Where they are
    not, the variance has measured it; to count units even then would hold an internal stage of eight users for ever.
    """
    scored = ~np.isnan(scores)
    alike = np.where(scored, scores, -np.inf).max(axis=0) <= np.where(scored, scores, np.inf).min(axis=0)
    one_by_one = np.arange(len(scores))
    return np.where(alike, _effective(weight, scored, cluster), _effective(weight, scored, one_by_one))


def _effective(weight: np.ndarray, scored: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """How many units of equal weight each cell is worth: (sum w)^2 / sum w^2, w a unit's weight (Kish 1965)."""
    totals = np.zeros((unit.max(initial=-1) + 1, scored.shape[1]))
    np.add.at(totals, unit, np.where(scored, weight[:, None], 0.0))
    squares = (totals**2).sum(axis=0)
    return totals.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1.0)


def _share(weight: np.ndarray, part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    total = weight @ whole
    return np.where(total > 0, weight @ (part & whole) / np.where(total > 0, total, 1.0), 0.0)
