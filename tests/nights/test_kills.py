"""`kill -9` at any moment of a night, then run again: equal tables, no half files, no received verdict asked twice."""

import json
import os
import random
import subprocess
import sys
import time

import pytest

from pipelines.clock import NOW_VARIABLE
from pipelines.data_directory import DATA_VARIABLE
from tests.nights.rollout import START, make_rollout, strays, tables

# The command line with a judge that writes down each question it is asked, and answers them one by one and slowly.
DRIVER = """
import json, os, sys, time
from pipelines.judging.providers.offline.judge import OfflineJudge
answer = OfflineJudge.judge
def judge(self, requests, record, sitting):
    for request in requests:
        with open(sys.argv[1], "a") as asked:
            asked.write(json.dumps("|".join(request.key)) + "\\n")
        time.sleep(float(sys.argv[2]))
        answer(self, [request], record, sitting)
OfflineJudge.judge = judge
from pipelines.cli import main
main(sys.argv[3:])
"""


def night(asked, pause=0.0):
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(asked), str(pause), "run", "drafts", "--day", str(START)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ,
    )  # fmt: skip


def questions(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def one_day(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T05:00:00+00:00")
    make_rollout(days=1)


@pytest.mark.slow  # one kill of judging is in `make test`
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kills", [30])
def test_a_night_killed_at_any_moment_and_run_again_is_as_if_it_had_not_been(kills, one_day, tmp_path, monkeypatch):
    begun = time.monotonic()
    whole = night(tmp_path / "whole.jsonl", pause=0.005)
    assert whole.wait() == 0, whole.stdout.read()
    lasted = time.monotonic() - begun
    expected = tables("drafts")

    moments = random.Random(kills)
    for number in range(kills):
        monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / f"killed-{number}"))
        asked = tmp_path / f"asked-{number}.jsonl"
        killed = night(asked, pause=0.005)
        time.sleep(lasted * moments.uniform(0.25, 1.0))
        killed.kill()
        killed.wait()
        again = night(asked)
        assert again.wait() == 0, again.stdout.read()
        assert tables("drafts") == expected
        assert strays() == []
        twice = len(questions(asked)) - len(set(questions(asked)))
        # one question may have been put whose answer the kill kept from arriving
        assert twice <= 1
