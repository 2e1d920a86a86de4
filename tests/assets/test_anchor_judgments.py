"""Anchors: the same cold items, judged once per ruler and date, however many days are run on it."""

import pytest

from pipelines.assets.anchor_judgments import make_anchor_judgments
from pipelines.assets.cold_items import make_cold_items
from pipelines.assets.cold_judgments import make_cold_judgments
from pipelines.assets.judge_costs import make_judge_costs
from pipelines.assets.judge_drift import make_judge_drift
from pipelines.clock import NOW_VARIABLE
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers.anthropic import batches
from tests.messages_server import KEY, MessagesServer
from tests.nights.judged import asked, judged_rollout, make, rows, saying

ANCHORS = 5


@pytest.fixture(autouse=True)
def third_of_november(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr(batches, "FIRST_POLL", 0.05)
    on(monkeypatch, 3)


def on(monkeypatch, day):
    monkeypatch.setenv(NOW_VARIABLE, f"2026-11-{day:02}T22:00:00+00:00")


def waiting():
    with Ledger() as ledger:
        return list(BatchBook(ledger).waiting("drafts"))


def test_a_date_asks_once_and_the_next_one_asks_again(monkeypatch):
    # 5 when the cold eval is judged, 4 on every date after it
    with MessagesServer(answer=saying(lambda params, times: 5 if times == 1 else 4)) as server:
        feature = judged_rollout(server.url, anchors=ANCHORS)
        make(feature, make_cold_items, make_cold_judgments)
        cold = asked(server).total()
        for _ in range(3):
            make(feature, make_anchor_judgments)
            assert asked(server).total() == cold + ANCHORS * 2
        on(monkeypatch, 4)
        make(feature, make_anchor_judgments)
        assert asked(server).total() == cold + 2 * ANCHORS * 2
        make(feature, make_judge_drift, make_judge_costs)
    read = "SELECT CAST(judged_on AS VARCHAR), criterion, anchors, mean_first, mean_now FROM judge_drift ORDER BY ALL"
    assert rows(read, "judge_drift") == [
        (f"2026-11-0{day}", criterion, ANCHORS, 1.0, 0.75)
        for day in (3, 4)
        for criterion in ("addressed_question", "tone")
    ]
    paid = "SELECT day(judged_on), sum(verdicts) FROM judge_costs WHERE item_kind = 'anchor' GROUP BY 1 ORDER BY 1"
    assert rows(paid, "judge_costs") == [(3, 10), (4, 10)]


def test_anchors_that_were_pending_are_written_on_the_date_they_were_asked_on(monkeypatch):
    with MessagesServer(batch_seconds=3600) as server:
        feature = judged_rollout(server.url, mode="batch", anchors=ANCHORS, criteria={"tone": 1})
        make(feature, make_anchor_judgments)
        assert [(kind.value, day) for kind, day in waiting()] == [("anchor", None)]
        on(monkeypatch, 4)
        make(feature, make_anchor_judgments)
        state = "SELECT CAST(day AS VARCHAR), status, count(*) FROM anchor_judgments GROUP BY ALL ORDER BY 1"
        assert rows(state, "anchor_judgments") == [("2026-11-03", "pending", 5), ("2026-11-04", "pending", 5)]
        server.follow()
        make(feature, make_anchor_judgments)
        assert asked(server).total() == 2 * ANCHORS
    assert rows(state, "anchor_judgments") == [("2026-11-03", "scored", 5), ("2026-11-04", "scored", 5)]
    assert waiting() == []


def test_pending_anchors_of_another_cold_eval_are_asked_no_more(monkeypatch):
    with MessagesServer(batch_seconds=3600) as server:
        feature = judged_rollout(server.url, mode="batch", anchors=ANCHORS, criteria={"tone": 1})
        make(feature, make_anchor_judgments)
        cold = feature.directory / "cold.jsonl"
        cold.write_text(cold.read_text().replace("Hello, where", "Hi, where"))
        on(monkeypatch, 4)
        make(feature, make_anchor_judgments)
        # the 5 of yesterday and the 5 of today, and not today's as of yesterday
        assert asked(server).total() == 2 * ANCHORS
