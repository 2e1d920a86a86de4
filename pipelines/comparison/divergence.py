"""Nights and epochs against the cold eval: the rows of divergence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines.comparison.cells import OVERALL, WHOLE, Cell
from pipelines.comparison.summaries import stacked
from pipelines.judging.ruler import digest
from pipelines.statistics.benjamini_hochberg import benjamini_hochberg
from pipelines.statistics.between_nights import MOST_NIGHTS
from pipelines.statistics.confidence_sequence import ALPHA, fixed_time
from pipelines.statistics.epochs import epoch_starts
from pipelines.statistics.holm import holm
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.planning import nights_to_tell
from pipelines.statistics.standardised import standardised
from pipelines.statistics.variance_floor import variance_floor
from pipelines.statistics.verdict import Estimate, Verdict, compare, p_below
from pipelines.statistics.wilson import wilson
from pipelines.statistics.windows import Nights, Window, each_night, epoch_so_far, lead_in, some_nights

HOLDS_THE_RAMP = ("category", "cohort")  # on the overall criterion; every other cell informs
SLICED_WHERE_THEY_VARY = {"locale": "locales", "model": "models"}  # and where nights says which values a day has
DECIDED = (Verdict.WITHIN, Verdict.BELOW, Verdict.ABOVE, Verdict.STALE_EVAL_SET, Verdict.INCONCLUSIVE)


class EpochKey(NamedTuple):
    """What must stay the same for nights to be pooled."""

    stage: str
    rubric_id: str
    baseline_id: str | None
    epoch_value: str | None


class ScoredNight(NamedTuple):
    """A complete night with scores."""

    day: date
    key: EpochKey


class Cold(NamedTuple):
    """One cell of a cold eval. `variance` is that of its mean, 0 for a yardstick without error; `spread` its items'."""

    mean: float
    variance: float
    items: int
    spread: float


NO_COLD = Cold(np.nan, np.nan, 0, np.nan)
ColdCells = Mapping[tuple[str, str, Cell], Cold]  # by baseline_id, rubric_id and cell


def cold_cells(baseline: pd.DataFrame, fixed: bool) -> dict[tuple[str, str, Cell], Cold]:
    """The cells of cold evals, from rows of baseline; `fixed` where they are the yardstick itself."""
    cells = {}
    for row in baseline.itertuples():
        mean, error = float(row.mean), float(row.standard_error)
        variance = float(np.maximum(error**2, variance_floor(np.float64(mean), row.items)))
        cell = Cell(row.slice_kind, row.slice, row.criterion)
        cells[row.baseline_id, row.rubric_id, cell] = Cold(
            mean, 0.0 if fixed else variance, row.items, variance * row.items
        )
    return cells


@dataclass(frozen=True)
class Comparing:
    """The nights that are compared from number `since` on, with those that they rest on before them: all of `nights`
    from number `first` on. `begins` is the number of each night's epoch's first night."""

    nights: Sequence[ScoredNight]
    begins: Sequence[int]
    first: int
    since: int

    @property
    def days(self) -> list[date]:
        """The days whose summaries are needed."""
        return [night.day for night in self.nights[self.first :]]


def comparing(nights: Sequence[ScoredNight], since: date) -> Comparing | None:
    """What it takes to compare the nights from a day on; None when there are none."""
    number = next((number for number, night in enumerate(nights) if night.day >= since), None)
    if number is None:
        return None
    begins = [begin for begin in epoch_starts([night.key for night in nights]) if begin is not None]  # each has a key
    rubric = pd.factorize(np.array([night.key.rubric_id for night in nights]))[0]
    return Comparing(nights, begins, lead_in(begins, rubric, number), number)


def cells_compared(summaries: pd.DataFrame, cold: ColdCells, varying: Sequence[str]) -> list[Cell]:
    """Every cell that the summaries or a cold eval have; of the kinds that are sliced where they vary, those named."""
    left_out = SLICED_WHERE_THEY_VARY.keys() - set(varying)
    rows = summaries[~summaries.slice_kind.isin(left_out)]
    cells = set(rows[list(Cell._fields)].drop_duplicates().itertuples(index=False, name=None))
    criteria = {criterion for _, _, criterion in cells}
    cells |= {tuple(cell) for _, _, cell in cold if cell.criterion in criteria}
    return sorted({Cell(*cell) for cell in cells} | {WHOLE})


def compared(plan: Comparing, summaries: pd.DataFrame, cells: list[Cell], cold: ColdCells, band: float) -> pd.DataFrame:
    """The rows of every night from `plan.since` on, in the windows `night` and `epoch`, in no order.

    `summaries` are rows of night_summary of `plan.days`; `band` is relative to the cold eval's mean.
    """
    frame = pd.concat(list(_windows(plan, summaries, cells, cold, band)), ignore_index=True)
    return frame.assign(adjusted_p=_adjusted(frame))


