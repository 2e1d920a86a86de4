"""Against servers of the Messages API that others wrote, each with an understanding of its own.

They are installed into an environment of their own the first time: what they need is older than what we use.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import venv

import pytest

from pipelines.checkout import CHECKOUT
from pipelines.data_directory import Lock
from pipelines.errors import UserError
from pipelines.judging import live
from pipelines.judging.judge import Status
from pipelines.judging.providers.anthropic import batches
from tests.judging.providers.anthropic.asking import feature_of, items_of, judged, statuses

pytestmark = pytest.mark.slow

ANSWER = json.dumps({"evidence": "a", "rationale": "b", "score": 4, "injection_suspected": False})
PRICES = {"input": 1, "output": 5}
STARTS_WITHIN = 60  # seconds

SERVERS = ("mock-ai-api==0.1.1", "llmock==0.2.2")

MOCK_AI_API = ("mock-ai-api", "--openai-port", "{other}", "--anthropic-port", "{port}")  # its batches never end
LLMOCK = ("llmock", "serve", "-h", "127.0.0.1", "-p", "{port}")  # the SDK cannot read its batches under a path


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any text will do")
    monkeypatch.setattr(live, "FIRST_PAUSE", 0.2)
    monkeypatch.setattr(batches, "FIRST_POLL", 0.1)
    monkeypatch.setattr(batches, "LONGEST_POLL", 0.2)


@pytest.fixture(scope="session")
def installed():
    """The folder of the servers' commands."""
    place = CHECKOUT / ".cache" / f"servers-python-{sys.version_info[0]}.{sys.version_info[1]}"
    with Lock(f"{place}.lock"):
        if not (place / "complete").exists():
            shutil.rmtree(place, ignore_errors=True)
            venv.create(place, with_pip=True)
            pip = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            if subprocess.run([*pip, *SERVERS], check=False).returncode:
                pytest.skip(f"{' and '.join(SERVERS)} could not be installed: is there a package registry?")
            (place / "complete").touch()
    return place / "bin"


@contextlib.contextmanager
def running(bin_, command, *arguments):
    """A server in a process of its own, on a port of loopback that nobody has; gives its URL once it takes requests."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        port, ports = one.getsockname()[1], {"port": one.getsockname()[1], "other": other.getsockname()[1]}
    line = [bin_ / command, *(argument.format(**ports) for argument in arguments)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(line, **quiet, start_new_session=True)  # one of them starts two servers
    try:
        begun = time.monotonic()
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            assert process.poll() is None, "the server did not start"
            assert time.monotonic() - begun < STARTS_WITHIN
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # one that was asked in the middle of something may not have heard
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def mock_ai_api(installed):
    with running(installed, *MOCK_AI_API) as url:
        yield url


@pytest.fixture(scope="module")
def llmock_server(installed):
    with running(installed, *LLMOCK) as url:
        yield url


@pytest.fixture
def llmock(llmock_server):
    """llmock with nothing scripted and nothing remembered."""
    ask(llmock_server, "reset", {})
    return llmock_server


def ask(url, what, body=None):
    """A question to llmock about itself."""
    posted = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_llmock/{what}", posted, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def script(url, *behaviors):
    ask(url, "scenario", {"behaviors": list(behaviors)})


def findings(url):
    """What llmock says of how its faults were taken."""
    return [finding["code"] for finding in ask(url, "verdict")["findings"]]


THREE = items_of("one", "two", "three")


def test_prose_instead_of_a_verdict_is_unparsable(mock_ai_api):
    assert statuses(judged(feature_of(mock_ai_api), THREE)) == {"unparsable": 3}


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_never_has_time_ends_the_run_with_a_status(mock_ai_api, status):
    feature = feature_of(mock_ai_api, model=f"claude-haiku-5-5:mock-{status}", prices=PRICES, wait="0.5s")
    verdicts = judged(feature, THREE)
    assert statuses(verdicts) == {"errored": 3}
    assert not any(verdict.is_final for verdict in verdicts.values())
    assert all(str(status) in verdict.rationale for verdict in verdicts.values())


def test_a_key_that_is_not_let_in_stops_the_run(mock_ai_api):
    with pytest.raises(UserError, match="ANTHROPIC_API_KEY"):
        judged(feature_of(mock_ai_api, model="claude-haiku-5-5:mock-401", prices=PRICES), THREE)


def test_a_batch_that_never_ends_is_pending_and_is_not_submitted_again(mock_ai_api):
    feature = feature_of(mock_ai_api, mode="batch", wait="0.3s")
    for _ in range(2):
        assert statuses(judged(feature, THREE)) == {"pending": 3}
    with urllib.request.urlopen(f"{mock_ai_api}/v1/messages/batches") as response:
        assert len(json.load(response)["data"]) == 1


def test_faults_are_taken_as_their_server_says_they_should_be(llmock):
    script(
        llmock,
        {"type": "fail", "status": 429, "retry_after": 0.5, "times": 3},
        {"type": "fail", "status": 529, "times": 2},
        {"type": "fail", "status": 500, "times": 1},
        {"type": "delay", "seconds": 0.3, "times": 2},
        {"type": "reply", "text": ANSWER, "times": None},
    )
    verdicts = judged(feature_of(f"{llmock}/anthropic", concurrency=4), items_of(*map(str, range(20))))
    assert {verdict.level for verdict in verdicts.values()} == {4}
    assert len(ask(llmock, "requests")["requests"]) == 20 + 3 + 2 + 1
    assert findings(llmock) == []


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_error_that_no_request_can_get_past_is_not_tried_again(llmock, status):
    script(llmock, {"type": "fail", "status": status, "times": None})
    with pytest.raises(UserError, match="the judge cannot be asked"):
        judged(feature_of(f"{llmock}/anthropic", concurrency=2), items_of(*map(str, range(20))))
    assert len(ask(llmock, "requests")["requests"]) <= 4
    assert findings(llmock) == []


@pytest.mark.parametrize(
    ("text", "reason", "status"),
    [
        (ANSWER[:30], "length", Status.TRUNCATED),
        ("", "content_filter", Status.REFUSED),
        ('{"score": 4}', "stop", Status.UNPARSABLE),
    ],
)
def test_answers_that_are_none_end_in_their_status(llmock, text, reason, status):
    script(llmock, {"type": "reply", "text": text, "finish_reason": reason, "times": None})
    verdicts = judged(feature_of(f"{llmock}/anthropic"), THREE)
    assert {verdict.status for verdict in verdicts.values()} == {status}
