"""What judging an item costs at most: every token of its prompts at its dearest, and answers as long as they may be."""

import json
from dataclasses import dataclass
from math import ceil

import pytest

from pipelines.feature import Feature, Votes
from pipelines.judging.budget import Bounds
from pipelines.judging.judge import Item, Request
from pipelines.judging.judges import judge_of
from pipelines.judging.providers.anthropic.asking import CACHED_FOR, Asked, Asker
from pipelines.judging.providers.anthropic.bounds import bounds_by
from pipelines.judging.providers.anthropic.money import TokenRate, prices_of
from pipelines.judging.providers.anthropic.reading import Terms, read_message
from pipelines.judging.ruler import Rubric, rubric_of
from tests.judging.providers.anthropic.asking import feature_of

# US dollars a million tokens. What is written to the cache for an hour costs twice as much as what is read.
PRICES = {"input": 1000, "output": 0}
BASE, PER_BYTE = 1000, 0.5  # tokens of the system prompt, and of a byte of a message
ITEM = Item("Where is my invoice?", "In Settings, under Billing.")


@dataclass(frozen=True)
class Bounded:
    """A feature, its rubric, and the bounds of its items."""

    feature: Feature
    rubric: Rubric
    bounds: Bounds

    def of(self, items: dict[str, Item], votes: Votes | None = None) -> dict[str, float]:
        return self.bounds.of(items, votes)


def bounded(criteria=("tone",), **judge) -> Bounded:
    """The bounds of a feature whose rulers all have the same token rate."""
    section = {"prices": PRICES, "criteria": dict.fromkeys(criteria, 1), "max_tokens": 256} | judge
    feature = feature_of("http://127.0.0.1:1", **section)
    rubric = rubric_of(feature, judge_of(feature))
    rates = {ruler.ruler_id: TokenRate(BASE, PER_BYTE, True) for ruler in rubric.rulers}
    return Bounded(feature, rubric, bounds_by(feature, rubric, rates))


def message_tokens(bounded: Bounded, item: Item = ITEM) -> list[int]:
    """The tokens of the item's messages, a ruler each."""
    asker = Asker(bounded.feature.judge)
    requests = [
        asker.ask(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))
        for ruler in bounded.rubric.rulers
    ]
    return [
        ceil(PER_BYTE * len(asked.params["messages"][0]["content"].encode()))
        for asked in requests
        if isinstance(asked, Asked)
    ]


def test_the_system_prompt_counts_as_written_to_the_cache_for_an_hour():
    bounds = bounded()
    (message,) = message_tokens(bounds)
    # 1,000 * 2 + the message's, at 1,000 dollars a million
    assert bounds.of({"a": ITEM})["a"] == pytest.approx((2 * BASE + message) * 1000 / 1e6)


@pytest.mark.parametrize(
    ("dearest", "times"), [({"cache_write_1h": 3}, 3), ({"cache_write_5m": 4}, 4), ({"cache_read": 5}, 5)]
)
def test_it_counts_at_the_dearest_of_what_the_cache_may_cost(dearest, times):
    bounds = bounded(prices=PRICES | dearest)
    (message,) = message_tokens(bounds)
    assert bounds.of({"a": ITEM})["a"] == pytest.approx((times * BASE + message) * 1000 / 1e6)


def test_an_answer_that_finds_nothing_in_the_cache_and_is_as_long_as_it_may_be_costs_just_its_bound():
    bounds = bounded(prices={"input": 1000, "output": 5000})
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
    one, two = bounded(), bounded(criteria=("tone", "addressed_question"))
    longer = Item(ITEM.input, 10 * ITEM.output)
    found = two.of({"a": ITEM, "b": longer})
    for item_id, item in (("a", ITEM), ("b", longer)):
        assert found[item_id] == pytest.approx(sum(2 * BASE + tokens for tokens in message_tokens(two, item)) / 1000)
    assert found["b"] > found["a"] > one.of({"a": ITEM})["a"]
    voted = two.of({"a": ITEM}, Votes(count=2, share=1))
    assert voted["a"] == pytest.approx(3 * found["a"])  # the verdict and two votes
    halved = bounded(criteria=("tone", "addressed_question"), mode="batch").of({"a": ITEM})
    assert halved["a"] == pytest.approx(found["a"] / 2)
