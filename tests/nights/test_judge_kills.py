"""`kill -9` at random moments while a model judges a night: nothing received is asked again, and nothing is lost.

The model is a server in a process of its own, which counts what it is asked and goes on when its client is gone. What
is killed are the two stages that ask it, in a process of their own; tests/nights/test_kills.py kills whole nights.
There is one kill in each mode, and there are fifty among the slow tests; PROD_EVALS_TEST_KILLS sets another number there.
"""

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import time
from datetime import timedelta

import pytest

from pipelines import lake
from pipelines.assets.cold_items import make_cold_items
from pipelines.assets.cold_judgments import make_cold_judgments
from pipelines.assets.judgments import make_judgments
from pipelines.assets.prod_logs import make_prod_logs
from pipelines.assets.sample import make_sample
from pipelines.clock import NOW_VARIABLE
from pipelines.data_directory import DATA_VARIABLE, data_directory
from pipelines.feature import features_directory, find_feature
from tests.messages_server import KEY, Endpoint, Rule, ServerProcess
from tests.nights.rollout import START, make_rollout, strays, tables

MANY = int(os.environ.get("PROD_EVALS_TEST_KILLS", "50"))
CONCURRENCY = 8
JUDGE = (
    "judge: {{kind: anthropic, model: claude-haiku-5-5, mode: {mode}, redact: false, base_url: '{url}', "
    f"concurrency: {CONCURRENCY}}}}}\n"
)
# Slow enough that kills fall into every part: a submission that is taken and not yet answered, the wait, the reading.
SLOW = {
    "live": {"latency": 0.05},
    "batch": {
        "rules": (Rule(Endpoint.CREATE, "slow", {"seconds": 0.3}),),
        "batch_seconds": 0.5,
        "line_pause": 0.002,
    },
}

# Forked from a process that has everything imported, so that a kill takes a second instead of six.
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["anthropic", "aiohttp", "tests.nights.test_judge_kills"])


def judge_a_night(environment, output):
    """The stages that ask the judge, looking at batches more often than in production."""
    os.environ.update(environment)
    stream = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(stream, 1)
    os.dup2(stream, 2)
    from pipelines.judging.providers.anthropic import batches

    batches.FIRST_POLL, batches.LONGEST_POLL = 0.05, 0.2
    batches.SETTLED_AFTER = timedelta(seconds=0.5)
    batches.GROUP = 10
    feature = find_feature("drafts")
    with lake.connect() as connection:
        make_cold_judgments(connection, feature, timedelta(minutes=1))
        make_judgments(connection, feature, START, timedelta(minutes=1))


@pytest.fixture
def sampled(tmp_path, monkeypatch):
    """A data directory with a day's sample and the cold eval, for nights to begin from."""
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T05:00:00+00:00")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "sampled"))
    feature = make_rollout(days=1)
    with lake.connect() as connection:
        make_prod_logs(connection, feature, START)
        make_sample(connection, feature, START)
        make_cold_items(connection, feature)
    return tmp_path / "sampled"


class Night:
    """One night in a data directory of its own, judged by a server of its own: begun, killed, and begun again."""

    def __init__(self, sampled, name, server, mode, monkeypatch):
        place = sampled.with_name(name)
        shutil.copytree(sampled, place)
        monkeypatch.setenv(DATA_VARIABLE, str(place))
        feature = features_directory() / "drafts.yaml"
        rest = feature.read_text().partition("judge:")[0]
        feature.write_text(rest + JUDGE.format(mode=mode, url=server.url))
        self.server, self.output = server, sampled.with_name(f"{name}.txt")

    def begin(self, wait=True):
        """Start, and wait until the server is asked, or all is over."""
        before = sum(self.server.counts().requests.values())
        process = FORKING.Process(target=judge_a_night, args=(dict(os.environ), self.output))
        process.start()
        while wait and process.is_alive() and sum(self.server.counts().requests.values()) == before:
            time.sleep(0.01)
        return process

    def asked(self):
        """How often each question was put, live and in accepted batches. The server numbers questions by content."""
        counts = self.server.counts()
        return {int(content[:8], 16): times for content, times in (counts.asked + counts.batched).items()}

    def received(self):
        """The questions whose verdicts the ledger holds: the server's rationales name them."""
        path = data_directory() / "ledger" / "verdicts.sqlite"
        if not path.exists():
            return set()
        with sqlite3.connect(path) as ledger:
            rows = ledger.execute("SELECT rationale FROM ledger_verdicts").fetchall()
        return {int(rationale.removeprefix("rationale ")) for (rationale,) in rows}


@pytest.mark.parametrize("wanted", [1, pytest.param(MANY, marks=[pytest.mark.slow, pytest.mark.timeout(60 * MANY)])])
@pytest.mark.parametrize("mode", ["live", "batch"])
def test_a_night_killed_at_any_moment_asks_nothing_twice_and_loses_nothing(mode, wanted, sampled, monkeypatch):
    with ServerProcess(**SLOW[mode]) as server:
        night = Night(sampled, "whole", server, mode, monkeypatch)
        process, begun = night.begin(), time.monotonic()
        process.join()
        lasted = time.monotonic() - begun
        assert process.exitcode == 0, night.output.read_text()
        questions, expected = night.asked(), tables("drafts")
        assert set(questions.values()) == {1}

    moments, kills, number = random.Random(f"{mode} {wanted}"), 0, 0
    while kills < wanted:
        number += 1
        with ServerProcess(**SLOW[mode]) as server:
            night = Night(sampled, f"night-{number}", server, mode, monkeypatch)
            ended = False
            while not ended:
                asked, received = night.asked(), night.received()
                process = night.begin()
                if kills < wanted:
                    time.sleep(moments.uniform(0, lasted))
                    kills += process.is_alive()
                    process.kill()
                process.join()
                assert process.exitcode in (0, -signal.SIGKILL), night.output.read_text()
                ended = process.exitcode == 0
                again = {question for question, times in night.asked().items() if times > asked.get(question, times)}
                assert not again & received
                # live, what was in flight at the kill is asked again; a batch goes on without us
                assert len(again) <= (CONCURRENCY if mode == "live" else 0)
            assert night.received() == night.asked().keys() == questions.keys()
            assert max(server.counts().custom_ids.values(), default=1) == 1
            assert tables("drafts") == expected
            assert strays() == []


def test_two_nights_at_once_submit_each_question_once(sampled, monkeypatch):
    # while one submits, the other cannot tell from the API's list that it does: the answer and the list are slow
    slow = Rule(Endpoint.CREATE, "slow", {"seconds": 1}, times=1)
    with ServerProcess(rules=(slow,), listed_after=1.2) as server:
        night = Night(sampled, "both", server, "batch", monkeypatch)
        for process in [night.begin(wait=False), night.begin(wait=False)]:
            process.join()
            assert process.exitcode == 0, night.output.read_text()
        assert night.received() == night.asked().keys()
        assert set(night.asked().values()) == {1}
