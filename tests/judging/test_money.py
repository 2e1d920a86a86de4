"""What verdicts cost, with the arithmetic by hand."""

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feature import Prices, load_feature
from pipelines.judging.judge import Usage
from pipelines.judging.money import NoPrice, bound_usd, cost_usd
from pipelines.judging.providers.anthropic.prices import PRICES

SONNET = Prices(input=2, output=10)


def test_an_answer_costs_its_tokens_read_and_written():
    # 1,500 * 2 / 1e6 + 200 * 10 / 1e6 = 0.003 + 0.002
    assert cost_usd(SONNET, Usage(input_tokens=1500, output_tokens=200), batch=False) == pytest.approx(0.005)


def test_a_batch_costs_half():
    assert cost_usd(SONNET, Usage(input_tokens=1500, output_tokens=200), batch=True) == pytest.approx(0.0025)


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        (Usage(cache_write_5m_tokens=1000), 0.0025),  # 1,000 * 2 * 1.25 / 1e6
        (Usage(cache_write_1h_tokens=1000), 0.004),  # 1,000 * 2 * 2 / 1e6
        (Usage(cache_read_tokens=1000), 0.0002),  # 1,000 * 2 * 0.1 / 1e6
        # (100 + 1,000 * 0.1) * 2 / 1e6 + 50 * 10 / 1e6 = 0.0004 + 0.0005
        (Usage(input_tokens=100, output_tokens=50, cache_read_tokens=1000), 0.0009),
    ],
)
def test_what_the_cache_holds_costs_otherwise(usage, dollars):
    assert cost_usd(SONNET, usage, batch=False) == pytest.approx(dollars)
    assert cost_usd(SONNET, usage, batch=True) == pytest.approx(dollars / 2)


def test_the_bound_is_the_whole_prompt_and_the_longest_answer():
    # 3,000 * 2 / 1e6 + 1,024 * 10 / 1e6 = 0.006 + 0.01024
    assert bound_usd(SONNET, 3000, 1024, batch=False) == pytest.approx(0.01624)
    assert bound_usd(SONNET, 3000, 1024, batch=True) == pytest.approx(0.00812)


def test_tokens_that_may_have_to_be_written_to_the_cache_are_bounded_at_the_dearest():
    # (1,000 + 2,000 * 2) * 2 / 1e6 + 0.01024 = 0.01 + 0.01024
    assert bound_usd(SONNET, 3000, 1024, batch=False, cached_tokens=2000) == pytest.approx(0.02024)
    with pytest.raises(ValueError, match="3001 tokens for the cache, of 3000"):
        bound_usd(SONNET, 3000, 1024, batch=False, cached_tokens=3001)


COUNT = st.integers(0, 200_000)


@given(plain=COUNT, written_5m=COUNT, written_1h=COUNT, read=COUNT, output=COUNT, batch=st.booleans())
def test_no_answer_costs_more_than_its_bound(plain, written_5m, written_1h, read, output, batch):
    cached = written_5m + written_1h + read
    usage = Usage(plain, output, written_5m, written_1h, read)
    bound = bound_usd(SONNET, plain + cached, output, batch, cached_tokens=cached)
    assert cost_usd(SONNET, usage, batch) <= bound * (1 + 1e-12)


def test_prices_are_the_lists_unless_the_feature_has_its_own():
    assert (PRICES.of("claude-haiku-5-5").input, PRICES.of("claude-haiku-5-5").output) == (0.10, 0.50)
    assert PRICES.of("claude-sonnet-5-5-20261001") == PRICES.of("claude-sonnet-5-5") == SONNET
    own = Prices(input=1, output=3)
    assert PRICES.of("claude-haiku-5-5", own) is own
    assert PRICES.of("somebody-elses", own) is own


def test_a_feature_file_says_what_its_model_costs(tmp_path):
    path = tmp_path / "drafts.yaml"
    path.write_text(
        'start: 2026-10-19\nlogs: {path: "{{ day }}.jsonl"}\njudge: {prices: {input: 3, output: 15, batch: 1}}\n'
    )
    prices = load_feature(path).judge.prices
    # no discount on batches: 1,000 * 3 / 1e6
    assert cost_usd(prices, Usage(input_tokens=1000), batch=True) == pytest.approx(0.003)


def test_a_model_without_a_price_is_told_with_the_remedy():
    with pytest.raises(NoPrice) as error:
        PRICES.of("claude-nova-9")
    for said in (
        "claude-nova-9",
        "claude-opus-5-5",
        "judge: {prices: {input: 2, output: 10}}",
        "providers/anthropic/prices.yaml",
    ):
        assert said in str(error.value)


def test_the_price_list_says_of_when_it_is_and_has_the_multipliers_that_a_feature_gets_by_default():
    listed = yaml.safe_load(PRICES.path.read_text())
    assert isinstance(listed["as_of"], date)
    for prices in PRICES.by_model.values():
        default = Prices(input=prices.input, output=prices.output)
        assert prices == default
        assert prices.output > prices.input > 0
