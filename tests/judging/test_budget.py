"""What judging an item costs at most: every token of its prompts at its dearest, and answers as long as they may be."""

import json
from math import ceil

import pytest

from pipelines.feature import Votes
from pipelines.judging.budget import Bounds, BudgetTooSmall, affordable
from pipelines.judging.judge import Item, Request
from pipelines.judging.judges import judge_of
from pipelines.judging.providers.anthropic.asking import CACHED_FOR, Asked, Asker
from pipelines.judging.providers.anthropic.money import TokenRate, prices_of
from pipelines.judging.providers.anthropic.reading import Terms, read_message
from pipelines.judging.ruler import rubric_of
from tests.judging.providers.anthropic.asking import feature_of

# US dollars a million tokens. What is written to the cache for an hour costs twice as much as what is read.
PRICES = {"input": 1000, "output": 0}
BASE, PER_BYTE = 1000, 0.5  # tokens of the system prompt, and of a byte of a message
ITEM = Item("Where is my invoice?", "In Settings, under Billing.")


def bounds_of(criteria=("tone",), **judge) -> Bounds:
    """The bounds of a feature whose rulers all have the same token rate."""
    section = {"prices": PRICES, "criteria": dict.fromkeys(criteria, 1), "max_tokens": 256} | judge
    feature = feature_of("http://127.0.0.1:1", **section)
    rubric = rubric_of(feature, judge_of(feature))
    return Bounds(feature, rubric, {ruler.ruler_id: TokenRate(BASE, PER_BYTE, True) for ruler in rubric.rulers})


def message_tokens(bounds: Bounds, item: Item = ITEM) -> list[int]:
    """The tokens of the item's messages, a ruler each."""
    asker = Asker(bounds.feature.judge)
    asked = [
        asker.ask(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))
        for ruler in bounds.rubric.rulers
    ]
    return [
        ceil(PER_BYTE * len(each.params["messages"][0]["content"].encode()))
        for each in asked
        if isinstance(each, Asked)
    ]


def test_the_system_prompt_counts_as_written_to_the_cache_for_an_hour():
    bounds = bounds_of()
    (message,) = message_tokens(bounds)
    # 1,000 * 2 + the message's, at 1,000 dollars a million
    assert bounds.of({"a": ITEM})["a"] == pytest.approx((2 * BASE + message) * 1000 / 1e6)


@pytest.mark.parametrize(
    ("dearest", "times"), [({"cache_write_1h": 3}, 3), ({"cache_write_5m": 4}, 4), ({"cache_read": 5}, 5)]
)
def test_it_counts_at_the_dearest_of_what_the_cache_may_cost(dearest, times):
    bounds = bounds_of(prices=PRICES | dearest)
    (message,) = message_tokens(bounds)
    assert bounds.of({"a": ITEM})["a"] == pytest.approx((times * BASE + message) * 1000 / 1e6)


def test_an_answer_that_finds_nothing_in_the_cache_and_is_as_long_as_it_may_be_costs_just_its_bound():
    bounds = bounds_of(prices={"input": 1000, "output": 5000})
    (message,) = message_tokens(bounds)
    assert CACHED_FOR == "1h"
    usage = {
        "input_tokens": message,
        "output_tokens": 256,
        "cache_creation_input_tokens": BASE,
        "cache_creation": {"ephemeral_1h_input_tokens": BASE, "ephemeral_5m_input_tokens": 0},
    }
    judge = bounds.feature.judge
    answer = json.dumps({"evidence": "", "rationale": "fine", "score": 4, "injection_suspected": False})
    sent = {"content": [{"type": "text", "text": answer}], "stop_reason": "end_turn", "usage": usage}
    verdict = read_message(sent, Terms(prices_of(judge.model, judge.prices), False, True, 256))
    assert bounds.of({"a": ITEM})["a"] == pytest.approx(verdict.cost_usd)


def test_every_criterion_of_every_item_counts_and_so_does_every_vote():
    one, two = bounds_of(), bounds_of(criteria=("tone", "addressed_question"))
    longer = Item(ITEM.input, 10 * ITEM.output)
    found = two.of({"a": ITEM, "b": longer})
    for item_id, item in (("a", ITEM), ("b", longer)):
        assert found[item_id] == pytest.approx(sum(2 * BASE + tokens for tokens in message_tokens(two, item)) / 1000)
    assert found["b"] > found["a"] > one.of({"a": ITEM})["a"]
    voted = two.of({"a": ITEM}, Votes(count=2, share=1))
    assert voted["a"] == pytest.approx(3 * found["a"])  # the verdict and two votes
    halved = bounds_of(criteria=("tone", "addressed_question"), mode="batch").of({"a": ITEM})
    assert halved["a"] == pytest.approx(found["a"] / 2)


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
