"""In batches, over HTTP: every request ends in a status whatever becomes of its batch, and none is submitted twice."""

import sqlite3
import time
from collections import Counter
from datetime import timedelta

import anthropic
import pytest

from pipelines.data_directory import data_directory
from pipelines.errors import UserError
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.judge import Status
from pipelines.judging.providers.anthropic import batches
from tests.judging.providers.anthropic.asking import feature_of, items_of, judged, statuses
from tests.messages_server import KEY, Endpoint, MessagesServer, Rule
from tests.messages_server.script import Order

RESULT = Endpoint.RESULT


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr(batches, "FIRST_POLL", 0.02)
    monkeypatch.setattr(batches, "LONGEST_POLL", 0.1)
    monkeypatch.setattr(batches, "SETTLED_AFTER", timedelta(seconds=0.4))


def feature_in_batches(server, **judge):
    return feature_of(server.url, **{"mode": "batch", "wait": "20s"} | judge)


def many(count):
    return items_of(*(f"answer {number}" for number in range(count)))


def submissions(server):
    """How many batches were accepted, and how often the questions were, most often first."""
    counts = server.counts()
    return len(counts.batches), sorted(counts.batched.values(), reverse=True)


@pytest.mark.parametrize("order", list(Order))
def test_results_in_any_order_are_each_the_verdict_of_their_own_item(order):
    rules = [Rule(RESULT, "fixed", {"score": number % 5 + 1}, contains=f"answer {number}\\") for number in range(30)]
    with MessagesServer(rules=tuple(rules), results_order=order, batch_polls=2) as server:
        verdicts = judged(feature_in_batches(server), many(30))
        assert submissions(server) == (1, [1] * 30)
        [batch_id] = server.counts().batches
    assert {item: verdict.level for item, verdict in verdicts.items()} == {f"answer {n}": n % 5 + 1 for n in range(30)}
    assert {verdict.batch_id for verdict in verdicts.values()} == {batch_id}


def test_a_verdict_of_a_batch_costs_half_of_what_it_costs_live():
    with MessagesServer() as server:
        live = judged(feature_of(server.url), items_of("answer 1", "answer 2"))
    (data_directory() / "ledger" / "verdicts.sqlite").unlink()
    with MessagesServer() as server:
        batch = judged(feature_in_batches(server), items_of("answer 1", "answer 2"))
    assert sum(v.cost_usd for v in batch.values()) == pytest.approx(sum(v.cost_usd for v in live.values()) / 2)


def test_each_request_of_a_mixed_batch_ends_in_the_status_that_it_came_to():
    kinds = {
        "answer 1\\": ("errored", {"status": 400}), "answer 2\\": ("refusal", {}), "answer 3\\": ("prose", {}),
        "answer 4\\": ("cut_off", {}), "answer 5\\": ("thinking_first", {}), "answer 6\\": ("fixed", {"score": "na"}),
        "answer 7\\": ("no_content", {}),
    }  # fmt: skip
    rules = tuple(Rule(RESULT, fault, arguments, contains=text) for text, (fault, arguments) in kinds.items())
    with MessagesServer(rules=rules) as server:
        feature = feature_in_batches(server)
        verdicts = judged(feature, many(10))
        assert judged(feature, many(10)) == verdicts
        # what could not be read is asked once more, and cut-off answers with more room
        assert submissions(server) == (2, [2] * 2 + [1] * 9)
    expected = dict.fromkeys(many(10), "scored") | {
        "answer 1": "errored", "answer 2": "refused", "answer 3": "unparsable", "answer 4": "truncated",
        "answer 6": "not_applicable", "answer 7": "unparsable",
    }  # fmt: skip
    assert {item: verdict.status.value for item, verdict in verdicts.items()} == expected


@pytest.mark.parametrize("kind", ["expired", "canceled", "missing", "unknown"])
def test_what_came_back_without_an_answer_is_submitted_again(kind):
    with MessagesServer(rules=(Rule(RESULT, kind, contains="answer 3", per_content=1),)) as server:
        verdicts = judged(feature_in_batches(server), many(6))
        assert submissions(server) == (2, [2] + [1] * 5)
    assert statuses(verdicts) == {"scored": 6}


def test_an_error_of_the_api_inside_a_batch_is_submitted_again():
    rule = Rule(RESULT, "errored", {"status": 500}, contains="answer 3", per_content=1)
    with MessagesServer(rules=(rule,)) as server:
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert submissions(server) == (2, [2] + [1] * 5)


