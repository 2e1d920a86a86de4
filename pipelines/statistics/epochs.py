"""Epochs: runs of days that may be pooled."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def epoch_starts(keys: Sequence[Key | None]) -> list[int | None]:
    """For each day in order, the index of its epoch's first day; None on a day without a key, which has no data.

    A day's key is all that must stay the same to pool nights: stage, rubric, baseline, and the value of `epoch_on`.
    A day without one neither ends an epoch nor belongs to it.
    """
    starts: list[int | None] = []
    current: tuple[Key, int] | None = None
    for index, key in enumerate(keys):
        if key is None:
            starts.append(None)
            continue
        if current is None or current[0] != key:
            current = (key, index)
        starts.append(current[1])
    return starts
