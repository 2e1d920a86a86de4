"""Nights against the cold eval in two windows: each alone, and its epoch so far."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipelines.statistics.alarm import LONGEST, Alarm, alarm
from pipelines.statistics.between_nights import MOST_NIGHTS, WEEK, between_nights_so_far, known_before
from pipelines.statistics.confidence_sequence import Bound, mixture_parameter, planned_variance, sequence, student
from pipelines.statistics.missing_bounds import View, within_bounds
from pipelines.statistics.pooled_nights import pooled_nights
from pipelines.statistics.verdict import Comparison, Estimate, compare

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Part = TypeVar("Part")  # an array, or a named tuple of parts


class Nights(NamedTuple):
    """Nights in order, of m cells: (nights, m) each.

    `scored` are means of the items that have a score; `least` and `greatest` those of all items, with each that has
    none as low and as high as it could be; `missing` is the share of the latter; `degrees_of_freedom` are those of the
    variances of `scored`.
    """

    scored: Estimate
    least: View
    greatest: View
    missing: Floats
    degrees_of_freedom: Floats


class Window(NamedTuple):
    """What a window says on every night: (nights, m) each. Its ends are taken from the views `low` and `high`."""

    prod: Estimate
    least: Floats
    greatest: Floats
    missing: Floats
    nights: Integers
    low: View
    high: View
    degrees_of_freedom: Floats
    rho: Floats
    bound: Bound
    comparison: Comparison
    alarm: Alarm


def each_night(nights: Nights, cold: Estimate, band: float) -> Window:
    """Every night by itself, looked at once; no alarm, which is for who looks every night."""
    scored = View(nights.scored.mean, nights.scored.variance)
    low, high = within_bounds(scored, nights.least, nights.greatest, nights.missing, band)
    none = Alarm(np.zeros(nights.missing.shape, dtype=np.int64), np.full(nights.missing.shape, np.nan))
    freedom = np.maximum(nights.degrees_of_freedom, 1)
    bound = student(freedom)
    return Window(
        nights.scored,
        nights.least.mean,
        nights.greatest.mean,
        nights.missing,
        np.minimum(nights.scored.items, 1),
        low,
        high,
        freedom,
        np.full(nights.missing.shape, np.nan),
        bound,
        compare(nights.scored, cold, band, bound, low, high),
        none,
    )


def epoch_so_far(
    nights: Nights, cold: Estimate, band: float, epoch: Integers, rubric: Integers, spread: Floats, since: int = 0
) -> Window:
    """The nights from number `since` on, each with the nights of its epoch before it, read every night.

    `epoch` and `rubric` (nights) tell these apart; an epoch is a run of nights. `spread` is the variance of the cold
    eval's items: with the items of the epoch's first night that has the cell, a number of the design, it makes the
    `planned_variance`, before any score of the epoch is seen.

    The nights before `since` are there for what the later ones rest on: `lead_in` says from which on they are needed.
    """
    between = between_nights_so_far(
        nights.scored.mean, nights.scored.variance, epoch, rubric, _between_needed(rubric, since)
    )
    before = known_before(between, rubric)
    tonight = within_bounds(View(*nights.scored[:2]), nights.least, nights.greatest, nights.missing, band)[1]
    reference = Estimate._make(np.broadcast_to(part, nights.missing.shape) for part in cold)
    parts, alarms = [], []
    for begin in dict.fromkeys(epoch[since:].tolist()):
        of_epoch = np.flatnonzero(epoch == begin)
        pooled = _pooled(some_nights(nights, of_epoch), between[of_epoch], spread[of_epoch])
        parts.append(some_nights(pooled, of_epoch >= since))
        alarms.append(_alarm_since(since, of_epoch, (nights.scored, tonight, reference, before), nights, band))
    pooled = _joined(parts)
    low, high = within_bounds(View(*pooled.scored[:2]), pooled.least, pooled.greatest, pooled.missing, band)
    freedom = np.maximum(pooled.degrees_of_freedom, 1)
    bound = sequence(pooled.nights, pooled.rho, freedom)
    cold_since = some_nights(reference, slice(since, None))
    return Window(
        pooled.scored,
        pooled.least.mean,
        pooled.greatest.mean,
        pooled.missing,
        pooled.nights,
        low,
        high,
        freedom,
        pooled.rho,
        bound,
        compare(pooled.scored, cold_since, band, bound, low, high),
        _joined(alarms),
    )


def lead_in(epoch_begins: Sequence[int], rubric: Integers, since: int) -> int:
    """The number of the first night that the nights from `since` on rest on: `epoch_begins` (nights) is the number of
    each night's epoch's first night.

    They rest on their epoch, and on how much the nights of their rubric differ: for the alarm as it was known a week
    before its longest window, from 28 nights.
    """
    first = since
    for night in range(since, len(rubric)):
        same = np.flatnonzero(rubric[: night + 1] == rubric[night])[-(MOST_NIGHTS + WEEK + LONGEST) :]
        first = min(first, epoch_begins[night], int(same[0]))
    return first


class _Pooled(NamedTuple):
    """One epoch, pooled up to each of its nights: arrays (nights, m)."""

    scored: Estimate
    least: View
    greatest: View
    missing: Floats
    nights: Integers
    rho: Floats
    degrees_of_freedom: Floats


def _pooled(nights: Nights, between: Floats, spread: Floats) -> _Pooled:
    """One epoch pooled. A night that no item of a cell was scored on is in none of the cell's means."""
    scored_cells = ~np.isnan(nights.scored.mean) & ~np.isnan(nights.scored.variance)
    mean, variance, count = pooled_nights(nights.scored.mean, nights.scored.variance, between)
    least, greatest = (
        View(*pooled_nights(np.where(scored_cells, view.mean, np.nan), view.variance, between)[:2])
        for view in (nights.least, nights.greatest)
    )
    missing = np.where(scored_cells, nights.missing, 0.0).cumsum(axis=0) / np.maximum(count, 1)
    first = np.take_along_axis(nights.scored.items, (nights.scored.items > 0).argmax(axis=0)[None], axis=0)
    rho = mixture_parameter(planned_variance(spread, first))
    freedom = np.where(scored_cells, nights.degrees_of_freedom, 0.0).cumsum(axis=0)
    scored = Estimate(mean, variance, nights.scored.items.cumsum(axis=0))
    return _Pooled(scored, least, greatest, missing, count, rho, freedom)