def test_what_keeps_expiring_ends_as_expired():
    with MessagesServer(rules=(Rule(RESULT, "expired", contains="answer 3"),)) as server:
        feature = feature_in_batches(server)
        verdicts = judged(feature, many(6))
        assert judged(feature, many(6)) == verdicts
        assert submissions(server) == (batches.MOST_TIMES, [batches.MOST_TIMES] + [1] * 5)
    assert statuses(verdicts) == {"scored": 5, "expired": 1}


def test_of_two_results_of_one_request_the_first_counts():
    rule = Rule(RESULT, "twice", contains="answer 3")
    with MessagesServer(rules=(rule,), results_order=Order.AS_SENT) as server:
        verdicts = judged(feature_in_batches(server), many(6))
        assert submissions(server) == (1, [1] * 6)
    assert statuses(verdicts) == {"scored": 6}  # the second one is a refusal


def test_a_result_that_names_no_request_of_ours_is_left_aside():
    with MessagesServer(rules=(Rule(RESULT, "foreign", contains="answer 3", per_content=1),)) as server:
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert submissions(server) == (2, [2] + [1] * 5)


def test_a_cancelled_batch_is_submitted_again():
    with MessagesServer(batch_seconds=60) as server:
        feature = feature_in_batches(server, wait="0s")
        assert statuses(judged(feature, many(6))) == {"pending": 6}
        [batch_id] = server.counts().batches
        anthropic.Anthropic(api_key=KEY, base_url=server.url).messages.batches.cancel(batch_id)
        server.follow()
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert submissions(server) == (2, [2] * 6)


def test_a_wait_that_is_over_leaves_items_pending_and_the_next_run_collects_them():
    with MessagesServer(batch_seconds=60) as server:
        feature = feature_in_batches(server, wait="0.5s")
        begun = time.monotonic()
        first = judged(feature, many(6))
        assert 0.4 < time.monotonic() - begun < 3
        assert statuses(first) == {"pending": 6}
        [batch_id] = server.counts().batches
        assert all(batch_id in verdict.rationale for verdict in first.values())
        # a run with other items as well submits those alone
        assert statuses(judged(feature, many(8))) == {"pending": 8}
        server.follow()
        assert statuses(judged(feature, many(8))) == {"scored": 8}
        assert submissions(server) == (2, [1] * 8)


def test_large_numbers_are_submitted_in_several_batches(monkeypatch):
    monkeypatch.setattr(batches, "MOST_REQUESTS", 4)
    with MessagesServer(batch_polls=1) as server:
        verdicts = judged(feature_in_batches(server), many(10))
        assert sorted(len(ids) for ids in server.counts().batches.values()) == [2, 4, 4]
    assert statuses(verdicts) == {"scored": 10}


def test_a_batch_is_never_larger_than_its_limit_of_bytes(monkeypatch):
    monkeypatch.setattr(batches, "MOST_BYTES", 20_000)
    with MessagesServer() as server:
        assert statuses(judged(feature_in_batches(server), many(10))) == {"scored": 10}
        sizes = [len(request.body) for request in server.asked if request.path.endswith("/batches") and request.body]
    assert len(sizes) > 1
    assert max(sizes) <= 20_000


@pytest.mark.parametrize(
    ("fault", "arguments"),
    [
        ("reset", {"accepted": True}),
        ("error", {"accepted": True, "status": 500}),
        ("error", {"accepted": True, "status": 503}),
        ("error", {"accepted": True, "status": 504}),
        ("cut_body", {}),
        ("slow", {"seconds": 3}),
    ],
)
def test_a_batch_whose_acceptance_was_never_heard_of_is_found_and_not_submitted_again(fault, arguments, monkeypatch):
    monkeypatch.setattr(batches, "batch_client", impatient(0.5))
    rule = Rule(Endpoint.CREATE, fault, arguments, times=1)
    with MessagesServer(rules=(rule,), batch_polls=1) as server:
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert submissions(server) == (1, [1] * 6)


@pytest.mark.parametrize("seconds_until_listed", [0.2, 0.8])
def test_a_batch_that_is_listed_late_is_waited_for(seconds_until_listed, monkeypatch):
    monkeypatch.setattr(batches, "SETTLED_AFTER", timedelta(seconds=1.5))
    rule = Rule(Endpoint.CREATE, "reset", {"accepted": True}, times=1)
    with MessagesServer(rules=(rule,), listed_after=seconds_until_listed) as server:
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert submissions(server) == (1, [1] * 6)


def test_a_batch_that_is_listed_late_is_waited_for_after_a_long_silence_too(monkeypatch):
    # the client heard nothing for longer than a submission takes to settle, and the list shows the batch later still
    monkeypatch.setattr(batches, "batch_client", impatient(1.0))
    monkeypatch.setattr(batches, "SETTLED_AFTER", timedelta(seconds=0.8))
    rule = Rule(Endpoint.CREATE, "slow", {"seconds": 5}, times=1)
    with MessagesServer(rules=(rule,), listed_after=1.5) as server:
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert submissions(server) == (1, [1] * 6)


