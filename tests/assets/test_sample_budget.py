"""A budget makes the sample smaller by design, before anything is judged, and the same on every run."""

from dataclasses import replace

import pytest

from pipelines.assets.judge_costs import make_judge_costs
from pipelines.assets.judgments import make_judgments
from pipelines.assets.prod_logs import make_prod_logs
from pipelines.assets.sample import make_sample
from pipelines.errors import UserError
from pipelines.judging.budget import BudgetTooSmall
from pipelines.judging.failures import NightStopped
from pipelines.judging.judge import Item, ItemKind, Key
from pipelines.judging.judges import judge_of
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers.anthropic.prices import PRICES as LISTED
from pipelines.judging.providers.anthropic.reading import Terms, read_message
from pipelines.judging.providers.anthropic.tokens import UncountedTokens, measure
from pipelines.judging.ruler import rubric_of
from pipelines.judging.token_rates import MARGIN, TOKENS_PER_BYTE, kept_rates, token_rates
from tests.judging.test_ledger import WHEN
from tests.messages_server import KEY, Endpoint, MessagesServer, Rule
from tests.nights.judged import SAMPLED, change, judged_rollout, make, make_day, rows

# Only what is written costs: a verdict of at most 256 tokens is bounded at 256 * 1,000 / 1e6 = 0.256 dollars, live.
PRICES = {"prices": {"input": 0, "output": 1000}, "max_tokens": 256, "criteria": {"tone": 1}}
STRATA = "SELECT DISTINCT stratum, stratum_size, stratum_wanted, stratum_sampled FROM sample ORDER BY stratum"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


def by_the_api(feature, *texts):
    """Measures rulers by the API's counts of items with these texts."""
    items = [Item(text, text) for text in texts]
    return lambda rulers: measure(feature.judge, rulers, items)


def sampled():
    return {log_id for (log_id,) in rows("SELECT log_id FROM sample", "sample")}


def test_the_sample_shrinks_stratum_by_stratum_to_what_the_budget_allows_and_says_so():
    with MessagesServer() as server:
        feature = judged_rollout(server.url, **PRICES)
        make_day(feature, make_prod_logs, make_sample)
        whole, design = sampled(), rows(STRATA, "sample")
        feature = change(feature, '"criteria"', '"budget_usd": 4, "criteria"')
        make_day(feature, make_sample)
    # 4 / 0.256 = 15.6
    shrunk = rows(STRATA, "sample")
    assert (len(whole), len(sampled())) == (SAMPLED, 15)
    assert sampled() < whole
    assert [row[:3] for row in shrunk] == [row[:3] for row in design]
    assert sum(sampled_ for *_, sampled_ in shrunk) == 15
    assert all(4 <= sampled_ <= wanted for _, _, wanted, sampled_ in shrunk)


def test_batches_halve_what_a_verdict_is_bounded_at_and_votes_that_may_come_count():
    with MessagesServer() as server:
        feature = judged_rollout(server.url, budget_usd=1.4, mode="batch", **PRICES)
        make_day(feature, make_prod_logs, make_sample)
        assert len(sampled()) == 10  # 1.4 / 0.128 = 10.9
        votes = '"votes": {"count": 2, "share": %s, "borderline": %s}, "criteria"'
        make_day(change(feature, '"criteria"', votes % (0, "true")), make_sample)
        assert len(sampled()) == 3  # each may be on the border: 1.4 / (3 * 0.128) = 3.6
        make_day(change(feature, votes % (0, "true"), votes % (0, "false")), make_sample)
        assert len(sampled()) == 10


def test_a_second_run_draws_the_same_sample_although_all_is_judged_and_nothing_counts_tokens():
    with MessagesServer() as server:
        feature = judged_rollout(server.url, budget_usd=0.01, prices={"input": 1, "output": 1}, criteria={"tone": 1})
        make_day(feature, make_prod_logs, make_sample, make_judgments)
        first = rows("SELECT * FROM sample ORDER BY log_id", "sample")
        assert 1 < len(first) < SAMPLED
        counted = server.counts().requests["count_tokens"]
        server.follow(rules=(Rule(Endpoint.COUNT_TOKENS, "error", {"status": 500}),))
        make_day(feature, make_sample)
        assert server.counts().requests["count_tokens"] == counted > 0
    assert rows("SELECT * FROM sample ORDER BY log_id", "sample") == first


def test_a_budget_that_no_log_can_be_judged_for_is_an_error_that_says_what_one_costs():
    with MessagesServer() as server:
        feature = judged_rollout(server.url, budget_usd=0.2, **PRICES)
        with pytest.raises(BudgetTooSmall, match=r"judge.budget_usd is 0.2, and judging a single log can cost 0.256"):
            make_day(feature, make_prod_logs, make_sample)


