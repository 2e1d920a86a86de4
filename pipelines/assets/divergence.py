"""divergence: production against the cold eval, night by night and pooled over the epoch, for every slice and criterion."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd

from pipelines import clock, lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.assets.cells import OVERALL, WHOLE, Cell, EpochKey, Night, cells_of, one_night, stacked
from pipelines.comparison.cold_evals import ColdEvals, cold_evals_of
from pipelines.feature import Feature, Uncertainty
from pipelines.judging.judges import judge_label
from pipelines.judging.ruler import digest
from pipelines.ramp.record import StageRecord, stages_of
from pipelines.statistics.benjamini_hochberg import benjamini_hochberg
from pipelines.statistics.between_nights import MOST_NIGHTS
from pipelines.statistics.confidence_sequence import ALPHA, fixed_time
from pipelines.statistics.epochs import epoch_starts, prevailing
from pipelines.statistics.holm import holm
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.planning import nights_to_tell
from pipelines.statistics.standardised import standardised
from pipelines.statistics.variance_floor import variance_floor
from pipelines.statistics.verdict import Estimate, Verdict, compare, p_below
from pipelines.statistics.wilson import wilson
from pipelines.statistics.windows import Nights, Window, each_night, epoch_so_far

HOLDS_THE_RAMP = ("category", "cohort")  # on the overall criterion; every other cell informs
DECIDED = (Verdict.WITHIN, Verdict.BELOW, Verdict.ABOVE, Verdict.STALE_EVAL_SET, Verdict.INCONCLUSIVE)


def divergence_asset(feature: Feature):
    return history_asset(
        feature,
        ["divergence"],
        make_divergence,
        deps=["judgments", "funnel", "stage_history", *(["baseline"] if feature.baseline else [])],
        kinds={"python", "parquet"},
        checks=[Check("not_below_the_band", "No verdict of the newest epoch, overall or by slice, is below the band.")],
    )


def make_divergence(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, Shown]:
    """Compare every day up to the last that a decision is due for, and write `divergence`."""
    through = last_day(feature)
    stages, cold_evals = stages_of(feature), cold_evals_of(feature)
    lake.read(connection, "sample", "judgments", "funnel", "log_files", "rubrics", "baseline", feature=feature.name)
    lake.view(connection, "day_states")
    lake.view(connection, "item_scores")
    items = lake.run(connection, "divergence_items").df()
    items["day"] = pd.to_datetime(items["day"]).dt.date
    values = _epoch_values(connection, feature)
    cold = _cold(connection, feature)
    cells = cells_of(items, {cell for _, _, cell in cold})
    due = items[(items.day >= feature.start) & (items.day <= through)]
    nights = [
        one_night(day, _key(stages, cold_evals, day, frame, values[day]), frame, cells)
        for day, frame in due.groupby("day")
    ]
    frame = pd.concat([*_compared(feature, nights, cells, cold), _without_scores(feature, stages, nights, through)])
    frame = frame.sort_values(["day", "window", *Cell._fields], ignore_index=True)
    frame["band"] = feature.bands.quality
    frame["baseline_uncertainty"] = feature.baseline.uncertainty.value if feature.baseline else None
    frame["adjusted_p"] = _adjusted(frame)
    numbers = frame.select_dtypes("float").columns
    connection.register("compared", frame.astype(dict.fromkeys(numbers, "Float64")))
    rows = lake.write(connection, "divergence", "SELECT * FROM compared", feature=feature.name)
    return {"divergence": _shown(feature, frame, rows)}


def last_day(feature: Feature) -> date:
    """The last day that a decision is due for: the last complete one once its night is done or its hour has come.

    Before that, yesterday's night is still expected, and the day before it stands.
    """
    day = feature.latest_complete_day()
    due = clock.now() >= feature.decide_at(day) or lake.exists("funnel", feature=feature.name, day=day)
    return day if due else day - timedelta(days=1)


def _epoch_values(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[date, str | None]:
    """The value of `epoch_on` that prevails on each day that has a sample."""
    found = dict(lake.run(connection, "epoch_values", epoch_on=feature.epoch_on.value).fetchall())
    return dict(zip(found, prevailing(list(found.values())), strict=True))


def _key(
    stages: StageRecord, cold_evals: ColdEvals, day: date, frame: pd.DataFrame, epoch_value: str | None
) -> EpochKey:
    return EpochKey(stages.stage_on(day).name, frame.iloc[0].rubric_id, cold_evals.on(day), epoch_value)


class Cold(NamedTuple):
    """One cell of a cold eval. `variance` is that of its mean, 0 for a yardstick without error; `spread` its items'."""

    mean: float
    variance: float
    items: int
    spread: float