def _windows(
    plan: Comparing, summaries: pd.DataFrame, cells: list[Cell], cold: ColdCells, band: float
) -> Iterator[pd.DataFrame]:
    loaded, since = plan.nights[plan.first :], plan.since - plan.first
    keys = [night.key for night in loaded]
    yardsticks = [(key.baseline_id or "", key.rubric_id) for key in keys]
    of_yardstick = {
        yardstick: [cold.get((*yardstick, cell.compared_with), NO_COLD) for cell in cells]
        for yardstick in set(yardsticks)
    }
    cold_by_night = np.array([of_yardstick[yardstick] for yardstick in yardsticks])
    reference, spread = Estimate(*np.moveaxis(cold_by_night[..., :3], -1, 0)), cold_by_night[..., 3]
    epoch = np.array(plan.begins[plan.first :])
    rubric = pd.factorize(np.array([key.rubric_id for key in keys]))[0]
    whole = np.array([cell.slice_kind == OVERALL for cell in cells])
    scores = stacked(summaries, plan.days, cells)
    on_cold_mix = _on_cold_mix(scores, reference, cells, whole)
    whole_reference = Estimate._make(part[:, whole] for part in reference)

    asked = slice(since, None)
    night = each_night(some_nights(scores, asked), some_nights(reference, asked), band)
    mixed_night = each_night(some_nights(on_cold_mix, asked), some_nights(whole_reference, asked), band)
    so_far = epoch_so_far(scores, reference, band, epoch, rubric, spread, since)
    mixed_so_far = epoch_so_far(on_cold_mix, whole_reference, band, epoch, rubric, spread[:, whole], since)

    reference, whole_reference = some_nights(reference, asked), some_nights(whole_reference, asked)
    category = np.array([cell.slice_kind == "category" for cell in cells])
    must_be_there = np.array([cell == WHOLE for cell in cells]) | category & (reference.items > 0)
    about = pd.DataFrame(
        {
            "day": [night.day for night in loaded[since:]],
            "stage": [key.stage for key in keys[since:]],
            "epoch_start": [plan.nights[begin].day for begin in plan.begins[plan.since :]],
            "rubric_id": [key.rubric_id for key in keys[since:]],
            "baseline_id": [key.baseline_id for key in keys[since:]],
        }
    )
    # an excuse turns a roll-back into a hold, no more: it is read once, not as if it were read every night
    clear_tonight, clear_so_far = (
        compare(window.prod, whole_reference, band, fixed_time).ci_low >= -band * whole_reference.mean
        for window in (mixed_night, mixed_so_far)
    )
    tonight, to_date = _digests(plan, _digest_by_day(summaries))
    for name, window, mixed, clear, digests in (
        ("night", night, mixed_night, clear_tonight, tonight),
        ("epoch", so_far, mixed_so_far, clear_so_far, to_date),
    ):
        fires = (window.alarm.nights > 0) & ~_of_whole(clear_tonight, whole, False)
        columns = _columns(window, reference, band) | {
            "standardised_difference": _of_whole(mixed.comparison.difference, whole, np.nan),
            "verdict": _excused(window.comparison.verdict, _of_whole(clear, whole, False)).astype(str),
            "alarm": fires,
            "alarm_nights": np.where(fires, window.alarm.nights, 0),
            "alarm_difference": np.where(fires, window.alarm.relative_difference, np.nan),
        }
        rows = _rows(about.assign(window=name, inputs_digest=digests), cells, columns)
        yield rows[((window.prod.items > 0) | must_be_there).ravel()]


def _on_cold_mix(nights: Nights, reference: Estimate, cells: list[Cell], whole: np.ndarray) -> Nights:
    """The nights' means of all logs, one column a criterion, as they would be on the cold eval's mix of categories."""
    scored, means = nights.scored, []
    for column in np.flatnonzero(whole):
        sought = ("category", cells[column].criterion)
        categories = [at for at, cell in enumerate(cells) if (cell.slice_kind, cell.criterion) == sought]
        prod_mean, prod_variance = scored.mean[:, categories], scored.variance[:, categories]
        cold_mean, cold_items = reference.mean[:, categories], reference.items[:, categories]
        means.append(standardised(prod_mean, prod_variance, cold_mean, cold_items, reference.mean[:, column]))
    view = View(*(np.stack(columns, axis=1) for columns in zip(*means, strict=True)))
    items = scored.items[:, whole]
    return Nights(Estimate(*view, items), view, view, np.zeros(items.shape), nights.degrees_of_freedom[:, whole])


