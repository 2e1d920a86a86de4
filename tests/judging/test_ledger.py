"""A verdict is kept once, the first one stays, and processes do not lock each other out."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from pipelines.errors import UserError
from pipelines.judging.judge import Status, Verdict
from pipelines.judging.ledger import Ledger

WHEN = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)
GOOD = Verdict(Status.SCORED, 5, "it answers", "quote", injection_suspected=True, input_tokens=7, cost_usd=0.5)
POOR = Verdict(Status.SCORED, 1, "it does not")


def test_a_verdict_is_found_as_it_was_recorded():
    ledger = Ledger()
    ledger.record([("r", "a", GOOD)], WHEN)
    found = ledger.find("r", ["a", "b"])
    assert (found["a"].verdict, found["a"].judged_at, list(found)) == (GOOD, WHEN, ["a"])


def test_the_first_verdict_of_a_key_stays():
    ledger = Ledger()
    ledger.record([("r", "a", GOOD)], WHEN)
    ledger.record([("r", "a", POOR), ("other", "a", POOR)], WHEN)
    assert ledger.find("r", ["a"])["a"].verdict == GOOD
    assert ledger.find("other", ["a"])["a"].verdict == POOR


def test_more_keys_than_one_query_takes_are_all_found():
    ledger = Ledger()
    keys = [f"{number:064d}" for number in range(1_234)]
    ledger.record([("r", key, GOOD) for key in keys], WHEN)
    assert sorted(ledger.find("r", keys)) == keys


def test_eight_processes_write_at_once_and_lose_nothing():
    program = """
import sys
from datetime import UTC, datetime
from pipelines.judging.judge import Status, Verdict
from pipelines.judging.ledger import Ledger
ledger = Ledger()
for number in range(100):
    ledger.record([("r", f"{sys.argv[1]}-{number}", Verdict(Status.SCORED, 3, "x")), ("r", f"all-{number}", Verdict(Status.SCORED, 3, sys.argv[1]))], datetime.now(UTC))
"""
    writers = [subprocess.Popen([sys.executable, "-c", program, str(number)]) for number in range(8)]
    assert [writer.wait() for writer in writers] == [0] * 8
    keys = [f"{who}-{number}" for who in [*range(8), "all"] for number in range(100)]
    assert len(Ledger().find("r", keys)) == 900


@pytest.mark.parametrize("url", ["nonsense", "mysql://user:hunter2@127.0.0.1/db", "sqlite:////nowhere/at/all.db"])
def test_a_url_that_cannot_be_opened_is_told_without_its_password(url):
    with pytest.raises(UserError, match="PROD_EVALS_LEDGER") as caught:
        Ledger(url)
    assert "hunter2" not in str(caught.value)
