"""Units are shared out exactly, floors and caps hold, and a larger n takes nothing away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.statistics.allocation import allocate

SIZES = st.lists(st.integers(1, 400), min_size=1, max_size=12)


def test_without_a_floor_that_binds_units_are_proportional():
    # 100 of 1,000: exact shares are 60, 30 and 10
    assert allocate([600, 300, 100], n=100, floor=1) == [60, 30, 10]


def test_the_next_unit_goes_by_wrights_priority():
    # floors give 1, 1. Then N / sqrt(k (k+1)): A 10/1.414 = 7.07, B 4/1.414 = 2.83 -> A=2;
    # A 10/2.449 = 4.08 -> A=3; A 10/3.464 = 2.89 > 2.83 -> A=4; A 10/4.472 = 2.24 < 2.83 -> B=2
    assert [allocate([10, 4], n, floor=1) for n in (2, 3, 4, 5, 6)] == [[1, 1], [2, 1], [3, 1], [4, 1], [4, 2]]


def test_small_strata_get_the_floor_or_all_they_have():
    assert allocate([1000, 12, 3], n=50, floor=10) == [37, 10, 3]


def test_a_day_smaller_than_n_is_judged_whole():
    assert allocate([5, 7], n=200, floor=10) == [5, 7]


def test_where_n_does_not_reach_for_the_floors_they_are_filled_evenly_and_by_size():
    # 29 for three floors of 10: nine rounds are 27, the tenth reaches the two largest
    assert allocate([40, 1000, 20], n=29, floor=10) == [10, 10, 9]


def test_no_stratum_goes_without_a_unit_even_where_there_are_more_than_n():
    assert allocate([9, 8, 7], n=2, floor=5) == [1, 1, 1]


def test_no_strata_no_units():
    assert allocate([], n=200, floor=10) == []


def test_an_empty_stratum_is_an_error():
    with pytest.raises(ValueError, match="at least one log"):
        allocate([3, 0], n=2, floor=1)


@given(SIZES, st.integers(1, 600), st.integers(1, 30))
def test_the_sum_is_exact_and_caps_hold(sizes, n, floor):
    units = allocate(sizes, n, floor)
    assert sum(units) == min(max(n, len(sizes)), sum(sizes))
    assert all(1 <= given <= size for given, size in zip(units, sizes, strict=True))
    if sum(min(floor, size) for size in sizes) <= n:
        assert all(given >= min(floor, size) for given, size in zip(units, sizes, strict=True))


@given(SIZES, st.integers(1, 300), st.integers(1, 300), st.integers(1, 30))
def test_a_larger_n_takes_no_unit_away(sizes, n, more, floor):
    smaller, larger = allocate(sizes, n, floor), allocate(sizes, n + more, floor)
    assert all(a <= b for a, b in zip(smaller, larger, strict=True))
