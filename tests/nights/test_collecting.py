"""The collecting sensor and the command line's waiting, on batches of which one ends and another does not."""

import urllib.request
from dataclasses import replace
from datetime import timedelta

import pytest

from pipelines.assets.judgments import make_judgments
from pipelines.assets.prod_logs import make_prod_logs
from pipelines.assets.sample import make_sample
from pipelines.cli.run import run_feature
from pipelines.definitions import definitions_of
from pipelines.judging.batch_book import BatchBook, BatchRequest
from pipelines.judging.judge import ItemKind, Key, Sitting
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers.anthropic import batches
from pipelines.orchestration import command_line_runs
from pipelines.orchestration.command_line_runs import open_instance
from pipelines.orchestration.jobs import JobKind, job_name
from pipelines.orchestration.runs import ACTIVE
from tests.messages_server import KEY, Endpoint, MessagesServer, Rule
from tests.messages_server.api import Api
from tests.nights.judged import SAMPLED, asked, judged_rollout, make_day, sensed, statuses
from tests.nights.rollout import START

NEXT = START + timedelta(days=1)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


@pytest.fixture
def two_days_pending():
    """A feature with two days in two batches that do not end, and the server that has them."""
    with MessagesServer(batch_seconds=3600) as server:
        feature = judged_rollout(server.url, days=2, mode="batch", criteria={"tone": 1})
        for day in (START, NEXT):
            make_day(feature, make_prod_logs, make_sample, make_judgments, day=day)
        yield feature, server


def cancel(server, batch_id):
    """End a batch, as a person does in the console."""
    headers = {"authorization": f"Bearer {KEY}", "anthropic-version": "2026-10-21"}
    cancelled = urllib.request.Request(f"{server.url}/v1/messages/batches/{batch_id}/cancel", b"", headers)
    urllib.request.urlopen(cancelled).close()


def days(sensed_):
    return [request.partition_key for request in sensed_.run_requests]


def test_only_the_day_whose_batch_has_ended_is_collected(two_days_pending):
    feature, server = two_days_pending
    assert sensed(feature).skip_message == "2 batches are under way, and none has ended"
    first, second = server.counts().batches
    cancel(server, second)
    assert days(sensed(feature)) == [str(NEXT)]
    cancel(server, first)
    assert days(sensed(feature)) == [str(START), str(NEXT)]


def test_a_day_that_a_run_is_collecting_already_is_left_to_it(two_days_pending):
    feature, server = two_days_pending
    for batch_id in server.counts().batches:
        cancel(server, batch_id)
    with open_instance() as instance:
        job = definitions_of([feature]).resolve_job_def(job_name(feature, JobKind.COLLECT))
        run = instance.create_run_for_job(job, tags={"dagster/partition": str(START)}, status=ACTIVE[-2])
        assert days(sensed(feature)) == [str(NEXT)]
        instance.report_run_canceled(run)
        assert days(sensed(feature)) == [str(START), str(NEXT)]


def test_a_batch_that_another_day_has_read_does_not_keep_its_own_day_waiting(two_days_pending):
    feature, _server = two_days_pending
    with Ledger() as ledger:
        book = BatchBook(ledger)
        (first, _second) = book.open_batches()
        book.close(first.intent_id, {})
    assert days(sensed(feature)) == [str(START)]


def test_requests_that_are_in_no_batch_are_submitted_by_the_next_collection():
    rule = Rule(Endpoint.CREATE, "error", {"status": 529})
    with MessagesServer(rules=(rule,)) as server:
        feature = judged_rollout(server.url, mode="batch", criteria={"tone": 1})
        make_day(feature, make_prod_logs, make_sample, make_judgments)
        assert server.counts().batches == {}
        assert days(sensed(feature)) == [str(START)]


def test_requests_that_no_batch_took_are_collected_though_others_of_the_day_are_still_under_way(monkeypatch):
    monkeypatch.setattr(batches, "MOST_REQUESTS", SAMPLED // 2)
    takes_one = Rule(Endpoint.CREATE, "error", {"status": 529}, every=2)
    with MessagesServer(batch_seconds=3600, rules=(takes_one,)) as server:
        feature = judged_rollout(server.url, mode="batch", criteria={"tone": 1})
        make_day(feature, make_prod_logs, make_sample, make_judgments)
        assert sorted(asked(server).values()) == [1] * (SAMPLED // 2)
        assert days(sensed(feature)) == [str(START)]  # the half that no batch took
        server.follow(batch_seconds=3600)
        make_day(feature, make_judgments)
        assert sorted(asked(server).values()) == [1] * SAMPLED
        assert sensed(feature).skip_message == "2 batches are under way, and none has ended"
        server.follow()
        make_day(feature, make_judgments)
    assert statuses() == {"scored": SAMPLED}
    assert sensed(feature).skip_message == "no judgment is pending"


def test_the_sensor_of_a_feature_looks_at_no_batch_of_another(two_days_pending):
    feature, server = two_days_pending
    with Ledger() as ledger:
        sitting = Sitting("another", ItemKind.PROD, START, ledger, timedelta())
        request = BatchRequest(Key("ruler", "content", ""), True, 1024, 0, None)
        intent_id = BatchBook(ledger).intend([request], 100, sitting).intent_id
        BatchBook(ledger).submitted(intent_id, "msgbatch_of_another_key")
    assert sensed(feature).skip_message == "2 batches are under way, and none has ended"
    assert not [request for request in server.asked if "of_another_key" in request.path]


def test_a_day_that_failed_has_failed_although_its_older_batch_was_collected(monkeypatch, capsys):
    feature = judged_rollout("http://127.0.0.1:1", mode="batch")
    failed, fine = (
        command_line_runs.Outcome("", (("prod_logs", "there is no file"),)),
        command_line_runs.Outcome("", ()),
    )
    monkeypatch.setattr(command_line_runs, "run_night", lambda *_: (failed, fine))
    monkeypatch.setattr(command_line_runs, "run_history", lambda *_: fine)
    monkeypatch.setattr(command_line_runs, "waiting_for", lambda _: [(ItemKind.PROD, START)])
    monkeypatch.setattr(command_line_runs, "collect_days", lambda *_: {START: fine})
    assert not run_feature(feature, [START], 1)
    assert f"drafts {START}: prod_logs: there is no file" in capsys.readouterr().err


def test_batches_go_through_a_gateway_that_is_behind_a_path(monkeypatch):
    reply = Api.reply
    paths = []

    async def behind_a_path(self, request):
        paths.append(request.path)
        return await reply(self, replace(request, path=request.path.removeprefix("/gateway")))

    monkeypatch.setattr(Api, "reply", behind_a_path)
    with MessagesServer() as server:
        feature = judged_rollout(f"{server.url}/gateway/", mode="batch", criteria={"tone": 1})
        make_day(feature, make_prod_logs, make_sample, make_judgments)
    assert statuses() == {"scored": SAMPLED}
    assert paths[0] == "/gateway/v1/messages/batches"
