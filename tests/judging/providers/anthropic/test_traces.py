"""The SDK traces its own requests where OpenTelemetry is configured, with what they say where the environment asks for
it. Through our clients nothing of it is sent, to whatever collector.

Judged for real, in a process that is set up as an operator who traces everything would have it: what it may send to the
collector is looked for what was judged, by which prompts, and with which key.
"""

import json
import os
import subprocess
import sys

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pipelines.clock import NOW_VARIABLE
from pipelines.feature import CHECKOUT, ServedBy
from pipelines.judging.providers.anthropic.client import batch_client, live_client
from tests.judging.providers.anthropic.asking import feature_of
from tests.judging.test_telemetry import collector
from tests.messages_server import KEY, MessagesServer
from tests.nights.judged import change, judged_rollout

SDK = "com.anthropic.sdk.python"

# The application's own span shows that spans arrive; the SDK's tracer is the global one, as an operator would have it.
TRACED = """
import sys
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{sys.argv[1]}/v1/traces")))
trace.set_tracer_provider(provider)
with trace.get_tracer("the application").start_as_current_span("a night"):
"""
A_NIGHT = """
    from datetime import timedelta

    from pipelines import lake
    from pipelines.assets.cold_items import make_cold_items
    from pipelines.assets.cold_judgments import make_cold_judgments
    from pipelines.assets.judgments import make_judgments
    from pipelines.assets.prod_logs import make_prod_logs
    from pipelines.assets.sample import make_sample
    from pipelines.feature import find_feature
    from pipelines.judging.providers.anthropic import batches
    from tests.nights.rollout import START

    batches.FIRST_POLL = 0.05
    feature = find_feature("drafts")
    with lake.connect() as connection:
        make_cold_items(connection, feature)
        make_cold_judgments(connection, feature, timedelta(minutes=1))
        make_prod_logs(connection, feature, START)
        make_sample(connection, feature, START)
        make_judgments(connection, feature, START, timedelta(minutes=1))
"""
A_CLIENT_AS_IT_COMES = """
    import anthropic

    message = {"role": "user", "content": sys.argv[3]}
    anthropic.Anthropic(base_url=sys.argv[2]).messages.create(model="claude-haiku-5-5", max_tokens=9, messages=[message])
"""


@pytest.fixture(autouse=True)
def everything_is_traced(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE", "content")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T05:00:00+00:00")


def traced(program, *arguments):
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", TRACED + program, *arguments]
    ended = subprocess.run(command, check=False, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def scopes(received):
    """Who the spans are of that a collector received."""
    return {
        scope.scope.name
        for path, body in zip(received.paths, received.bodies, strict=True)
        if path == "/v1/traces"
        for spans in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in spans.scope_spans
    }


def texts_in(value):
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from texts_in(each)
        case list():
            for each in value:
                yield from texts_in(each)


def lines_of(server):
    """Every line of some length of the prompts, and of what stands between their tags, that the server was sent."""
    texts = {text for request in server.asked if request.body for text in texts_in(json.loads(request.body))}
    return {line.strip().strip('"') for text in texts for line in text.splitlines() if len(line.strip()) >= 30}


@pytest.mark.parametrize("mode", ["live", "batch"])
def test_nothing_that_is_judged_reaches_a_collector_through_the_sdk(mode):
    with MessagesServer() as server, collector() as received:
        # a budget has tokens counted, which is a request of its own
        feature = judged_rollout(server.url, mode=mode, budget_usd=100)
        change(feature, "publish: {text: full}", f"publish: {{text: none, otlp: '{received.url}'}}")
        traced(A_NIGHT, received.url)
        counts = server.counts()
    assert counts.asked.total() + counts.batched.total() == (60 + 24) * 2  # cold items and a day's sample, two criteria
    assert counts.requests["count_tokens"] > 0
    assert len(received.records()) == 24 * 2  # the verdicts of the sample, as events
    assert scopes(received) == {"the application"}

    sent = b"\n".join(received.bodies)
    lines = lines_of(server)
    assert any("Thanks for getting in touch." in line for line in lines)
    assert [line for line in lines if line.encode() in sent] == []
    assert b"rationale" not in sent
    assert KEY.encode() not in sent


def test_a_client_of_the_sdk_as_it_comes_would_send_what_it_asks():
    with MessagesServer() as server, collector() as received:
        traced(A_CLIENT_AS_IT_COMES, received.url, server.url, "Thanks for getting in touch.")
    assert scopes(received) == {"the application", SDK}
    assert b"Thanks for getting in touch." in b"\n".join(received.bodies)


@pytest.mark.parametrize("provider", ServedBy)
def test_no_client_of_ours_traces_whatever_the_environment_says(provider, monkeypatch):
    for name, value in {
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "CLOUD_ML_REGION": "europe-west1",
        "ANTHROPIC_VERTEX_PROJECT_ID": "p",
        "ANTHROPIC_FOUNDRY_API_KEY": "c",
        "ANTHROPIC_FOUNDRY_RESOURCE": "r",
    }.items():
        monkeypatch.setenv(name, value)
    url = None if provider is ServedBy.FOUNDRY else "http://127.0.0.1:1"
    config = feature_of(url, provider=provider.value).judge
    clients = [live_client(config)] + ([batch_client(config)] if provider is ServedBy.ANTHROPIC else [])
    for client in clients:
        assert client.open_telemetry["traces"]["enabled"] is False