NO_COLD = Cold(np.nan, np.nan, 0, np.nan)


def _cold(connection: duckdb.DuckDBPyConnection, feature: Feature) -> dict[tuple[str, str, Cell], Cold]:
    """The cold eval's cells, by baseline_id, rubric_id and cell."""
    fixed = feature.baseline is not None and feature.baseline.uncertainty is Uncertainty.FIXED
    rows = connection.execute(
        "SELECT baseline_id, rubric_id, slice_kind, slice, criterion, mean, standard_error, items FROM baseline"
    ).fetchall()
    found = {}
    for baseline_id, rubric_id, *cell, mean, error, items in rows:
        mean, error = (np.nan if value is None else value for value in (mean, error))
        variance = float(np.maximum(error**2, variance_floor(np.float64(mean), items)))
        found[baseline_id, rubric_id, Cell(*cell)] = Cold(mean, 0.0 if fixed else variance, items, variance * items)
    return found


def _compared(
    feature: Feature, nights: list[Night], cells: list[Cell], cold: dict[tuple[str, str, Cell], Cold]
) -> Iterator[pd.DataFrame]:
    """The rows of every night with scores: in the window `night`, then in the window `epoch`."""
    if not nights:
        return
    keys = [night.key for night in nights]
    band = feature.bands.quality
    found = np.array(
        [[cold.get((key.baseline_id, key.rubric_id, cell.compared_with), NO_COLD) for cell in cells] for key in keys]
    )
    reference, spread = Estimate(*np.moveaxis(found[..., :3], -1, 0)), found[..., 3]
    starts = epoch_starts(keys)
    epoch, rubric = np.array(starts), pd.factorize(np.array([key.rubric_id for key in keys]))[0]
    whole = np.array([cell.slice_kind == OVERALL for cell in cells])
    scores = stacked(nights)
    on_cold_mix = _on_cold_mix(scores, reference, cells, whole)
    whole_reference = Estimate(*(part[:, whole] for part in reference))

    night, mixed_night = each_night(scores, reference, band), each_night(on_cold_mix, whole_reference, band)
    so_far = epoch_so_far(scores, reference, band, epoch, rubric, spread)
    mixed_so_far = epoch_so_far(on_cold_mix, whole_reference, band, epoch, rubric, spread[:, whole])
    category = np.array([cell.slice_kind == "category" for cell in cells])
    must_be_there = np.array([cell == WHOLE for cell in cells]) | category & (reference.items > 0)
    about = pd.DataFrame(
        {
            "day": [night.day for night in nights],
            "stage": [key.stage for key in keys],
            "epoch_start": [nights[start].day for start in starts],
            "rubric_id": [key.rubric_id for key in keys],
            "baseline_id": [key.baseline_id for key in keys],
        }
    )
    # an excuse turns a roll-back into a hold, no more: it is read once, not as if it were read every night
    clear_tonight, clear_so_far = (
        compare(window.prod, whole_reference, band, fixed_time).ci_low >= -band * whole_reference.mean
        for window in (mixed_night, mixed_so_far)
    )
    for name, window, mixed, clear, digests in (
        ("night", night, mixed_night, clear_tonight, [digest([each.inputs_digest, *each.key]) for each in nights]),
        ("epoch", so_far, mixed_so_far, clear_so_far, _digests_so_far(nights, starts)),
    ):
        rings = (window.alarm.nights > 0) & ~_of_whole(clear_tonight, whole, False)
        columns = _columns(window, reference, band) | {
            "standardised_difference": _of_whole(mixed.comparison.difference, whole, np.nan),
            "verdict": _excused(window.comparison.verdict, _of_whole(clear, whole, False)).astype(str),
            "alarm": rings,
            "alarm_nights": np.where(rings, window.alarm.nights, 0),
            "alarm_difference": np.where(rings, window.alarm.relative_difference, np.nan),
        }
        rows = _rows(about.assign(window=name, inputs_digest=digests), cells, columns)
        yield rows[((window.prod.items > 0) | must_be_there).ravel()]


