"""The judge beside people: how far they agree, and what the judge's means become when corrected by what people say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np
import pandas as pd

from pipelines.people.labels import Label, LabelError, summed_up
from pipelines.statistics.agreement import Agreement, agreement, confusion
from pipelines.statistics.corrected_means import Corrected, prediction_powered_mean, rogan_gladen

CONFIDENCE = 0.95
SEED = 20_261  # any, but always the same: two runs give equal tables
GOOD = 0.75  # the score of level 4: from here on a score counts as good where only good and poor are told apart
LEVELS = 5
NA = LEVELS + 1  # the place of `does not apply` in a confusion matrix
OVERALL = "overall"
ITEM_KINDS = ("prod", "cold")
ITEM = ["item_kind", "day", "item_id"]


class Method(StrEnum):
    """How a mean is corrected: of graded scores, or of the share that is good."""

    PPI = "ppi++"
    ROGAN_GLADEN = "rogan_gladen"


@dataclass(frozen=True)
class Correction:
    """One mean, of production or of the cold eval. `labelled` of the `judged` items have a score by a person too."""

    item_kind: str
    method: Method
    judged: int
    labelled: int
    mean: Corrected


@dataclass(frozen=True)
class CriterionCalibration:
    """One criterion by one ruler; `overall` by a rubric, which has no levels to agree on.

    `people` is the agreement of raters with each other, of no items where none has two. `confusion` is (6, 6): rows are
    people's levels 1 to 5 and `na`, columns the judge's.
    """

    criterion: str
    ruler_id: str
    judge: Agreement
    people: Agreement
    confusion: np.ndarray
    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class Calibration:
    """What comes of labels; those that no judged item has are `unmatched`."""

    labels: int
    unmatched: tuple[Label, ...]
    criteria: tuple[CriterionCalibration, ...]


def calibrate(judged: pd.DataFrame, weights: Mapping[str, Mapping[str, float]], labels: Sequence[Label]) -> Calibration:
    """Set labels beside the judge's scores.

    `judged` has the columns of sql/people/judged_items.sql; `weights` are those of the criteria, by rubric. A person's overall
    score is theirs on every criterion of the rubric, weighted as the judge's is. Of an item with several raters the
    mean score counts in corrected means, and each rater's level in the agreement.

    Raises LabelError for a label of which several items could be meant.
    """
    matched, unmatched = _match(judged, labels)
    both = judged.merge(matched, on=[*ITEM, "criterion"])
    overall = _overall(judged, both, weights)
    criteria = []
    for (criterion, ruler_id), pairs in _by(both, "criterion", "ruler_id"):
        of_ruler = judged[(judged.criterion == criterion) & (judged.ruler_id == ruler_id)]
        criteria.append(_criterion(criterion, ruler_id, of_ruler, pairs))
    for (rubric_id,), pairs in _by(overall, "ruler_id"):
        of_rubric = judged[(judged.criterion == OVERALL) & (judged.ruler_id == rubric_id)]
        nothing = Agreement(np.nan, np.nan, np.nan, 0)
        graded = tuple(_graded(of_rubric, pairs))
        criteria.append(
            CriterionCalibration(OVERALL, rubric_id, nothing, nothing, np.zeros((NA, NA), dtype=int), graded)
        )
    return Calibration(len(labels), tuple(unmatched), tuple(criteria))


def _match(judged: pd.DataFrame, labels: Sequence[Label]) -> tuple[pd.DataFrame, list[Label]]:
    """Each label with the item that it is about, and the labels that are about none."""
    items: dict[tuple[str, str], set] = {}
    wanted = judged[judged.item_id.isin({label.item_id for label in labels})]
    for row in wanted[["item_id", "criterion", "item_kind", "day"]].drop_duplicates().itertuples(index=False):
        items.setdefault((str(row.item_id), str(row.criterion)), set()).add((row.item_kind, row.day))
    rows, unmatched, mistakes = [], [], []
    for label in labels:
        meant = items.get((label.item_id, label.criterion), set())
        meant = {item for item in meant if label.day is None or item[1] == str(label.day)}
        if not meant:
            unmatched.append(label)
        elif len(meant) > 1:
            days = ", ".join(sorted(day or "the cold eval" for _, day in meant))
            mistakes.append(f"{label.place}: item {label.item_id!r} is of {days}; add its day")
        else:
            ((item_kind, day),) = meant
            rows.append((item_kind, day, label.item_id, label.criterion, label.rater, label.level))
    if mistakes:
        raise LabelError("\n".join(summed_up(mistakes)))
    frame = pd.DataFrame(rows, columns=[*ITEM, "criterion", "rater", "human_level"])
    frame["human_level"] = frame["human_level"].astype(float)
    frame["human_score"] = (frame["human_level"] - 1) / (LEVELS - 1)
    return frame, unmatched


def _criterion(criterion: str, ruler_id: str, judged: pd.DataFrame, pairs: pd.DataFrame) -> CriterionCalibration:
    """`pairs` are one row per label, with the judge's score of its item."""
    pairs = pairs[pairs.fate.isin(["scored", "not_applicable"])]
    judge_level = (pairs.score * (LEVELS - 1) + 1).fillna(NA).to_numpy(dtype=float)
    human_level = pairs.human_level.fillna(NA).to_numpy(dtype=float)
    item = pairs.groupby(ITEM).ngroup().to_numpy()
    levels = (judge_level < NA) & (human_level < NA)
    return CriterionCalibration(
        criterion,
        ruler_id,
        agreement(pd.factorize(item[levels])[0], judge_level[levels], human_level[levels], CONFIDENCE, SEED),
        _among_people(item, pairs.rater.to_numpy(), human_level),
        confusion(human_level, judge_level, NA),
        (*_graded(judged, pairs), *_binary(judged, pairs)),
    )


