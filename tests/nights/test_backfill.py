"""A backfill through the UI's API, in parallel runs, one day of it failing."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from datetime import timedelta

import pytest

from pipelines.assets.building import DAYS_A_RUN
from pipelines.catalogue.tables import Layer, of_layer
from pipelines.clock import NOW_VARIABLE
from pipelines.data_directory import DATA_VARIABLE, data_directory
from tests.nights.commands import PROD_EVALS, prod_evals
from tests.nights.rollout import START, make_rollout, strays, tables

FAILING = 1  # of the days

LAUNCH = """
mutation ($backfill: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $backfill) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
BACKFILL = "query ($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
RUNS = "{ runsOrError { ... on Runs { results { jobName status tags { key value } } } } }"


class UserInterface:
    """Dagster's UI and daemon as `prod-evals dev` starts them, spoken to over HTTP."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = data_directory() / "dev.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [PROD_EVALS, "dev", "--port", str(self.port)],
            stdout=self.log.open("w"), stderr=subprocess.STDOUT, start_new_session=True, env=os.environ,
        )  # fmt: skip

    def ask(self, query, **variables):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = json.load(answer)
        assert "errors" not in found, found
        return found["data"]

    def wait_until(self, what, holds, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            try:
                if (answer := holds()) is not None:
                    return answer
            except OSError:
                pass  # the server is not up yet
            time.sleep(1)
        raise AssertionError(f"waited {seconds} s for {what}\n{self.log.read_text()[-3000:]}")

    def close(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # a daemon, and runs of 14 days


@pytest.fixture
def days():
    return [START + timedelta(days=number) for number in range(14)]


@pytest.fixture
def user_interface(days, monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, f"{START + timedelta(days=len(days))}T05:00:00+00:00")
    feature = make_rollout(days=len(days), logs=30)
    next((feature.directory / "logs" / "drafts").glob(f"{days[FAILING]}*")).unlink()
    interface = UserInterface()
    yield interface
    interface.close()


@pytest.mark.timeout(900)
def test_a_backfill_with_a_failing_day_equals_single_nights_and_the_history_follows_it(
    days, user_interface, monkeypatch, tmp_path
):
    user_interface.wait_until("the UI", lambda: user_interface.ask("{ version }"), 90)
    launched = user_interface.ask(
        LAUNCH,
        backfill={
            "assetSelection": [{"path": ["drafts", table]} for table in of_layer(Layer.DAY)],
            "partitionNames": [str(day) for day in days],
            "title": "some days",
        },
    )["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched

    def ended():
        status = user_interface.ask(BACKFILL, id=launched["backfillId"])["partitionBackfillOrError"]["status"]
        return status if status.startswith("COMPLETED") or status in ("FAILED", "CANCELED") else None

    assert user_interface.wait_until("the backfill's end", ended, 300) == "COMPLETED_FAILED"

    def history_ran():
        runs = user_interface.ask(RUNS)["runsOrError"]["results"]
        done = [run for run in runs if run["jobName"] == "drafts_history" and run["status"] == "SUCCESS"]
        decided = {row[1] for row in tables("drafts")["gate_decisions"]}
        complete = all(
            "day_missing" not in row[3] for row in tables("drafts")["gate_decisions"] if row[1] != days[FAILING]
        )
        return True if done and decided == set(days) and complete else None

    user_interface.wait_until("the history after it", history_ran, 120)
    ended = user_interface.ask(RUNS)["runsOrError"]["results"]
    by_itself = [run for run in ended if run["jobName"] == "drafts_day"]  # those of the run that had the failing day
    assert sorted(run["status"] for run in by_itself) == ["FAILURE", *["SUCCESS"] * (DAYS_A_RUN - 1)]
    assert len([run for run in ended if run["jobName"] == "drafts_history"]) == 1
    backfilled = tables("drafts")
    assert strays() == []

    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "one by one"))
    for day in (days[-2], days[FAILING], days[0]):
        prod_evals("run", "drafts", "--day", str(day))
    prod_evals("run", "drafts", "--from", str(days[0]))
    single = tables("drafts")
    for table in single:
        if table != "gate_log":  # the log says what was issued when
            assert backfilled[table] == single[table], table