def _on_cold_mix(nights: Nights, reference: Estimate, cells: list[Cell], whole: np.ndarray) -> Nights:
    """The nights' means of all logs, one column a criterion, as they would be on the cold eval's mix of categories."""
    scored, means = nights.scored, []
    for column in np.flatnonzero(whole):
        sought = ("category", cells[column].criterion)
        categories = [at for at, cell in enumerate(cells) if (cell.slice_kind, cell.criterion) == sought]
        parts = (scored.mean, scored.variance, reference.mean, reference.items)
        means.append(standardised(*(part[:, categories] for part in parts), reference.mean[:, column]))
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
    more = np.full(waiting.shape, np.nan)
    distance = (window.prod.mean - (1 - band) * reference.mean)[waiting]
    night_variance = window.prod.variance[waiting] * nights
    freedom = window.degrees_of_freedom[waiting] / nights
    told = nights_to_tell(
        distance,
        night_variance,
        window.rho[waiting],
        1 - band,
        reference.variance[waiting],
        after=nights,
        degrees_of_freedom=freedom,
    )
    more[waiting] = np.where(np.isfinite(told), told - nights, np.nan)
    return more


def _of_whole(values: np.ndarray, whole: np.ndarray, otherwise: float | bool) -> np.ndarray:
    """Columns of all logs in their places among all cells."""
    found = np.full((len(values), len(whole)), otherwise)
    found[:, whole] = values
    return found


def _excused(verdict: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Below on production's mix of categories and clearly not on the cold eval's: a stale eval set, no regression."""
    return np.where((verdict == Verdict.BELOW) & clear, Verdict.STALE_EVAL_SET, verdict)


def _rows(about: pd.DataFrame, cells: list[Cell], columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """One row a night and cell: what is known of the night, of the cell, and of both."""
    nights = about.loc[about.index.repeat(len(cells))].reset_index(drop=True)
    slices = pd.DataFrame(cells * len(about), columns=Cell._fields)
    return pd.concat([nights, slices, pd.DataFrame({name: values.ravel() for name, values in columns.items()})], axis=1)


def _digests_so_far(nights: list[Night], starts: list[int]) -> list[str]:
    """What each night's row of the epoch rests on: the epoch's nights, and those that say how restless nights are."""
    found = []
    for index, night in enumerate(nights):
        same_ruler = [other for other in nights[: index + 1] if other.key.rubric_id == night.key.rubric_id]
        epoch = nights[starts[index] : index + 1]
        found.append(digest([[other.inputs_digest for other in (*epoch, *same_ruler[-MOST_NIGHTS:])], *night.key]))
    return found


def _without_scores(feature: Feature, stages: StageRecord, nights: list[Night], through: date) -> pd.DataFrame:
    """The rows of the days from the feature's start that have no scores: they say no_data."""
    days = {feature.start + timedelta(days=offset) for offset in range((through - feature.start).days + 1)}
    rows = [
        {"day": day, "window": window, **WHOLE._asdict(), "stage": stages.stage_on(day).name}
        for day in days - {night.day for night in nights}
        for window in ("night", "epoch")
    ]
    columns = [name for name in lake.columns("divergence") if name not in ("feature", "adjusted_p")] + ["p_below"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(verdict=Verdict.NO_DATA.value, nights=0, items=0)


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


def _shown(feature: Feature, frame: pd.DataFrame, rows: int) -> Shown:
    """The newest day's epoch: a table of its slices, and the overall comparison as numbers."""
    newest = frame[(frame.day == frame.day.max()) & (frame.window == "epoch") & (frame.criterion == OVERALL)]
    below = newest[newest.verdict == Verdict.BELOW.value]
    shown = ["slice_kind", "slice", "prod_mean", "baseline_mean", "relative_difference", "verdict", "nights", "items"]
    overall = newest[newest.slice_kind == OVERALL].iloc[0] if len(newest) else None
    numbers = {
        name: None if overall is None or pd.isna(overall[name]) else float(overall[name])
        for name in ("prod_mean", "baseline_mean", "relative_difference", "items")
    }
    table = markdown(shown, newest[shown].astype("object").where(newest[shown].notna(), None).itertuples(index=False))
    return Shown(
        rows,
        f"Scores by {judge_label(feature)}\n\n{table}",
        numbers,
        {
            "not_below_the_band": (
                below.empty,
                ", ".join(f"{row.slice_kind} {row.slice}" for row in below.itertuples()) or "nothing is below",
            )
        },
    )
