"""divergence: production against the cold eval, night by night and pooled over the epoch, for every slice and criterion."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd

from pipelines import clock, lake
from pipelines.assets.building import Check, Shown, history_asset, markdown
from pipelines.feature import Feature
from pipelines.judging.judges import judge_label
from pipelines.judging.ruler import digest
from pipelines.statistics.domain_means import domain_means
from pipelines.statistics.epochs import epoch_starts, prevailing
from pipelines.statistics.holm import holm
from pipelines.statistics.pooled_nights import pooled_nights
from pipelines.statistics.verdict import NOTHING, Estimate, Verdict, compare

OVERALL = "overall"  # the slice kind of all logs, and the criterion of the weighted score
ALWAYS_SLICED = ("category", "cohort")
SLICED_WHERE_THEY_VARY = ("locale", "model")


class Cell(NamedTuple):
    """What is compared: one criterion of one slice."""

    slice_kind: str
    slice: str
    criterion: str


class EpochKey(NamedTuple):
    """What must stay the same for nights to be pooled."""

    stage: str
    rubric_id: str
    baseline_id: str | None
    epoch_value: str | None


@dataclass(frozen=True)
class Night:
    """A complete day with scores: its epoch's key, the hash of what it rests on, and an estimate per cell."""

    day: date
    key: EpochKey
    inputs_digest: str
    mean: np.ndarray
    variance: np.ndarray
    items: np.ndarray


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
    lake.read(connection, "sample", "judgments", "funnel", "log_files", "rubrics", "baseline", feature=feature.name)
    lake.view(connection, "day_states")
    lake.view(connection, "item_scores")
    items = lake.run(connection, "divergence_items").df()
    items["day"] = pd.to_datetime(items["day"]).dt.date
    values = _epoch_values(connection, feature)
    baselines = _baselines(connection)
    cells = _cells(items, baselines)
    due = items[(items.day >= feature.start) & (items.day <= through)]
    nights = [_night(feature, day, frame, values[day], cells) for day, frame in due.groupby("day")]
    frame = pd.DataFrame(_rows(feature, nights, cells, baselines, through), columns=_ROW_COLUMNS)
    families = frame.groupby(["day", "window", "slice_kind", "criterion"], sort=False)["p_below"]
    frame["adjusted_p"] = families.transform(lambda family: holm(family.to_numpy()))
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


def _baselines(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, Cell], Estimate]:
    """The cold eval's estimates, by baseline_id, rubric_id and cell."""
    rows = connection.execute(
        "SELECT baseline_id, rubric_id, slice_kind, slice, criterion, mean, standard_error, items FROM baseline"
    ).fetchall()
    return {
        (baseline_id, rubric_id, Cell(*cell)): Estimate(
            np.nan if mean is None else mean, np.nan if error is None else error**2, items
        )
        for baseline_id, rubric_id, *cell, mean, error, items in rows
    }


def _cells(items: pd.DataFrame, baselines: dict[tuple[str, str, Cell], Estimate]) -> list[Cell]:
    """Every cell that production or a cold eval has; locale and model where they take at least two values."""
    slices = {(OVERALL, "all")}
    for kind in (*ALWAYS_SLICED, *SLICED_WHERE_THEY_VARY):
        found = sorted(items[kind].dropna().unique())
        if kind in ALWAYS_SLICED or len(found) > 1:
            slices |= {(kind, value) for value in found}
    criteria = set(items["criterion"])
    cells = {Cell(*slice_, criterion) for slice_ in slices for criterion in criteria}
    cells |= {cell for _, _, cell in baselines if cell.criterion in criteria}
    return sorted(cells | {Cell(OVERALL, "all", OVERALL)})


def _night(feature: Feature, day: date, frame: pd.DataFrame, epoch_value: str | None, cells: list[Cell]) -> Night:
    """Estimate every cell from one day's judged items."""
    frame = frame.sort_values(["log_id", "criterion"], kind="stable")
    items = frame.drop_duplicates("log_id").set_index("log_id")
    scores = frame.pivot(index="log_id", columns="criterion", values="score").reindex(items.index)
    by_criterion = {name: scores[name].to_numpy(dtype=float) for name in scores}
    kinds = {cell.slice_kind for cell in cells} - {OVERALL}
    values = {OVERALL: np.full(len(items), "all", dtype=object)} | {kind: items[kind].to_numpy(object) for kind in kinds}
    matrix = np.full((len(items), len(cells)), np.nan)
    for column, cell in enumerate(cells):
        if cell.criterion in by_criterion:
            matrix[:, column] = np.where(values[cell.slice_kind] == cell.slice, by_criterion[cell.criterion], np.nan)
    stratum = pd.factorize(items["stratum"], sort=True)[0]
    means = domain_means(stratum, items["weight"].to_numpy(dtype=float), matrix)
    first = items.iloc[0]
    baseline_id = None if pd.isna(first.baseline_id) else first.baseline_id
    key = EpochKey(feature.stage_on(day).name, first.rubric_id, baseline_id, epoch_value)
    content = frame[["log_id", "criterion", "score", "weight", "stratum"]].to_csv(index=False)
    return Night(day, key, hashlib.sha256(content.encode()).hexdigest(), *means)


