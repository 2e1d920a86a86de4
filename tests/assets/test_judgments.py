"""judgments of a model: votes that count for no score, an edited criterion judged alone, events that are sent once."""

import hashlib
import json
import shutil
import sys
from datetime import timedelta

import pytest

from pipelines import lake
from pipelines.assets.baseline import make_baseline
from pipelines.assets.cold_items import make_cold_items
from pipelines.assets.cold_judgments import make_cold_judgments
from pipelines.assets.divergence import make_divergence
from pipelines.assets.funnel import make_funnel
from pipelines.assets.judge_flips import make_judge_flips
from pipelines.assets.judgments import make_judgments
from pipelines.assets.nights import make_nights
from pipelines.assets.prod_logs import make_prod_logs
from pipelines.assets.sample import make_sample
from pipelines.checkout import CHECKOUT
from pipelines.clock import NOW_VARIABLE
from pipelines.judging.items import read_items
from pipelines.judging.judge import ItemKind, Sitting
from pipelines.judging.judges import judge_of
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import judge_items
from pipelines.judging.ruler import rubric_of
from pipelines.judging.telemetry import TelemetryUnavailable
from pipelines.redaction.redactor import RedactionUnavailable
from tests.judging.test_telemetry import collector, dict_of
from tests.messages_server import KEY, MessagesServer
from tests.nights.judged import COLD_ITEMS, SAMPLED, asked, change, judged_rollout, make, make_day, rows, saying
from tests.nights.rollout import START, make_rollout


