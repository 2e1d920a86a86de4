"""Nights against the cold eval in two windows: each alone, and its epoch so far."""

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipelines.statistics.alarm import Alarm, alarm
from pipelines.statistics.between_nights import between_nights_so_far, known_before
from pipelines.statistics.confidence_sequence import Bound, mixture_parameter, planned_variance, sequence, student
from pipelines.statistics.missing_bounds import View, within_bounds
from pipelines.statistics.pooled_nights import pooled_nights
from pipelines.statistics.verdict import Comparison, Estimate, compare

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Arrays = TypeVar("Arrays", bound=tuple)


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
    nights: Nights, cold: Estimate, band: float, epoch: Integers, rubric: Integers, spread: Floats
) -> Window:
    """Every night with the nights of its epoch before it, read every night.

    `epoch` and `rubric` (nights) tell these apart; an epoch is a run of nights. `spread` is the variance of the cold
    eval's items: with the items of the epoch's first night that has the cell, a number of the design, it makes the
    `planned_variance`, before any score of the epoch is seen.
    """
    between = between_nights_so_far(nights.scored.mean, nights.scored.variance, epoch, rubric)
    epochs = [epoch == each for each in dict.fromkeys(epoch.tolist())]
    pooled = _joined([_pooled(_cut(nights, here), between[here], spread[here]) for here in epochs])
    prod, least, greatest, missing, count, rho, freedom = pooled
    low, high = within_bounds(View(prod.mean, prod.variance), least, greatest, missing, band)
    scored = View(nights.scored.mean, nights.scored.variance)
    tonight = within_bounds(scored, nights.least, nights.greatest, nights.missing, band)[1]
    reference = Estimate(
        np.broadcast_to(cold.mean, count.shape),
        np.broadcast_to(cold.variance, count.shape),
        np.broadcast_to(cold.items, count.shape),
    )
    known = known_before(between, rubric)
    freedom = np.maximum(freedom, 1)
    bound = sequence(count, rho, freedom)
    return Window(
        prod,
        least.mean,
        greatest.mean,
        missing,
        count,
        low,
        high,
        freedom,
        rho,
        bound,
        compare(prod, cold, band, bound, low, high),
        _joined(
            [
                alarm(
                    _cut(nights.scored, here),
                    _cut(tonight, here),
                    _cut(reference, here),
                    known[here],
                    nights.degrees_of_freedom[here],
                    band,
                )
                for here in epochs
            ]
        ),
    )


class _Pooled(NamedTuple):
    """Nights pooled up to each of them; `degrees_of_freedom` are those of the variances of `scored`."""

    scored: Estimate
    least: View
    greatest: View
    missing: Floats
    nights: Integers
    rho: Floats
    degrees_of_freedom: Floats


def _pooled(nights: Nights, between: Floats, spread: Floats) -> _Pooled:
    """One epoch, pooled up to each of its nights.

    A night that no item of a cell was scored on is in none of the cell's means.
    """
    there = ~np.isnan(nights.scored.mean) & ~np.isnan(nights.scored.variance)
    mean, variance, count = pooled_nights(nights.scored.mean, nights.scored.variance, between)
    least, greatest = (
        View(*pooled_nights(np.where(there, view.mean, np.nan), view.variance, between)[:2])
        for view in (nights.least, nights.greatest)
    )
    missing = np.where(there, nights.missing, 0.0).cumsum(axis=0) / np.maximum(count, 1)
    first = np.take_along_axis(nights.scored.items, (nights.scored.items > 0).argmax(axis=0)[None], axis=0)
    rho = mixture_parameter(planned_variance(spread, first))
    freedom = np.where(there, nights.degrees_of_freedom, 0.0).cumsum(axis=0)
    scored = Estimate(mean, variance, nights.scored.items.cumsum(axis=0))
    return _Pooled(scored, least, greatest, missing, count, rho, freedom)


def _cut(arrays: Arrays, nights: NDArray[np.bool_]) -> Arrays:
    """Some of the nights of a named tuple of arrays, or of such tuples."""
    fields: Any = arrays
    return fields._make(part[nights] if isinstance(part, np.ndarray) else _cut(part, nights) for part in fields)


def _joined(parts: list[Arrays]) -> Arrays:
    """What was cut, one after the other."""
    first: Any = parts[0]
    return first._make(
        np.concatenate(column) if isinstance(column[0], np.ndarray) else _joined(list(column))
        for column in zip(*parts, strict=True)
    )
