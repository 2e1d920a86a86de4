"""Live, over HTTP: every item ends in a status, the API's wishes are kept to, and nothing is asked for twice."""

import itertools
import time

import pytest

from pipelines.data_directory import data_directory
from pipelines.errors import UserError
from pipelines.judging import live
from pipelines.judging.judge import Status
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers.anthropic import batches
from tests.judging.providers.anthropic.asking import feature_of, items_of, judged, statuses
from tests.messages_server import KEY, Endpoint, MessagesServer, Rule

MESSAGES = Endpoint.MESSAGES
TOO_MANY = {"status": 429, "retry_after": 0.4}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr(live, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(batches, "FIRST_POLL", 0.02)


def many(count):
    return items_of(*(f"answer {number}" for number in range(count)))


def test_every_item_is_scored_and_each_verdict_says_what_it_took():
    with MessagesServer(latency=0.02) as server:
        verdicts = judged(feature_of(server.url), many(40))
        counts = server.counts()
    assert statuses(verdicts) == {"scored": 40}
    assert set(counts.answered.values()) == {1}
    # eight at a time, each on a connection that is used again
    assert (counts.peak_in_flight, counts.connections_made) == (8, 8)
    assert len({verdict.request_id for verdict in verdicts.values()}) == 40
    for verdict in verdicts.values():
        assert verdict.request_id.startswith("req_")
        assert verdict.judge_model == "claude-haiku-5-5"
        assert 20 <= verdict.latency_ms < 5_000
        assert verdict.usage.output_tokens > 0
        assert verdict.cost_usd > 0
        assert verdict.batch_id is None
    # the system prompt was written to the cache by one and read by the others
    usages = [verdict.usage for verdict in verdicts.values()]
    written = sorted(usage.cache_write_5m_tokens + usage.cache_write_1h_tokens for usage in usages)
    assert written[:39] == [0] * 39
    assert written[39] > 500


def test_what_was_received_is_not_asked_for_again():
    with MessagesServer() as server:
        feature = feature_of(server.url)
        first = judged(feature, many(20))
        second = judged(feature, many(30))
        assert set(server.counts().asked.values()) == {1}
    assert {item: second[item] for item in first} == first


def test_no_more_answers_than_may_be_in_flight_are_ever_without_their_place_in_the_ledger(monkeypatch):
    at_risk, recorded, record = [], 0, Ledger.record

    def slowly(ledger, verdicts, *rest):
        nonlocal recorded
        verdicts = list(verdicts)
        time.sleep(0.05)
        at_risk.append(sum(server.counts().asked.values()) - recorded)
        record(ledger, verdicts, *rest)
        recorded += len(verdicts)

    monkeypatch.setattr(Ledger, "record", slowly)
    with MessagesServer() as server:
        judged(feature_of(server.url), many(50))
    assert recorded == 50
    assert max(at_risk) == 8


@pytest.mark.parametrize(
    ("fault", "arguments"),
    [
        ("error", {"status": 500}),
        ("error", {"status": 503}),
        ("error", {"status": 529}),
        ("error", {"status": 429, "retry_after": 0.02}),
        ("error", {"status": 504}),
        ("reset", {}),
        ("cut_body", {}),
    ],
)
def test_an_accident_is_overcome(fault, arguments):
    with MessagesServer(rules=(Rule(MESSAGES, fault, arguments, contains="answer 3", per_content=2),)) as server:
        verdicts = judged(feature_of(server.url), many(6))
        counts = server.counts()
    assert statuses(verdicts) == {"scored": 6}
    assert sorted(counts.asked.values()) == [1] * 5 + [3]


def test_a_request_that_is_never_answered_is_given_up_by_its_time_limit_and_sent_again(monkeypatch):
    monkeypatch.setattr("pipelines.judging.providers.anthropic.client.LIVE_TIMEOUT", 0.3)
    with MessagesServer(rules=(Rule(MESSAGES, "hang", contains="answer 3", per_content=1),)) as server:
        verdicts = judged(feature_of(server.url), many(6))
        assert sorted(server.counts().asked.values()) == [1] * 5 + [2]
    assert statuses(verdicts) == {"scored": 6}


def test_when_the_api_has_too_much_to_do_all_wait_as_long_as_it_says():
    with MessagesServer(rules=(Rule(MESSAGES, "error", TOO_MANY, times=1),), latency=0.02) as server:
        verdicts = judged(feature_of(server.url), many(60))
        sent = sorted(request.at for request in server.asked)
    assert statuses(verdicts) == {"scored": 60}
    # besides those that were in flight already, nobody sends anything for 0.4 s
    pauses = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert max(pauses) >= 0.3
    assert sum(at < sent[0] + 0.35 for at in sent) <= 16
    assert len(sent) == 61


def test_a_wait_that_is_longer_than_the_run_may_wait_ends_the_run():
    rule = Rule(MESSAGES, "error", {"status": 429, "retry_after": 3600})
    with MessagesServer(rules=(rule,)) as server:
        begun = time.monotonic()
        verdicts = judged(feature_of(server.url, wait="1s"), many(30))
        assert time.monotonic() - begun < 5
        assert len(server.asked) <= 8  # who is told to come back in an hour does not go on asking
        server.follow()
        again = judged(feature_of(server.url, wait="1s"), many(30))
    assert Status.SCORED not in {verdict.status for verdict in verdicts.values()}
    assert statuses(again) == {"scored": 30}


def test_an_api_that_stays_down_ends_the_run_with_a_status_for_every_item(monkeypatch):
    monkeypatch.setattr(live, "LONGEST_PAUSE", 0.1)
    with MessagesServer(rules=(Rule(MESSAGES, "error", {"status": 529}),)) as server:
        begun = time.monotonic()
        verdicts = judged(feature_of(server.url, wait="1s"), many(100))
        assert time.monotonic() - begun < 8
        assert len(server.asked) < 300
    assert len(verdicts) == 100
    assert Status.SCORED not in {verdict.status for verdict in verdicts.values()}


def test_two_items_of_a_hundred_that_fail_for_good_leave_the_others_judged_and_are_asked_again_next_time():
    rules = (
        Rule(MESSAGES, "error", {"status": 500}, contains="answer 17"),
        Rule(MESSAGES, "reset", contains="answer 71"),
    )
    with MessagesServer(rules=rules) as server:
        verdicts = judged(feature_of(server.url), many(100))
        assert statuses(verdicts) == {"scored": 98, "errored": 2}
        assert {item for item, v in verdicts.items() if v.status is Status.ERRORED} == {"answer 17", "answer 71"}
        assert max(server.counts().asked.values()) == live.ATTEMPTS
        server.follow()
        asked = len(server.asked)
        assert statuses(judged(feature_of(server.url), many(100))) == {"scored": 100}
        assert len(server.asked) == asked + 2


def test_a_request_that_the_api_refuses_is_an_error_for_good():
    rule = Rule(MESSAGES, "error", {"status": 400, "text": "too odd"}, contains="answer 3")
    with MessagesServer(rules=(rule,)) as server:
        feature = feature_of(server.url)
        for _ in range(2):
            verdicts = judged(feature, many(6))
        assert set(server.counts().asked.values()) == {1}
    assert statuses(verdicts) == {"scored": 5, "errored": 1}
    assert "too odd" in verdicts["answer 3"].rationale


@pytest.mark.parametrize(
    ("fault", "arguments", "status", "asked"),
    [
        ("refusal", {}, Status.REFUSED, 1),
        ("cut_off", {}, Status.TRUNCATED, 2),
        ("context_exceeded", {}, Status.TRUNCATED, 2),
        ("prose", {}, Status.UNPARSABLE, 2),
        ("no_content", {}, Status.UNPARSABLE, 2),
        ("wrong_schema", {}, Status.UNPARSABLE, 2),
        ("text_around", {}, Status.UNPARSABLE, 2),
        ("nonsense", {}, Status.UNPARSABLE, 2),
        ("web_page", {}, Status.UNPARSABLE, 2),
        ("fixed", {"score": 6}, Status.UNPARSABLE, 2),
        ("fixed", {"score": True}, Status.UNPARSABLE, 2),
        ("thinking_first", {}, Status.SCORED, 1),
        ("fixed", {"score": 4}, Status.SCORED, 1),
        ("fixed", {"score": "na"}, Status.NOT_APPLICABLE, 1),
    ],
)
def test_an_answer_ends_in_the_status_that_it_stands_for_and_is_not_asked_for_again(fault, arguments, status, asked):
    with MessagesServer(rules=(Rule(MESSAGES, fault, arguments, contains="answer 3"),)) as server:
        feature = feature_of(server.url)
        verdicts = judged(feature, many(6))
        assert judged(feature, many(6)) == verdicts
        assert len(server.asked) == 5 + asked
    assert verdicts.pop("answer 3").status is status
    assert statuses(verdicts) == {"scored": 5}


def test_a_cut_off_answer_is_asked_for_once_more_with_more_room_and_both_are_paid_for():
    with MessagesServer(rules=(Rule(MESSAGES, "cut_off", {"below": 1025}, contains="answer 3"),)) as server:
        verdicts = judged(feature_of(server.url), many(2) | items_of("answer 3"))
        room = [request.params["max_tokens"] for request in server.asked if b"answer 3" in request.body]
    assert room == [1024, 4 * 1024]
    assert statuses(verdicts) == {"scored": 3}
    # twice the prompt, and an answer and a half
    assert verdicts["answer 3"].usage.all_input_tokens == 2 * verdicts["answer 1"].usage.all_input_tokens
    assert verdicts["answer 3"].cost_usd > verdicts["answer 1"].cost_usd


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "ANTHROPIC_API_KEY"),
        (402, "billing"),
        (403, "judge.model"),
        (404, "judge.model"),
    ],
)
def test_an_error_that_no_request_can_get_past_stops_at_once_and_says_what_to_do(status, said):
    with MessagesServer(rules=(Rule(MESSAGES, "error", {"status": status}),), latency=0.02) as server:
        with pytest.raises(UserError, match=said) as stopped:
            judged(feature_of(server.url), many(500))
        assert len(server.asked) <= 16
    assert KEY not in str(stopped.value)