def _between_needed(rubric: Integers, since: int) -> NDArray[np.bool_]:
    """The nights whose tau^2 is asked for: those from `since` on, and what was known before the alarm's windows."""
    needed = np.zeros(len(rubric), dtype=bool)
    for night in range(max(0, since - LONGEST), len(rubric)):
        needed[night] = True
        needed[np.flatnonzero(rubric[:night] == rubric[night])[-WEEK:]] = True
    return needed


def _alarm_since(
    since: int, of_epoch: Integers, known: tuple[Estimate, View, Estimate, Floats], nights: Nights, band: float
) -> Alarm:
    """The alarm of an epoch's nights from `since` on; only the nights that its longest window reaches are looked at."""
    first = max(0, int((of_epoch < since).sum()) - (LONGEST - 1))
    asked = of_epoch[first:]
    scored, high, reference, before = known
    earlier = some_nights(high, of_epoch[:first])
    seen = (~np.isnan(earlier.mean) & ~np.isnan(earlier.variance)).sum(axis=0)
    alarms = alarm(
        some_nights(scored, asked),
        some_nights(high, asked),
        some_nights(reference, asked),
        before[asked],
        nights.degrees_of_freedom[asked],
        band,
        seen,
    )
    return some_nights(alarms, asked >= since)


def some_nights(part: Part, chosen: NDArray | slice) -> Part:
    """The chosen nights of an array, or of a tuple of arrays (of tuples)."""
    return _array_by_array(lambda array: array[chosen], part)


def _joined(parts: list[Part]) -> Part:
    """Arrays of nights one after the other, or tuples of them."""
    return _array_by_array(lambda *arrays: np.concatenate(arrays), *parts)


def _array_by_array(change: Callable[..., NDArray], *parts: Any) -> Any:
    """One part of several that are alike: `change` is given the arrays that have the same place in them."""
    first = parts[0]
    if isinstance(first, np.ndarray):
        return change(*parts)
    return first._make(_array_by_array(change, *arrays) for arrays in zip(*parts, strict=True))