_ROW_COLUMNS = [name for name in lake.columns("divergence") if name not in ("feature", "adjusted_p")] + ["p_below"]


def _rows(
    feature: Feature,
    nights: list[Night],
    cells: list[Cell],
    baselines: dict[tuple[str, str, Cell], Estimate],
    through: date,
) -> Iterator[tuple]:
    """The rows of every day from the feature's start, in _ROW_COLUMNS' order; a day without scores says no_data."""
    starts = epoch_starts([night.key for night in nights])
    by_day = {night.day: index for index, night in enumerate(nights)}
    pooled: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for start in set(starts):
        members = [night for night, begun in zip(nights, starts, strict=True) if begun == start]
        pooled[start] = pooled_nights(
            np.array([night.mean for night in members]), np.array([night.variance for night in members])
        )
    for offset in range((through - feature.start).days + 1):
        day = feature.start + timedelta(days=offset)
        if day not in by_day:
            nothing = Cell(OVERALL, "all", OVERALL)
            for window in ("night", "epoch"):
                stage = feature.stage_on(day).name
                yield _row(feature, day, window, nothing, NOTHING, NOTHING, 0, (stage, None, None, None), None)
            continue
        index = by_day[day]
        night, start = nights[index], starts[index]
        epoch = nights[start : index + 1]
        means, variances, counts = (array[index - start] for array in pooled[start])
        pooled_items = sum(other.items for other in epoch)
        one = digest([night.inputs_digest, *night.key])
        several = digest([[other.inputs_digest for other in epoch], *night.key])
        about = (night.key.stage, nights[start].day, night.key.rubric_id, night.key.baseline_id)
        for column, cell in enumerate(cells):
            cold = _cold(baselines, night.key, cell)
            tonight = Estimate(night.mean[column], night.variance[column], int(night.items[column]))
            so_far = Estimate(means[column], variances[column], int(pooled_items[column]))
            if tonight.items or _must_be_there(cell, cold):
                yield _row(feature, day, "night", cell, tonight, cold, min(tonight.items, 1), about, one)
            if so_far.items or _must_be_there(cell, cold):
                yield _row(feature, day, "epoch", cell, so_far, cold, int(counts[column]), about, several)


def _cold(baselines: dict[tuple[str, str, Cell], Estimate], key: EpochKey, cell: Cell) -> Estimate:
    """What a cell is compared with: a category with the same category, everything else with the whole cold eval."""
    reference = cell if cell.slice_kind == "category" else Cell(OVERALL, "all", cell.criterion)
    return baselines.get((key.baseline_id, key.rubric_id, reference), NOTHING)


def _must_be_there(cell: Cell, cold: Estimate) -> bool:
    """The overall score, and what the cold eval has and production has not, are rows even without items."""
    return (cell.slice_kind, cell.criterion) == (OVERALL, OVERALL) or (cell.slice_kind == "category" and cold.items > 0)


def _row(
    feature: Feature,
    day: date,
    window: str,
    cell: Cell,
    prod: Estimate,
    cold: Estimate,
    nights: int,
    about: tuple[str, date | None, str | None, str | None],
    inputs_digest: str | None,
) -> tuple:
    band = feature.bands.quality
    comparison = compare(prod, cold, band)
    stage, epoch_start, rubric_id, baseline_id = about
    return (
        day,
        window,
        *cell,
        prod.mean,
        np.sqrt(prod.variance),
        cold.mean,
        np.sqrt(cold.variance),
        comparison.difference,
        comparison.relative_difference,
        comparison.ci_low,
        comparison.ci_high,
        band,
        comparison.verdict.value,
        nights,
        prod.items,
        comparison.minimum_detectable,
        stage,
        epoch_start,
        rubric_id,
        baseline_id,
        inputs_digest,
        comparison.p_below,
    )


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
