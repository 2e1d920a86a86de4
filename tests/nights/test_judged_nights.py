"""Whole nights with a model that judges, over HTTP: live and in batches, from log files to a decision."""

import json

import pytest

from pipelines import lake
from pipelines.assets import published
from pipelines.assets.cold_judgments import make_cold_judgments
from pipelines.assets.judgments import make_judgments
from pipelines.clock import NOW_VARIABLE
from pipelines.data_directory import DATA_VARIABLE, data_directory
from pipelines.judging.providers.anthropic import batches
from pipelines.orchestration.jobs import JobKind
from tests.messages_server import KEY, Endpoint, MessagesServer, Rule
from tests.nights.commands import prod_evals
from tests.nights.judged import (
    COLD_ITEMS,
    SAMPLED,
    asked,
    change,
    execute,
    followed,
    judged_rollout,
    launch,
    rows,
    sensed,
    statuses,
)
from tests.nights.rollout import START, tables

A_DAY = 3600.0  # seconds: no batch of a test ends by then


@pytest.fixture(autouse=True)
def the_first_morning(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T05:00:00+00:00")
    monkeypatch.setattr(batches, "FIRST_POLL", 0.05)
    # the page and the file take longer than all the rest, and have tests of their own
    monkeypatch.setattr(published, "ask", lambda: None)


def run(*arguments):
    ended = prod_evals("run", "drafts", "--jobs", "1", *arguments)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def decision():
    decided = json.loads((data_directory() / "ramp_gate" / "drafts.json").read_text())
    return decided["decision"], decided["reason_codes"]


def judged_alike(found):
    """Tables without what tells one asking from another: ids of batches and messages, and who wrote the cache."""
    left_out = {"judge_costs", "gate_log", "gate_decisions"}
    columns = {table: list(lake.columns(table)) for table in found}
    hidden = {"batch_id", "request_id", "input_tokens", "cost_usd", "latency_ms", "judged_at"}
    return {
        table: [tuple(v for name, v in zip(columns[table], row, strict=False) if name not in hidden) for row in rows_]
        for table, rows_ in found.items()
        if table not in left_out
    }


def test_a_live_night_adds_up_and_a_second_run_asks_nothing_and_gives_equal_tables():
    with MessagesServer() as server:
        judged_rollout(server.url, anchors=5)
        assert "scores by claude-haiku-5-5" in run()
        questions = asked(server)
        # 24 logs and 60 cold items once each, and 5 anchors besides, on two criteria
        assert questions.total() == (SAMPLED + COLD_ITEMS + 5) * 2
        before = tables("drafts")
        run()
        assert asked(server) == questions
    assert tables("drafts") == before
    assert statuses() == {"scored": SAMPLED * 2}
    assert rows("SELECT stage, status, items FROM funnel WHERE stage IN ('sample', 'judgments')", "funnel") == [
        ("judgments", "scored", SAMPLED * 2),
        ("sample", "scored", SAMPLED),
    ]
    # what was paid is what the verdicts say; anchors are read on the very night that asked them
    ((paid, total, verdicts),) = rows(
        "SELECT sum(cost_usd), max(running_total_usd), sum(verdicts) FROM judge_costs", "judge_costs"
    )
    assert (total, verdicts) == (pytest.approx(paid), questions.total())
    told = [rows(f"SELECT sum(cost_usd) FROM {table}", table)[0][0] for table in TABLES_OF_VERDICTS]
    assert paid == pytest.approx(sum(told))
    assert rows("SELECT DISTINCT anchors FROM judge_drift", "judge_drift") == [(5,)]


TABLES_OF_VERDICTS = ("judgments", "cold_judgments", "anchor_judgments")


def test_a_batch_that_ends_late_holds_the_gate_and_is_collected_as_if_it_had_come_at_once(monkeypatch, tmp_path):
    with MessagesServer(batch_seconds=A_DAY) as server:
        feature = judged_rollout(server.url, mode="batch", wait="0s")
        shown = run()
        assert f"Verdicts of the cold eval, {START} are still on their way after 0:00:00" in shown
        assert (statuses(), statuses("cold_judgments")) == ({"pending": 48}, {"pending": 120})
        assert rows("SELECT * FROM baseline", "baseline") == []
        assert decision() == ("hold", ["day_incomplete"])
        assert rows("SELECT status, items FROM funnel WHERE stage = 'sample'", "funnel") == [("pending", SAMPLED)]
        assert sensed(feature).skip_message == "2 batches are under way, and none has ended"
        questions = asked(server)

        server.follow()
        requests = sensed(feature).run_requests
        assert [(each.job_name, each.partition_key) for each in requests] == [
            ("drafts_collect", str(START)),
            ("drafts_cold_eval", None),
        ]
        keys = {each.run_key for each in requests}
        # the same batches are asked for under the same keys: Dagster launches a run once
        assert {each.run_key for each in sensed(feature).run_requests} == keys
        monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T05:10:00+00:00")  # should those runs have failed
        assert keys.isdisjoint(each.run_key for each in sensed(feature).run_requests)

        launch(feature, requests)
        assert sensed(feature).skip_message == "no judgment is pending"
        assert asked(server) == questions
        collected, decided = judged_alike(tables("drafts")), decision()

        monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T05:00:00+00:00")
        monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "at-once"))
        change(feature, '"wait": "0s"', '"wait": "1m"')
        assert "on their way" not in run()
    assert set(asked(server).values()) == {2}  # by two ledgers, once each
    assert judged_alike(tables("drafts")) == collected
    assert decision() == decided