def test_a_server_that_lists_no_batches_leaves_what_may_be_there_pending_and_stops_nothing():
    rules = (Rule(Endpoint.CREATE, "reset", {"accepted": True}, times=1), Rule(Endpoint.LIST, "error", {"status": 404}))
    with MessagesServer(rules=rules) as server:
        assert statuses(judged(feature_in_batches(server, wait="1s"), many(6))) == {"pending": 6}
        assert submissions(server) == (1, [1] * 6)


def test_a_batch_that_never_arrived_is_submitted_anew():
    with MessagesServer(rules=(Rule(Endpoint.CREATE, "reset", times=1),)) as server:
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert submissions(server) == (1, [1] * 6)


def impatient(seconds):
    """The client of batches, with another time limit."""
    usual = batches.batch_client
    return lambda config: usual(config).with_options(timeout=seconds)


class Crash(BaseException):
    """What a kill is to the code around it: no handler runs."""


def crash(*arguments, **options):
    raise Crash


def test_a_crash_between_intent_and_submission_loses_and_repeats_nothing(monkeypatch):
    with MessagesServer() as server:
        feature = feature_in_batches(server)
        with monkeypatch.context() as patch, pytest.raises(Crash):
            patch.setattr("anthropic.resources.messages.batches.Batches.create", crash)
            judged(feature, many(6))
        assert submissions(server) == (0, [])
        assert statuses(judged(feature, many(6))) == {"scored": 6}
        assert submissions(server) == (1, [1] * 6)


def test_a_crash_between_submission_and_its_record_loses_and_repeats_nothing(monkeypatch):
    # the batch goes on for longer than a submission takes to be listed
    with MessagesServer(batch_seconds=1) as server:
        feature = feature_in_batches(server)
        with monkeypatch.context() as patch, pytest.raises(Crash):
            patch.setattr(BatchBook, "submitted", crash)
            judged(feature, many(6))
        assert submissions(server) == (1, [1] * 6)
        assert statuses(judged(feature, many(6))) == {"scored": 6}
        assert submissions(server) == (1, [1] * 6)


def test_batches_of_others_of_the_same_size_are_not_taken_for_ours(monkeypatch):
    with MessagesServer(batch_polls=1) as server:
        feature = feature_in_batches(server)
        client = anthropic.Anthropic(api_key=KEY, base_url=server.url)
        with monkeypatch.context() as patch, pytest.raises(Crash):
            patch.setattr(BatchBook, "submitted", crash)
            judged(feature, many(6))
        asked = [request for request in server.asked if request.path.endswith("/batches") and request.body]
        requests = asked[0].params["requests"]
        others = [{"custom_id": f"theirs-{number}", "params": each["params"]} for number, each in enumerate(requests)]
        for _ in range(3):
            client.messages.batches.create(requests=others)
        verdicts = judged(feature, many(6))
        ours = next(iter(server.counts().batches))
        assert len(server.counts().batches) == 4
    assert statuses(verdicts) == {"scored": 6}
    assert {verdict.batch_id for verdict in verdicts.values()} == {ours}


def test_a_crash_while_results_are_read_keeps_what_was_read_and_reads_the_rest(monkeypatch):
    monkeypatch.setattr(batches, "GROUP", 2)
    with MessagesServer() as server:
        feature = feature_in_batches(server)
        taken = batches._Reading.take
        with monkeypatch.context() as patch, pytest.raises(Crash):
            some = lambda self, line: taken(self, line) if len(self.seen) < 5 else crash()
            patch.setattr(batches._Reading, "take", some)
            judged(feature, many(9))
        assert recorded() == 4
        assert statuses(judged(feature, many(9))) == {"scored": 9}
        assert submissions(server) == (1, [1] * 9)


def test_an_answer_that_is_asked_for_once_more_counts_once_though_its_batch_is_read_again_after_a_crash(monkeypatch):
    # answer 3 is prose the first time; the run is killed when that has been read, before the batch is closed
    rule = Rule(RESULT, "prose", contains="answer 3", per_content=1)
    with MessagesServer(rules=(rule,)) as server:
        undisturbed = judged(feature_in_batches(server), many(6))
    (data_directory() / "ledger" / "verdicts.sqlite").unlink()
    with MessagesServer(rules=(rule,)) as server:
        feature = feature_in_batches(server)
        for _ in range(2):  # and killed again where it was
            with monkeypatch.context() as patch, pytest.raises(Crash):
                patch.setattr(BatchBook, "close", crash)
                judged(feature, many(6))
        assert submissions(server) == (1, [1] * 6)
        verdicts = judged(feature, many(6))
        assert submissions(server) == (2, [2] + [1] * 5)
    assert statuses(verdicts) == {"scored": 6}
    costs, usual = ({item: (v.usage, v.cost_usd) for item, v in each.items()} for each in (verdicts, undisturbed))
    assert costs == usual
    # two answers' tokens, of which the first one's prose has fewer than an answer has
    assert verdicts["answer 3"].usage.all_input_tokens == 2 * verdicts["answer 4"].usage.all_input_tokens