def test_a_server_that_does_not_count_is_reckoned_by_bytes_and_that_is_said(caplog):
    with MessagesServer(rules=(Rule(Endpoint.COUNT_TOKENS, "error", {"status": 404}),)) as server:
        feature = judged_rollout(server.url, budget_usd=100, criteria={"tone": 1})
        make_day(feature, make_prod_logs, make_sample)
    assert len(sampled()) == SAMPLED
    assert "nothing counts tokens here: prompts are reckoned from bytes, 0.5 tokens each" in caplog.text
    with Ledger() as ledger:
        (rate,) = kept_rates(feature, rubric_of(feature, judge_of(feature)), ledger).values()
    assert (rate.tokens_per_byte, rate.is_counted) == (TOKENS_PER_BYTE, False)
    assert rate.base_tokens > 1000


@pytest.mark.parametrize(
    ("rule", "error", "said"),
    [
        (Rule(Endpoint.COUNT_TOKENS, "error", {"status": 400}), UncountedTokens, "did not count them .400"),
        (Rule(Endpoint.COUNT_TOKENS, "error", {"status": 401}), NightStopped, "ANTHROPIC_API_KEY"),
    ],
)
def test_an_api_that_counts_but_did_not_is_an_error(rule, error, said):
    with MessagesServer(rules=(rule,)) as server:
        feature = judged_rollout(server.url, budget_usd=100, criteria={"tone": 1})
        with pytest.raises(error, match=said):
            make_day(feature, make_prod_logs, make_sample)


def test_an_api_that_is_down_is_an_error(monkeypatch):
    monkeypatch.setattr("anthropic._base_client.INITIAL_RETRY_DELAY", 0.01)
    feature = judged_rollout("http://127.0.0.1:1", budget_usd=100, criteria={"tone": 1})
    with pytest.raises(UserError, match=r"the API did not count them \(connection: .*\); run the night again"):
        make_day(feature, make_prod_logs, make_sample)


def test_texts_as_short_as_none_give_a_rate_all_the_same():
    with MessagesServer() as server, Ledger() as ledger:
        feature = judged_rollout(server.url, criteria={"tone": 1})
        # "OK" has as many bytes as null
        rates = token_rates(feature, rubric_of(feature, judge_of(feature)), by_the_api(feature, "OK", ""), ledger)
    assert [rate.tokens_per_byte for rate in rates.values()] == [TOKENS_PER_BYTE * MARGIN]


def test_each_feature_has_token_rates_of_its_own():
    with MessagesServer() as server, Ledger() as ledger:
        feature = judged_rollout(server.url, criteria={"tone": 1})
        rubric = rubric_of(feature, judge_of(feature))
        token_rates(feature, rubric, by_the_api(feature, "Where is it?"), ledger)
        another = feature.model_copy()
        another._name = "another"
        assert kept_rates(another, rubric, ledger) == {}
        assert len(kept_rates(feature, rubric, ledger)) == 1


def test_what_judging_cost_is_added_up_from_each_verdicts_tokens():
    usage = {
        "input_tokens": 100,
        "output_tokens": 50,
        "cache_creation_input_tokens": 700,
        "cache_creation": {"ephemeral_1h_input_tokens": 500, "ephemeral_5m_input_tokens": 200},
        "cache_read_input_tokens": 1000,
    }
    answer = '{"evidence": "", "rationale": "fine", "score": 4, "injection_suspected": false}'
    content = [{"type": "text", "text": answer}]
    sent = {"model": "claude-haiku-5-5", "content": content, "stop_reason": "end_turn", "usage": usage}
    prices = LISTED.of("claude-haiku-5-5")
    live, batch = (read_message(sent, Terms(prices, in_batch, True, 1024)) for in_batch in (False, True))
    # (100 + 500 * 2 + 200 * 1.25 + 1,000 * 0.1) * 0.10 / 1e6 + 50 * 0.50 / 1e6 = 0.000145 + 0.000025, and half of that
    assert (live.cost_usd, batch.cost_usd) == (pytest.approx(0.000170), pytest.approx(0.000085))
    feature = judged_rollout("http://127.0.0.1:1")
    with Ledger() as ledger:
        batch = replace(batch, batch_id="msgbatch_1")
        ledger.record([(Key("r", "a", ""), batch), (Key("r", "b", ""), batch)], "drafts", ItemKind.PROD, WHEN)
        ledger.record([(Key("r", "c", "vote 1"), live)], "drafts", ItemKind.PROD, WHEN)
        ledger.record([(Key("r", "d", ""), live)], "another", ItemKind.PROD, WHEN)
    make(feature, make_judge_costs)
    columns = "in_batches, verdicts, input_tokens, cache_read_tokens, output_tokens, cost_usd, running_total_usd"
    assert rows(f"SELECT {columns} FROM judge_costs ORDER BY running_total_usd", "judge_costs") == [
        (False, 1, 1800, 1000, 50, pytest.approx(0.000170), pytest.approx(0.000170)),
        (True, 2, 3600, 2000, 100, pytest.approx(0.000170), pytest.approx(0.000340)),
    ]
