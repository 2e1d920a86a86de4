"""Units are shared out exactly, floors and caps hold, and a larger n takes nothing away."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.statistics.allocation import allocate, neyman_shares, power_shares, standard_error

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


def test_neyman_shares_follow_the_spread():
    # N S = 10 * 0.1 = 1, 10 * 0.4 = 4: floors 1, 1; then 4 / sqrt(2) = 2.83, 4 / sqrt(6) = 1.63, 4 / sqrt(12) = 1.15
    # all exceed 1 / sqrt(2) = 0.71; 4 / sqrt(20) = 0.89 does too, and 4 / sqrt(30) = 0.73; 4 / sqrt(42) = 0.62 does not
    shares = neyman_shares([10, 10], [0.1, 0.4])
    assert [allocate([10, 10], n, 1, shares) for n in (7, 8)] == [[1, 6], [2, 6]]


def test_power_shares_lie_between_proportional_and_equal_ones():
    # sqrt(900) = 30 and sqrt(100) = 10: 3 to 1 instead of 9 to 1
    assert allocate([900, 100], 40, 1, power_shares([900, 100])) == [30, 10]


def test_a_stratum_that_has_no_logs_left_gives_its_units_to_the_others():
    assert allocate([5, 100, 100], 45, 1, [1000, 1, 1]) == [5, 20, 20]


@pytest.mark.parametrize("n", range(3, 12))
def test_no_whole_numbers_give_a_smaller_standard_error(n):
    sizes, spreads = [10, 4, 6], [0.1, 0.4, 0.3]
    best = min(
        standard_error(sizes, units, spreads)
        for units in product(*(range(1, size + 1) for size in sizes))
        if sum(units) == n
    )
    assert standard_error(sizes, allocate(sizes, n, 1, neyman_shares(sizes, spreads)), spreads) == pytest.approx(best)


def test_a_share_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="above 0"):
        allocate([3, 3], n=2, floor=1, shares=[1.0, 0.0])


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


STRATA = st.lists(st.tuples(st.integers(1, 60), st.floats(0.01, 1)), min_size=1, max_size=8)


@given(STRATA, st.integers(1, 99), st.integers(1, 8))
def test_whatever_the_shares_are_the_sum_is_exact_and_a_larger_n_takes_no_unit_away(strata, n, floor):
    sizes, spreads = map(list, zip(*strata, strict=True))
    for shares in (neyman_shares(sizes, spreads), power_shares(sizes)):
        smaller, larger = allocate(sizes, n, floor, shares), allocate(sizes, n + 5, floor, shares)
        assert sum(smaller) == min(max(n, len(sizes)), sum(sizes))
        assert all(a <= b <= size for a, b, size in zip(smaller, larger, sizes, strict=True))


@given(SIZES, st.data(), st.integers(1, 300), st.integers(1, 30))
def test_one_log_more_moves_at_most_one_unit(sizes, data, n, floor):
    grown = list(sizes)
    grown[data.draw(st.integers(0, len(sizes) - 1))] += 1
    for shares_of in (list, power_shares):
        before = allocate(sizes, n, floor, shares_of(sizes))
        after = allocate(grown, n, floor, shares_of(grown))
        assert sum(max(0, a - b) for a, b in zip(before, after, strict=True)) <= 1