def test_a_night_of_the_daemon_submits_and_ends_and_the_history_is_made_when_its_verdicts_are_home():
    with MessagesServer(batch_seconds=A_DAY) as server:
        feature = judged_rollout(server.url, mode="batch", anchors=5, criteria={"tone": 1})
        execute(feature, JobKind.SUBMIT, START)  # with a wait of two hours: it would not end in this test
        assert (statuses(), statuses("cold_judgments")) == ({"pending": SAMPLED}, {"pending": COLD_ITEMS})
        waits = "drafts: verdicts are on their way, and are waited for up to 2:00:00"
        after = followed(feature)
        assert after.skip_message == waits
        server.follow()
        requests = sensed(feature).run_requests
        # the anchors' batch and the cold eval's are collected together
        assert [(request.job_name, request.partition_key) for request in requests] == [
            ("drafts_collect", str(START)),
            ("drafts_cold_eval", None),
        ]
        execute(feature, JobKind.COLLECT, START)
        after = followed(feature, after.cursor)
        assert after.skip_message == waits  # for the cold eval
        execute(feature, JobKind.COLD_EVAL)
        assert sensed(feature).skip_message == "no judgment is pending"
        (request,) = followed(feature, after.cursor).run_requests
        assert request.job_name == "drafts_history"
        execute(feature, JobKind.HISTORY)
    assert (statuses("cold_judgments"), statuses("anchor_judgments")) == ({"scored": COLD_ITEMS}, {"scored": 5})
    assert rows("SELECT anchors FROM judge_drift", "judge_drift") == [(5,)]


def test_when_the_wait_is_over_the_history_is_made_without_the_verdicts():
    with MessagesServer(batch_seconds=A_DAY) as server:
        feature = judged_rollout(server.url, mode="batch", criteria={"tone": 1}, wait="0s")
        execute(feature, JobKind.SUBMIT, START)
        assert [request.job_name for request in followed(feature).run_requests] == ["drafts_history"]


@pytest.mark.slow  # several whole nights
def test_several_days_are_all_submitted_before_any_is_waited_for(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-04T05:00:00+00:00")
    with MessagesServer(batch_polls=1) as server:  # a batch has ended when it is looked at for the second time
        judged_rollout(server.url, days=2, mode="batch", wait="1m", criteria={"tone": 1})
        run("--from", str(START))
        paths = [request.path.rpartition("/")[2] for request in server.asked]
    read = paths.index("results")
    assert (paths[:read].count("batches"), paths.count("batches"), paths.count("results")) == (3, 3, 3)
    assert statuses() == {"scored": 2 * SAMPLED}


def test_an_error_that_no_request_can_get_past_ends_the_run_with_what_to_do_and_keeps_what_had_arrived():
    refused = Rule(Endpoint.MESSAGES, "error", {"status": 401, "text": f"no, {KEY}"}, every=11)
    with MessagesServer(rules=(refused,)) as server:
        feature = judged_rollout(server.url, concurrency=1, criteria={"tone": 1})
        ended = prod_evals("run", "drafts")
        assert (ended.exit_code, "Traceback" in ended.output) == (1, False)
        said = f"error: drafts {START}: judgments: the judge cannot be asked (401 authentication_error: no, [key])."
        assert f"{said} The key is missing or not accepted: check ANTHROPIC_API_KEY" in ended.stderr
        assert "verdicts that had arrived are kept" in ended.stderr
        server.follow()
        with lake.connect() as connection:
            make_judgments(connection, feature, START)
            make_cold_judgments(connection, feature)
        # ten logs and ten cold items had been answered when the eleventh question was refused
        assert set(server.counts().answered.values()) == {1}
        assert server.counts().asked.total() == SAMPLED + COLD_ITEMS + 2
    assert KEY not in ended.output
    assert holders_of(KEY) == []


def holders_of(text):
    """The files of the data directory that hold a text as it is."""
    files = [path for path in data_directory().rglob("*") if path.is_file()]
    assert len(files) > 20
    return [path for path in files if text.encode() in path.read_bytes()]