def test_a_second_answer_that_is_read_again_after_a_crash_is_the_verdict_once(monkeypatch):
    # both answers are prose; the run is killed when the second one has been read
    rule = Rule(RESULT, "prose", contains="answer 3")
    closed = BatchBook.close
    with MessagesServer(rules=(rule,)) as server:
        feature = feature_in_batches(server)
        with monkeypatch.context() as patch, pytest.raises(Crash):
            some = lambda self, *arguments: closed(self, *arguments) if recorded() < 6 else crash()
            patch.setattr(BatchBook, "close", some)
            judged(feature, many(6))
        verdicts = judged(feature, many(6))
        assert submissions(server) == (2, [2] + [1] * 5)
    assert statuses(verdicts) == {"scored": 5, "unparsable": 1}
    assert verdicts["answer 3"].usage.all_input_tokens == 2 * verdicts["answer 4"].usage.all_input_tokens


def recorded():
    with sqlite3.connect(data_directory() / "ledger" / "verdicts.sqlite") as ledger:
        return ledger.execute("SELECT count(*) FROM ledger_verdicts").fetchone()[0]


@pytest.mark.parametrize("fault", ["cut_stream", "short_stream"])
@pytest.mark.parametrize("lines", [0, 1, 5])
def test_a_stream_of_results_that_breaks_off_or_ends_too_soon_is_read_again(fault, lines):
    rule = Rule(Endpoint.RESULTS, fault, {"parts": lines}, times=1)
    with MessagesServer(rules=(rule,)) as server:
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert submissions(server) == (1, [1] * 6)


@pytest.mark.parametrize("endpoint", [Endpoint.RETRIEVE, Endpoint.RESULTS])
@pytest.mark.parametrize(
    ("fault", "arguments"), [("error", {"status": 529}), ("error", {"status": 429}), ("reset", {})]
)
def test_an_accident_while_waiting_is_overcome(endpoint, fault, arguments):
    with MessagesServer(rules=(Rule(endpoint, fault, arguments, times=2),)) as server:
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert submissions(server) == (1, [1] * 6)


def test_when_the_api_takes_no_batch_now_it_is_asked_again_later():
    rule = Rule(Endpoint.CREATE, "error", {"status": 429, "retry_after": 0.3}, times=2)
    with MessagesServer(rules=(rule,)) as server:
        begun = time.monotonic()
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert time.monotonic() - begun >= 0.6
        assert submissions(server) == (1, [1] * 6)


def test_results_on_another_host_are_refused_and_the_key_stays_here():
    with MessagesServer(keep=True) as stranger, MessagesServer(results_host=stranger.address) as server:
        with pytest.raises(UserError, match="not sent to another host"):
            judged(feature_in_batches(server), many(6))
        assert stranger.asked == []
        # nothing is lost: with the host put right the same batch is read
        server.follow()
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}
        assert submissions(server) == (1, [1] * 6)


@pytest.mark.parametrize(
    ("status", "said"), [(401, "ANTHROPIC_API_KEY"), (402, "billing"), (403, "judge.model"), (404, "judge.model")]
)
def test_an_error_that_no_request_can_get_past_stops_at_once_and_says_what_to_do(status, said):
    with MessagesServer(rules=(Rule(Endpoint.CREATE, "error", {"status": status}),)) as server:
        with pytest.raises(UserError, match=said):
            judged(feature_in_batches(server), many(6))
        server.follow()
        assert statuses(judged(feature_in_batches(server), many(6))) == {"scored": 6}


def test_one_request_that_the_api_will_not_take_does_not_keep_the_others_back():
    rule = Rule(Endpoint.CREATE, "error", {"status": 400, "text": "too odd"}, contains="answer 3")
    with MessagesServer(rules=(rule,)) as server:
        verdicts = judged(feature_in_batches(server), many(6))
        assert sorted(server.counts().batched.values()) == [1] * 5
    assert Counter(verdict.status for verdict in verdicts.values()) == {Status.SCORED: 5, Status.ERRORED: 1}
    assert "too odd" in verdicts["answer 3"].rationale