def _among_people(item: np.ndarray, rater: np.ndarray, level: np.ndarray) -> Agreement:
    """The agreement of every two raters of an item, the one whose name comes first before the other."""
    by_item: dict[int, list[tuple[str, float]]] = {}
    for item_number, name, said in zip(item, rater, level, strict=True):
        if said < NA:
            by_item.setdefault(item_number, []).append((name, said))
    pairs = [
        (item_number, a[1], b[1]) for item_number, said in by_item.items() for a, b in combinations(sorted(said), 2)
    ]
    columns = np.array(pairs, dtype=float).reshape(-1, 3).T
    return agreement(pd.factorize(columns[0])[0], columns[1], columns[2], CONFIDENCE, SEED)


def _graded(judged: pd.DataFrame, pairs: pd.DataFrame) -> Iterator[Correction]:
    """Production's and the cold eval's mean score, each corrected by its own labels."""
    for item_kind in ITEM_KINDS:
        items, human = _with_people(judged[judged.item_kind == item_kind], pairs)
        if len(items) and not np.isnan(human).all():
            stratum = pd.factorize(items.stratum, sort=True)[0]
            weight, score = items.weight.to_numpy(dtype=float), items.score.to_numpy(dtype=float)
            mean = prediction_powered_mean(stratum, weight, score, human, CONFIDENCE)
            yield Correction(item_kind, Method.PPI, len(items), int((~np.isnan(human)).sum()), mean)


def _binary(judged: pd.DataFrame, pairs: pd.DataFrame) -> Iterator[Correction]:
    """Production's and the cold eval's share of good items. How often the judge errs is taken from labels of both."""
    items, human = _with_people(judged, pairs)
    known = ~np.isnan(human)
    called_good, good = items.score.to_numpy(dtype=float)[known] >= GOOD, human[known] >= GOOD
    counts = int((called_good & good).sum()), int(good.sum()), int((~called_good & ~good).sum()), int((~good).sum())
    for item_kind in ITEM_KINDS:
        of_kind = items[items.item_kind == item_kind]
        if len(of_kind) and known.any():
            weight = of_kind.weight.to_numpy(dtype=float)
            share = float(weight @ (of_kind.score.to_numpy(dtype=float) >= GOOD) / weight.sum())
            effective = weight.sum() ** 2 / (weight**2).sum()  # Kish (1965)
            mean = rogan_gladen(share, effective, *counts, CONFIDENCE)
            yield Correction(item_kind, Method.ROGAN_GLADEN, len(of_kind), int(known.sum()), mean)


def _with_people(judged: pd.DataFrame, pairs: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The items that the judge has scored, and people's mean score of each, nan without one."""
    items = judged[judged.score.notna()]
    people = pairs[pairs.human_score.notna()].groupby(ITEM)["human_score"].mean()
    return items, items[ITEM].merge(people.reset_index(), on=ITEM, how="left")["human_score"].to_numpy(dtype=float)


def _overall(judged: pd.DataFrame, pairs: pd.DataFrame, weights: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """What each rater says overall of the items of which they have labelled every criterion of the rubric."""
    overall = judged.loc[judged.criterion == OVERALL, [*ITEM, "ruler_id"]]
    said = pairs.drop_duplicates([*ITEM, "criterion", "rater"])[[*ITEM, "criterion", "rater", "human_score"]]
    rows = []
    for at, of_item in _by(said.merge(overall, on=ITEM), *ITEM, "rater", "ruler_id"):
        weight = weights[at[-1]]
        applies = of_item[of_item.criterion.isin(weight) & of_item.human_score.notna()]
        if set(of_item.criterion) >= set(weight) and len(applies):
            weights_applied = applies.criterion.map(weight)
            rows.append((*at, (weights_applied * applies.human_score).sum() / weights_applied.sum()))
    return pd.DataFrame(rows, columns=[*ITEM, "rater", "ruler_id", "human_score"])


def _by(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    """The parts of a frame by columns of texts, with the texts of each."""
    for key, part in frame.groupby(list(columns)):
        yield tuple(map(str, key)), part