@pytest.fixture(autouse=True)
def after_the_decision_is_due(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T12:00:00+00:00")


def in_lot(item_id):
    """A share of a half: the first bit of the hash is 0."""
    return hashlib.sha256(f"prod-evals votes 1|{item_id}".encode()).digest()[0] < 128


def test_votes_are_asked_for_by_lot_and_on_the_border_and_change_no_score():
    def level(params, times):
        return 2 if times > 1 else 3 if "invoice" in params["messages"][0]["content"] else 5

    with MessagesServer(answer=saying(level)) as server:
        feature = judged_rollout(server.url, criteria={"tone": 1})
        make_day(feature, make_prod_logs, make_sample, make_judgments)
        before = rows("SELECT item_id, level, cost_usd FROM judgments ORDER BY ALL", "judgments")
        assert asked(server).total() == SAMPLED
        feature = change(feature, '"criteria"', '"votes": {"count": 2, "share": 0.5, "borderline": true}, "criteria"')
        make_day(feature, make_judgments)
        make(feature, make_nights, make_judge_flips)
        questions = asked(server)
        make_day(feature, make_judgments)
        assert asked(server) == questions
    assert rows("SELECT item_id, level, cost_usd FROM judgments ORDER BY ALL", "judgments") == before
    levels = {item: level for item, level, _ in before}
    assert set(levels.values()) == {3, 5}
    chosen = {item: "lot" if in_lot(item) else "borderline" for item in levels if in_lot(item) or levels[item] == 3}
    assert {"lot", "borderline"} == set(chosen.values()) and len(chosen) < SAMPLED
    expected = [(item, vote, why, levels[item], 2) for item, why in sorted(chosen.items()) for vote in (1, 2)]
    query = "SELECT item_id, vote, chosen_by, first_level, level FROM judge_votes ORDER BY item_id, vote"
    assert rows(query, "judge_votes") == expected
    assert questions.total() == SAMPLED + len(expected)
    # every vote says 2, so all flip: by 1 from the border, and by the mean of 1 and 3 by lot
    query = "SELECT chosen_by, votes, flips, flip_rate, mean_distance FROM judge_flips"
    flips = {chosen_by: told_ for chosen_by, *told_ in rows(query, "judge_flips")}
    by_lot = [levels[item] - 2 for item, why in chosen.items() if why == "lot"]
    assert flips["borderline"] == [2 * (len(chosen) - len(by_lot)), 2 * (len(chosen) - len(by_lot)), 1.0, 1.0]
    assert flips["lot"] == [2 * len(by_lot), 2 * len(by_lot), 1.0, pytest.approx(sum(by_lot) / len(by_lot))]


def test_an_edited_criterion_is_judged_again_alone_and_compared_when_the_cold_eval_has_been(tmp_path, monkeypatch):
    prompts = tmp_path / "judge_prompts"
    shutil.copytree(CHECKOUT / "judge_prompts", prompts)
    monkeypatch.setenv("PROD_EVALS_JUDGE_PROMPTS", str(prompts))
    compared = (
        "SELECT verdict, baseline_mean IS NULL FROM divergence "
        "WHERE \"window\" = 'night' AND slice_kind = 'overall' AND criterion = 'overall'"
    )
    with MessagesServer() as server:
        feature = judged_rollout(server.url)
        make_day(feature, make_prod_logs, make_sample, make_judgments, make_funnel)
        make(feature, make_cold_items, make_cold_judgments, make_baseline, make_nights, make_divergence)
        ((verdict, missing),) = rows(compared, "divergence")
        assert (verdict != "no_baseline", missing) == (True, False)
        before = asked(server)

        tone = prompts / "tone.md"
        tone.write_text(tone.read_text() + "\nA salutation is not asked for.\n")
        make_day(feature, make_judgments, make_funnel)
        make(feature, make_nights, make_divergence)
        assert rows(compared, "divergence") == [("no_baseline", True)]
        make(feature, make_cold_judgments, make_baseline, make_nights, make_divergence)
        ((verdict, missing),) = rows(compared, "divergence")
        assert (verdict != "no_baseline", missing) == (True, False)
        new = [request for request in server.asked if b"A salutation is not asked for." in request.body]
        assert asked(server).total() == before.total() + len(new) == before.total() + SAMPLED + COLD_ITEMS
    query = "SELECT count(DISTINCT rubric_id), count(DISTINCT ruler_id) FROM cold_judgments"
    assert rows(query, "cold_judgments") == [(2, 3)]


def told(server):
    return [dict_of(record.attributes) for _, record in server.records()]


def test_events_are_sent_once_whoever_asked_for_the_verdict():
    with collector() as server:
        feature = make_rollout(days=1)
        change(feature, "publish: {text: full}", f"publish: {{text: full, otlp: '{server.url}'}}")
        feature = change(feature, "sample: {n: 24", "sample: {n: 8")
        make_day(feature, make_prod_logs, make_sample, make_judgments)
        assert len(told(server)) == 8 * 3
        for event in told(server):
            score, label = event.get("gen_ai.evaluation.score.value"), event.get("gen_ai.evaluation.score.label")
            assert (score is None and label is None) or score == (int(label) - 1) / 4
        make_day(feature, make_judgments)
        assert len(told(server)) == 8 * 3
        # one log more, whose verdicts the ledger has by then, as from a batch that another run has read
        feature = change(feature, "sample: {n: 8", "sample: {n: 9")
        make_day(feature, make_sample)
        ask_for_the_sample(feature)
        make_day(feature, make_judgments)
        assert len(told(server)) == 9 * 3


def ask_for_the_sample(feature):
    judge = judge_of(feature)
    with lake.connect() as connection, Ledger() as ledger:
        lake.read(connection, "sample", feature=feature.name)
        items = read_items(connection, "SELECT log_id, input, output, sources FROM sample")
        sitting = Sitting(feature.name, ItemKind.PROD, START, ledger, timedelta())
        assert judge_items(items, rubric_of(feature, judge), judge, sitting).asked > 0


def test_a_collector_that_is_down_fails_no_night(caplog):
    with collector() as server:
        url = server.url
    feature = make_rollout(days=1)
    feature = change(feature, "publish: {text: full}", f"publish: {{text: full, otlp: '{url}'}}")
    make_day(feature, make_prod_logs, make_sample, make_judgments)
    assert rows("SELECT count(*) FROM judgments", "judgments") == [(SAMPLED * 3,)]
    assert "evaluations were not sent" in caplog.text


def test_telemetry_that_cannot_be_sent_stops_before_anything_is_judged(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http._log_exporter", None)
    with MessagesServer() as server:
        feature = change(judged_rollout(server.url), "publish: {text: full}", "publish: {otlp: 'http://127.0.0.1:1'}")
        make_day(feature, make_prod_logs, make_sample)
        with pytest.raises(TelemetryUnavailable, match=r"--editable '\.\[otel\]'"):
            make_day(feature, make_judgments)
        assert server.asked == []


def test_redaction_that_is_not_installed_stops_before_anything_is_sent(monkeypatch):
    monkeypatch.setitem(sys.modules, "presidio_analyzer.predefined_recognizers", None)
    with MessagesServer() as server:
        feature = judged_rollout(server.url, redact=True)
        make_day(feature, make_prod_logs, make_sample)
        with pytest.raises(RedactionUnavailable, match=r"--editable '\.\[redaction\]'"):
            make_day(feature, make_judgments)
        assert server.asked == []


def test_what_a_run_paid_is_told_once_for_items_that_share_a_verdict():
    with MessagesServer() as server:
        feature = judged_rollout(server.url, criteria={"tone": 1})
        log = feature.directory / "logs" / "drafts" / f"{START}.jsonl"
        lines = [json.loads(line) for line in log.read_text().splitlines()[:40]]
        same = {"request": {"prompt": "Hi"}, "response": {"text": "OK"}}
        log.write_text("".join(json.dumps(line | same) + "\n" for line in lines))
        make_day(feature, make_prod_logs, make_sample)
        with lake.connect() as connection:
            first = make_judgments(connection, feature, START)["judgments"].numbers
            again = make_judgments(connection, feature, START)["judgments"].numbers
        assert asked(server).total() == 1
    ((each, items),) = rows("SELECT max(cost_usd), count(*) FROM judgments", "judgments")
    assert (first["asked"], first["cost_usd"], items) == (1, pytest.approx(each), SAMPLED)
    assert (again["asked"], again["cost_usd"]) == (0, 0)
