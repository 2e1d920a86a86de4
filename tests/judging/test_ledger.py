"""A verdict is kept once, the first one stays, and processes do not lock each other out."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from pipelines.errors import UserError
from pipelines.judging.judge import ItemKind, Key, Status, Usage, Verdict
from pipelines.judging.ledger import Entry, Ledger

WHEN = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)
GOOD = Verdict(
    Status.SCORED, 5, "it answers", "quote", injection_suspected=True, usage=Usage(7, 5, 0, 3, 2),
    cost_usd=0.5, judge_model="m-1", request_id="req_1", latency_ms=12.5, cut_characters=9, redactions={"EMAIL": 2},
)  # fmt: skip
POOR = Verdict(Status.SCORED, 1, "it does not")


def record(ledger, *verdicts):
    rows = [(Key(ruler_id, content_id, ""), verdict) for ruler_id, content_id, verdict in verdicts]
    ledger.record(rows, "drafts", ItemKind.PROD, WHEN)


def verdict_of(ledger, ruler_id):
    return ledger.find([Key(ruler_id, "a", "")])[Key(ruler_id, "a", "")].verdict


def test_a_verdict_is_found_as_it_was_recorded():
    ledger = Ledger()
    record(ledger, ("r", "a", GOOD))
    assert ledger.find([Key("r", "a", ""), Key("r", "b", "")]) == {Key("r", "a", ""): Entry(GOOD, WHEN)}


def test_the_first_verdict_of_a_key_stays():
    ledger = Ledger()
    record(ledger, ("r", "a", GOOD))
    record(ledger, ("r", "a", POOR), ("other", "a", POOR))
    assert verdict_of(ledger, "r") == GOOD
    assert verdict_of(ledger, "other") == POOR


def test_what_is_not_final_is_not_kept():
    ledger = Ledger()
    record(ledger, ("r", "a", Verdict(Status.PENDING, None, "waiting", is_final=False)))
    assert ledger.find([Key("r", "a", "")]) == {}


def test_what_was_spent_is_added_up_by_date_ruler_and_model():
    ledger = Ledger()
    record(ledger, ("r", "a", GOOD), ("r", "b", GOOD), ("r", "c", POOR))
    (spent,) = ledger.spent("drafts")
    # POOR had no model: nothing was spent on it
    assert (spent.judged_on, spent.verdicts, spent.usage, spent.cost_usd) == (
        "2026-11-03",
        2,
        Usage(14, 10, 0, 6, 4),
        1.0,
    )
    assert ledger.spent("another feature") == []


def test_more_keys_than_one_query_takes_are_all_found():
    ledger = Ledger()
    keys = [f"{number:064d}" for number in range(1_234)]
    record(ledger, *[("r", key, GOOD) for key in keys])
    assert sorted(key.content_id for key in ledger.find(Key("r", key, "") for key in keys)) == keys


@pytest.mark.parametrize("processes", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_processes_write_at_once_and_lose_nothing(processes):
    program = """
import sys
from datetime import UTC, datetime
from pipelines.judging.judge import ItemKind, Key, Status, Verdict
from pipelines.judging.ledger import Ledger
ledger = Ledger()
for number in range(100):
    ledger.record(
        [
            (Key("r", f"{sys.argv[1]}-{number}", ""), Verdict(Status.SCORED, 3, "x")),
            (Key("r", f"all-{number}", ""), Verdict(Status.SCORED, 3, sys.argv[1])),
        ],
        "drafts", ItemKind.PROD, datetime.now(UTC),
    )
"""
    writers = [subprocess.Popen([sys.executable, "-c", program, str(number)]) for number in range(processes)]
    assert [writer.wait() for writer in writers] == [0] * processes
    keys = [f"{who}-{number}" for who in [*range(processes), "all"] for number in range(100)]
    assert len(Ledger().find(Key("r", key, "") for key in keys)) == 100 * (processes + 1)


@pytest.mark.parametrize("url", ["nonsense", "mysql://user:hunter2@127.0.0.1/db", "sqlite:////nowhere/at/all.db"])
def test_a_url_that_cannot_be_opened_is_told_without_its_password(url):
    with pytest.raises(UserError, match="PROD_EVALS_LEDGER") as caught:
        Ledger(url)
    assert "hunter2" not in str(caught.value)