def test_a_model_that_is_not_known_stops_at_once():
    feature = {"model": "claude-haiku-9", "prices": {"input": 1, "output": 5}}
    with MessagesServer() as server, pytest.raises(UserError, match="claude-haiku-9.*judge.model"):
        judged(feature_of(server.url, **feature), many(3))


def test_what_had_arrived_before_a_stop_is_kept():
    with MessagesServer(rules=(Rule(MESSAGES, "error", {"status": 402}, contains="answer 41"),)) as server:
        with pytest.raises(UserError, match="billing"):
            judged(feature_of(server.url), many(60))
        before = server.counts().answered
        server.follow()
        assert statuses(judged(feature_of(server.url), many(60))) == {"scored": 60}
        again = {content for content, times in server.counts().answered.items() if times > 1}
    assert len(before) >= 30
    assert len(again) <= 8  # those in flight when the run stopped


def test_no_key_is_told_before_anything_is_sent(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with MessagesServer() as server, pytest.raises(UserError, match="neither ANTHROPIC_API_KEY nor"):
        judged(feature_of(server.url), many(3))
    assert server.asked == []


@pytest.mark.parametrize("mode", ["live", "batch"])
def test_the_key_is_in_no_log_and_no_file(mode, caplog):
    caplog.set_level("DEBUG")
    faults = tuple(Rule(endpoint, "error", {"status": 500}, times=1) for endpoint in (MESSAGES, Endpoint.RETRIEVE))
    with MessagesServer(rules=faults) as server:
        assert statuses(judged(feature_of(server.url, mode=mode, wait="20s"), many(3))) == {"scored": 3}
        assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in server.asked)
    assert KEY not in caplog.text
    written = [path for path in data_directory().rglob("*") if path.is_file()]
    assert any(path.suffix == ".sqlite" for path in written)
    assert not [path for path in written if KEY.encode() in path.read_bytes()]