def _columns(window: Window, reference: Estimate, band: float) -> dict[str, np.ndarray]:
    """The columns of one window that are about one cell alone, each (nights, cells)."""
    comparison = window.comparison
    error = np.sqrt(window.prod.variance)
    decided = np.isin(comparison.verdict, DECIDED)
    with np.errstate(divide="ignore", invalid="ignore"):
        prod_low, prod_high = wilson(*window.prod[:2], window.bound(window.prod.variance, ALPHA) / error)
    return {
        "prod_mean": window.prod.mean,
        "prod_standard_error": error,
        "prod_low": prod_low,
        "prod_high": prod_high,
        "baseline_mean": reference.mean,
        "baseline_standard_error": np.sqrt(reference.variance),
        "difference": comparison.difference,
        "relative_difference": comparison.relative_difference,
        "ci_low": comparison.ci_low,
        "ci_high": comparison.ci_high,
        "nights": window.nights,
        "items": window.prod.items,
        "missing_share": window.missing,
        "bound_low": window.least,
        "bound_high": window.greatest,
        "minimum_detectable": comparison.minimum_detectable,
        "more_nights": _more_nights(window, reference, band),
        "p_below": np.where(decided, p_below(window.high, reference, band, window.bound), np.nan),
    }


def _more_nights(window: Window, reference: Estimate, band: float) -> np.ndarray:
    """Of an epoch not told from the lower edge, the nights it takes besides to tell on which side of it it is."""
    cleared = window.comparison.ci_low >= -band * reference.mean
    waiting = (window.comparison.verdict == Verdict.INCONCLUSIVE) & ~cleared & ~np.isnan(window.rho)
    nights = window.nights[waiting]
    more_nights = np.full(waiting.shape, np.nan)
    distance = (window.prod.mean - (1 - band) * reference.mean)[waiting]
    night_variance = window.prod.variance[waiting] * nights
    freedom = window.degrees_of_freedom[waiting] / nights
    nights_in_all = nights_to_tell(
        distance,
        night_variance,
        window.rho[waiting],
        1 - band,
        reference.variance[waiting],
        after=nights,
        degrees_of_freedom=freedom,
    )
    more_nights[waiting] = np.where(np.isfinite(nights_in_all), nights_in_all - nights, np.nan)
    return more_nights


def _of_whole(values: np.ndarray, whole: np.ndarray, otherwise: float | bool) -> np.ndarray:
    """Columns of all logs in their places among all cells."""
    of_all_cells = np.full((len(values), len(whole)), otherwise)
    of_all_cells[:, whole] = values
    return of_all_cells


def _excused(verdict: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Below on production's mix of categories and clearly not on the cold eval's: a stale eval set, no regression."""
    return np.where((verdict == Verdict.BELOW) & clear, Verdict.STALE_EVAL_SET, verdict)


def _rows(about: pd.DataFrame, cells: list[Cell], columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """One row a night and cell: what is known of the night, of the cell, and of both."""
    nights = about.loc[about.index.repeat(len(cells))].reset_index(drop=True)
    slices = pd.DataFrame(cells * len(about), columns=Cell._fields)
    return pd.concat([nights, slices, pd.DataFrame({name: values.ravel() for name, values in columns.items()})], axis=1)


def _digest_by_day(summaries: pd.DataFrame) -> dict[date, str]:
    """What each night rests on: the same in all rows of a day."""
    return dict(summaries.drop_duplicates("day")[["day", "inputs_digest"]].itertuples(index=False, name=None))


def _digests(plan: Comparing, digest_of: Mapping[date, str]) -> tuple[list[str], list[str]]:
    """What each night's rows rest on: alone, and in its epoch, whose nights count and those that say how much nights
    of the rubric differ."""
    nights = plan.nights
    tonight, so_far = [], []
    for number in range(plan.since, len(nights)):
        key = nights[number].key
        loaded = nights[plan.first : number + 1]
        same_ruler = [night for night in loaded if night.key.rubric_id == key.rubric_id][-MOST_NIGHTS:]
        epoch = nights[plan.begins[number] : number + 1]
        tonight.append(digest([digest_of[nights[number].day], *key]))
        so_far.append(digest([[digest_of[night.day] for night in (*epoch, *same_ruler)], *key]))
    return tonight, so_far


def _adjusted(frame: pd.DataFrame) -> pd.Series:
    """p-values adjusted for all that were looked at in the same window: by Holm among the categories and cohorts, any
    of whose overall scores can hold a ramp; by Benjamini and Hochberg among the cells that only inform. The overall
    score of all logs is one test."""
    holding = frame.slice_kind.isin(HOLDS_THE_RAMP) & (frame.criterion == OVERALL)
    single = (frame.slice_kind == OVERALL) & (frame.criterion == OVERALL)
    adjusted = frame["p_below"].astype(float)
    for chosen, adjust in ((holding, holm), (~holding & ~single, benjamini_hochberg)):
        families = frame[chosen].groupby(["day", "window"], sort=False)["p_below"]
        adjusted[chosen] = families.transform(lambda family, adjust=adjust: adjust(family.to_numpy(dtype=float)))
    return adjusted
