"""The ledger and the book of batches on PostgreSQL, where a server is installed: they keep what they keep on SQLite."""

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.judging.batch_book import BatchBook, BatchRequest, Outcome, Retry
from pipelines.judging.judge import ItemKind, Key, Sitting, Status, Usage, Verdict
from pipelines.judging.ledger import URL_VARIABLE, Ledger
from pipelines.judging.ledger_tables import METADATA
from pipelines.judging.providers.anthropic import batches
from tests.judging.providers.anthropic.asking import feature_of, items_of, judged, statuses
from tests.messages_server import KEY, MessagesServer

PROGRAMS = Path(next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), "/usr/bin"))
WHEN = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)
REQUEST = BatchRequest(Key("r", "a", ""), True, 1024, 0, None)


def program(name):
    found = shutil.which(name, path=f"{PROGRAMS}:{os.environ['PATH']}")
    return found or pytest.skip(f"PostgreSQL's {name} is not installed (Debian: apt-get install postgresql)")


@pytest.fixture(scope="module")
def url():
    """A server of its own, on a socket in a folder: nothing listens on the network."""
    pytest.importorskip("psycopg", reason="the extra `postgresql` is not installed")
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    owner = []
    with tempfile.TemporaryDirectory(prefix="prod-evals-pg-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:  # as which it refuses to run
            owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres", "postgres")

        def run(*command):
            subprocess.run([*owner, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)

        run(initdb, "--auth=trust", "--username=judge", "--no-sync", "-D", f"{folder}/data")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        run(pg_ctl, "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://judge@/postgres?host={folder}"
        finally:
            run(pg_ctl, "-D", f"{folder}/data", "-m", "immediate", "stop")


@pytest.fixture(autouse=True)
def ledger_there(url, monkeypatch):
    monkeypatch.setenv(URL_VARIABLE, url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr(batches, "FIRST_POLL", 0.05)
    yield
    with Ledger() as ledger:
        assert ledger.engine.dialect.name == "postgresql"
        METADATA.drop_all(ledger.engine)


def test_a_verdict_is_kept_once_and_added_up():
    good = Verdict(
        Status.SCORED, 5, "it answers é", "quote", injection_suspected=True, usage=Usage(7, 5, 0, 3, 2), cost_usd=0.5,
        judge_model="m-1", request_id="req_1", latency_ms=12.5, redactions={"EMAIL": 2},
    )  # fmt: skip
    with Ledger() as ledger:
        for verdict in (good, Verdict(Status.SCORED, 1, "another")):
            ledger.record([(Key("r", "a", ""), verdict)], "drafts", ItemKind.PROD, WHEN)
        assert ledger.find([Key("r", "a", "")])[Key("r", "a", "")].verdict == good
        (spent,) = ledger.spent("drafts")
    assert (spent.judged_on, spent.verdicts, spent.usage) == ("2026-11-03", 1, Usage(7, 5, 0, 3, 2))
    assert spent.cost_usd == 0.5


def test_the_book_keeps_batches_retries_and_who_waits():
    with Ledger() as ledger:
        book = BatchBook(ledger)
        sitting = Sitting("drafts", ItemKind.PROD, date(2026, 11, 2), ledger, timedelta())
        batch = book.intend([REQUEST], 100, sitting)
        book.submitted(batch.intent_id, "msgbatch_1")
        assert book.batches_of([REQUEST.key])[REQUEST.key].batch_id == "msgbatch_1"
        book.set_waiting(sitting, [REQUEST.key])
        book.set_waiting(sitting, [REQUEST.key])
        assert book.waiting("drafts") == {(ItemKind.PROD, date(2026, 11, 2)): {batch.intent_id}}
        book.ask_again({REQUEST.key: Retry(batch.intent_id, Status.TRUNCATED, Usage(1, 1), 0.1)})
        assert book.retries([REQUEST.key])[REQUEST.key].status is Status.TRUNCATED
        book.is_somebody_elses("msgbatch_9")
        book.close(batch.intent_id, {0: Outcome.EXPIRED})
        assert book.known_batch_ids() == {"msgbatch_1", "msgbatch_9"}
        assert book.attempts([REQUEST.key])[REQUEST.key].last is Outcome.EXPIRED
        assert book.open_batches() == []
        book.set_waiting(sitting, [])
        assert book.waiting("drafts") == {}


@pytest.mark.slow
def test_items_are_judged_in_batches_and_not_asked_for_again():
    with MessagesServer() as server:
        feature = feature_of(server.url, mode="batch", wait="20s")
        first = judged(feature, items_of("one", "two", "three"))
        assert judged(feature, items_of("one", "two", "three")) == first
        assert set(server.counts().batched.values()) == {1}
    assert statuses(first) == {"scored": 3}


@pytest.mark.slow
def test_processes_that_write_the_same_at_once_agree_on_the_first():
    program_text = """
import sys
import tempfile
from datetime import UTC, datetime
from pipelines.judging.judge import ItemKind, Key, Status, Verdict
from pipelines.judging.ledger import Ledger
ledger = Ledger()
for number in range(50):
    verdict = Verdict(Status.SCORED, 3, sys.argv[1])
    ledger.record([(Key("r", f"{number}", ""), verdict)], "drafts", ItemKind.PROD, datetime.now(UTC))
"""
    writers = [subprocess.Popen([sys.executable, "-c", program_text, str(number)]) for number in range(3)]
    assert [writer.wait() for writer in writers] == [0] * 3
    with Ledger() as ledger:
        assert len(ledger.find(Key("r", str(number), "") for number in range(50))) == 50
