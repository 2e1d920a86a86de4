"""How many nights, or cold items, it takes to tell."""

from math import inf

import pytest

from pipelines.statistics.planning import baseline_items_to_tell, nights_to_tell


def test_nights_grow_with_the_square_of_the_error_over_the_distance():
    # an exact cold eval: k > z^2 v / distance^2 = 4 * (0.01^2 * 4) / 0.02^2 = 4
    assert nights_to_tell(0.02, 0.01, nights=4, baseline_standard_error=0.0, z=2.0) == pytest.approx(4)
    assert nights_to_tell(0.01, 0.01, nights=4, baseline_standard_error=0.0, z=2.0) == pytest.approx(16)
    assert nights_to_tell(-0.01, 0.01, nights=4, baseline_standard_error=0.0, z=2.0) == pytest.approx(16)


def test_at_the_number_of_nights_it_gives_the_interval_just_reaches_the_edge():
    distance, z, baseline, night = 0.03, 2.5758, 0.008, 0.02
    total = nights_to_tell(distance, night, nights=1, baseline_standard_error=baseline, z=z)
    assert z * (night**2 / total + baseline**2) ** 0.5 == pytest.approx(distance)


def test_a_cold_eval_whose_own_error_is_wider_than_the_distance_is_never_enough():
    assert nights_to_tell(0.02, 0.01, nights=4, baseline_standard_error=0.01, z=2.0) == inf
    assert nights_to_tell(0.0, 0.01, nights=4, baseline_standard_error=0.0, z=2.0) == inf


def test_cold_items_needed_grow_with_the_square_too():
    # (2 * 0.01 / 0.01)^2 = 4 times as many
    assert baseline_items_to_tell(0.01, 0.01, baseline_items=120, z=2.0) == pytest.approx(480)
    assert baseline_items_to_tell(0.0, 0.01, baseline_items=120, z=2.0) == inf
