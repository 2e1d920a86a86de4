"""What divergence compares: cells, each one criterion of one slice, and what one night says of them."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines.statistics.clusters import cluster_ids
from pipelines.statistics.domain_means import Means, domain_means
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.nonresponse import nonresponse_weights
from pipelines.statistics.variance_floor import variance_floor
from pipelines.statistics.verdict import Estimate
from pipelines.statistics.windows import Nights

OVERALL = "overall"  # the slice kind of all logs, and the criterion of the weighted score
ALWAYS_SLICED = ("category", "cohort")
SLICED_WHERE_THEY_VARY = ("locale", "model")


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


class EpochKey(NamedTuple):
    """What must stay the same for nights to be pooled."""

    stage: str
    rubric_id: str
    baseline_id: str | None
    epoch_value: str | None


@dataclass(frozen=True)
class Night:
    """A complete day with scores: its epoch's key, the hash of what it rests on, and what it says of each of m cells.

    `scored` are means of the items with a score; `least` and `greatest` are means of these and of the items whose
    judgments failed, as low and as high as they could be; `missing` is the share of the latter, by weight;
    `degrees_of_freedom` are those of the variances of `scored`. Each (m).
    """

    day: date
    key: EpochKey
    inputs_digest: str
    scored: Estimate
    least: View
    greatest: View
    missing: np.ndarray
    degrees_of_freedom: np.ndarray


def cells_of(items: pd.DataFrame, baselines: set[Cell]) -> list[Cell]:
    """Every cell that production or a cold eval has; locale and model where they take at least two values."""
    slices = {(OVERALL, "all")}
    for kind in (*ALWAYS_SLICED, *SLICED_WHERE_THEY_VARY):
        found = sorted(items[kind].dropna().unique())
        if kind in ALWAYS_SLICED or len(found) > 1:
            slices |= {(kind, value) for value in found}
    criteria = set(items["criterion"])
    cells = {Cell(*slice_, criterion) for slice_ in slices for criterion in criteria}
    cells |= {cell for cell in baselines if cell.criterion in criteria}
    return sorted(cells | {WHOLE})


def one_night(day: date, key: EpochKey, frame: pd.DataFrame, cells: list[Cell]) -> Night:
    """Estimate every cell from one day's judged items (rows of sql/divergence_items.sql).

    Items of one user, or of one conversation, are one sampling unit. Items whose judgment failed leave their weight to
    the others of their stratum; what they could have scored is bounded beside it.
    """
    frame = frame.sort_values(["log_id", "criterion"], kind="stable")
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
    content = frame[CONTENT].to_csv(index=False)
    inputs = hashlib.sha256(content.encode()).hexdigest()
    return Night(day, key, inputs, Estimate(*scored[:3]), least, greatest, missing, scored.degrees_of_freedom)


def stacked(nights: list[Night]) -> Nights:
    """Nights as arrays (nights, cells)."""

    def view(name: str) -> View:
        return View(*(np.array(parts) for parts in zip(*(getattr(night, name) for night in nights), strict=True)))

    scored = Estimate(*(np.array(parts) for parts in zip(*(night.scored for night in nights), strict=True)))
    missing, degrees_of_freedom = (
        np.array([getattr(night, name) for night in nights], dtype=float) for name in ("missing", "degrees_of_freedom")
    )
    return Nights(scored, view("least"), view("greatest"), missing, degrees_of_freedom)


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
    there = ~np.isnan(scores)
    alike = np.where(there, scores, -np.inf).max(axis=0) <= np.where(there, scores, np.inf).min(axis=0)
    each = np.arange(len(scores))
    return np.where(alike, _effective(weight, there, cluster), _effective(weight, there, each))


def _effective(weight: np.ndarray, there: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """How many units of equal weight each cell is worth: (sum w)^2 / sum w^2, w a unit's weight (Kish 1965)."""
    totals = np.zeros((unit.max(initial=-1) + 1, there.shape[1]))
    np.add.at(totals, unit, np.where(there, weight[:, None], 0.0))
    squares = (totals**2).sum(axis=0)
    return totals.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1.0)


def _share(weight: np.ndarray, part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    total = weight @ whole
    return np.where(total > 0, weight @ (part & whole) / np.where(total > 0, total, 1.0), 0.0)
