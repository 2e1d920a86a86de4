"""Who serves the model: the clouds' own requests, a gateway behind a path, and what is said when a key is missing."""

import json
import os
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipelines.errors import UserError
from pipelines.feature import FeatureError
from tests.judging.providers.anthropic.asking import feature_of, items_of, judged, statuses
from tests.messages_server import KEY
from tests.messages_server.answers import message

MODEL = "claude-haiku-5-5"
SECRET = "secret-of-the-tests"
EXTRAS = {"bedrock": "boto3", "vertex": "google.auth"}  # what each stands for


class Cloud(ThreadingHTTPServer):
    """Answers every request with a message, and keeps what it was asked: (path, headers, body)."""

    def __init__(self):
        self.asked = []
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers, body))
        answer = json.dumps(message({"model": MODEL} | body)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@contextmanager
def cloud():
    server = Cloud()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "AWS_", "GOOGLE_", "CLOUD_ML_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_GCE_CHECK", "true")


def ask(**judge):
    """The one request that a provider was sent about one item, which must have been scored."""
    with cloud() as server:
        verdicts = judged(feature_of(server.url + judge.pop("path", ""), **judge), items_of("Under Billing."))
    assert statuses(verdicts) == {"scored": 1}
    (asked,) = server.asked
    assert "Under Billing." in asked[2]["messages"][0]["content"]
    assert asked[2]["output_config"]["format"]["type"] == "json_schema"
    return asked


def test_a_gateway_behind_a_path_is_asked_behind_that_path(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    path, headers, body = ask(path="/gateway/anthropic")
    assert (path, body["model"]) == ("/gateway/anthropic/v1/messages", MODEL)
    assert headers["authorization"] == f"Bearer {KEY}"


def test_bedrock_is_asked_with_a_signed_request_that_names_the_model_in_its_path(monkeypatch):
    pytest.importorskip("boto3", reason="the extra `bedrock` is not installed")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFAKE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    path, headers, body = ask(provider="bedrock")
    assert (path, "model" in body, "anthropic_version" in body) == (f"/model/{MODEL}/invoke", False, True)
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAFAKE/")
    assert "/eu-west-1/bedrock/aws4_request" in headers["authorization"]
    assert SECRET not in str(headers)


def test_vertex_is_asked_for_a_project_and_a_region(monkeypatch):
    google = pytest.importorskip("google.auth", reason="the extra `vertex` is not installed")
    from google.auth.credentials import Credentials

    class Refreshed(Credentials):
        def refresh(self, request):
            self.token = SECRET

    monkeypatch.setattr(google, "default", lambda **_: (Refreshed(), "another-project"))
    monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", "a-project")
    monkeypatch.setenv("CLOUD_ML_REGION", "europe-west1")
    path, headers, body = ask(provider="vertex")
    publisher = "/projects/a-project/locations/europe-west1/publishers/anthropic"
    assert (path, "model" in body) == (f"{publisher}/models/{MODEL}:rawPredict", False)
    assert headers["authorization"] == f"Bearer {SECRET}"


def test_foundry_is_asked_with_its_own_key(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_FOUNDRY_API_KEY", SECRET)
    path, headers, body = ask(provider="foundry", path="/anthropic")
    assert (path, body["model"]) == ("/anthropic/v1/messages", MODEL)
    assert SECRET in (headers["api-key"], headers["authorization"])


@pytest.mark.parametrize("provider", ["bedrock", "vertex", "foundry"])
def test_batches_of_a_cloud_are_an_error_of_the_feature_file(provider):
    with pytest.raises(FeatureError, match=f"mode is batch, and {provider} has no Message Batches; say mode: live"):
        feature_of("http://127.0.0.1:1", provider=provider, mode="batch")


@pytest.mark.parametrize(
    ("provider", "environment", "said"),
    [
        ("anthropic", {}, "neither ANTHROPIC_API_KEY nor ANTHROPIC_AUTH_TOKEN is set"),
        ("foundry", {}, "ANTHROPIC_FOUNDRY_API_KEY"),
        ("bedrock", {}, "AWS_REGION"),
        ("bedrock", {"AWS_REGION": "eu-west-2"}, "AWS_ACCESS_KEY_ID"),
        ("vertex", {}, "CLOUD_ML_REGION"),
        ("vertex", {"CLOUD_ML_REGION": "europe-west1"}, "ANTHROPIC_VERTEX_PROJECT_ID"),
        ("vertex", {"CLOUD_ML_REGION": "europe-west1", "ANTHROPIC_VERTEX_PROJECT_ID": "p"}, "gcloud auth"),
    ],
)
def test_credentials_that_are_missing_are_told_by_the_names_they_have(provider, environment, said, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if provider in EXTRAS:
        pytest.importorskip(EXTRAS[provider], reason=f"the extra `{provider}` is not installed")
    with cloud() as server, pytest.raises(UserError, match=said):
        judged(feature_of(server.url, provider=provider), items_of("Under Billing."))
    assert server.asked == []


@pytest.mark.parametrize("provider", EXTRAS)
def test_an_extra_that_is_not_installed_is_told_with_what_to_install(provider, monkeypatch):
    monkeypatch.setitem(sys.modules, EXTRAS[provider], None)
    with cloud() as server, pytest.raises(UserError, match=rf"--editable '\.\[{provider}\]'"):
        judged(feature_of(server.url, provider=provider), items_of("Under Billing."))
    assert server.asked == []
