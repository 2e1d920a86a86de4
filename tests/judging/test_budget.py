"""The largest sample within a budget, by what judging each of its logs costs at most."""

import pytest

from pipelines.feature import Votes
from pipelines.judging.budget import Bounds, BudgetTooSmall, affordable
from pipelines.judging.judge import Item


@pytest.mark.parametrize(("budget", "expected"), [(20.0, 20), (19.99, 19), (7.0, 7), (1.0, 1)])
def test_a_budget_that_is_met_exactly_is_not_exceeded(budget, expected):
    # a dollar a log
    assert affordable(budget, 20, lambda n: n, float) == (expected, expected)


def test_the_sample_is_made_smaller_until_what_was_drawn_is_within_the_budget():
    # the first five cost a dollar each, every further one a tenth: of 20, at 6.50, a budget of 4 allows 4
    cost = lambda n: min(n, 5) + max(0, n - 5) / 10
    drawn = []
    found = affordable(4.0, 20, lambda n: drawn.append(n) or n, cost)
    # 20 * 4 / 6.5 = 12.3; 12 * 4 / 5.7 = 8.4; 8 * 4 / 5.3 = 6.04; 6 * 4 / 5.1 = 4.7
    assert (found, drawn) == ((4, 4), [20, 12, 8, 6, 4])
    with pytest.raises(BudgetTooSmall, match="judging a single log can cost 1"):
        affordable(0.99, 20, lambda n: n, cost)


def test_where_judging_costs_nothing_no_budget_makes_the_sample_smaller():
    assert affordable(0.01, 20, lambda n: n, lambda n: None) == (20, None)


def test_votes_that_there_may_be_cost_as_much_as_the_verdict_itself():
    bounds = Bounds(lambda item: len(item.output), "a dollar a character")
    items = {"a": Item(None, "one"), "b": Item(None, "three")}
    assert bounds.of(items) == {"a": 3, "b": 5}
    assert bounds.of(items, Votes(count=2, share=1)) == {"a": 9, "b": 15}  # the verdict and two votes
    assert bounds.of(items, Votes(count=2, share=0, borderline=False)) == {"a": 3, "b": 5}
