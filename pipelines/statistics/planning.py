"""What it would take to tell: nights, or items of the cold eval."""

from math import inf


def nights_to_tell(
    distance: float, standard_error: float, nights: int, baseline_standard_error: float, z: float
) -> float:
    """How many nights in all it takes until z standard errors are less than `distance`, should the means stay as they are.

    `distance` is from the observed difference to the edge that it must clear, and `standard_error` that of the mean of
    `nights` nights, both in score points. The variance of k nights is v / k, that of the cold eval stays: k must exceed
    v / (distance^2 / z^2 - v_B). inf where the cold eval's own error is too large for any number of nights.
    """
    room = (distance / z) ** 2 - baseline_standard_error**2
    return standard_error**2 * nights / room if room > 0 else inf


def baseline_items_to_tell(distance: float, baseline_standard_error: float, baseline_items: int, z: float) -> float:
    """How many items the cold eval must exceed for any number of nights to tell: its variance falls as 1 / items."""
    return baseline_items * (z * baseline_standard_error / distance) ** 2 if distance else inf
