"""Events over real HTTP to a collector on loopback, decoded from the protobuf that arrives."""

import logging
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from pipelines.feature import PublishText
from pipelines.judging.telemetry import EvaluationResult, TelemetryUnavailable, emit_evaluations, logs_url

AT = datetime(2026, 11, 3, 5, 0, 0, 250_000, tzinfo=UTC)
RESULT = EvaluationResult(
    name="tone",
    at=AT,
    score=0.75,
    label="level 4",
    explanation="polite to ada@example.com",
    response_id="log-7",
    attributes={"prod_evals.feature": "drafts"},
)


class Collector(ThreadingHTTPServer):
    """Keeps what it is sent. `answer` is its status; `drips` the seconds it takes over each byte, for 3 s."""

    def __init__(self, answer=200, drips=0.0):
        self.answer, self.drips = answer, drips
        self.bodies, self.paths, self.headers = [], [], []
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"

    @property
    def requests(self):
        """Those with events among what it was sent; traces have a path of their own."""
        bodies = [body for path, body in zip(self.paths, self.bodies, strict=True) if path == "/v1/logs"]
        return [ExportLogsServiceRequest.FromString(body) for body in bodies]

    def records(self):
        return [
            (dict_of(logs.resource.attributes), record)
            for request in self.requests
            for logs in request.resource_logs
            for scope in logs.scope_logs
            for record in scope.log_records
        ]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        self.server.headers.append(self.headers)
        self.server.bodies.append(body)
        until = time.monotonic() + 3
        while self.server.drips and time.monotonic() < until:
            self.wfile.write(b"H")
            time.sleep(self.server.drips)
        self.send_response(self.server.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def collector(**how):
    server = Collector(**how)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.drips = 0
        server.shutdown()
        server.server_close()


def dict_of(attributes):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in attributes}


def attributes_sent(result, text=PublishText.FULL):
    with collector() as server:
        assert emit_evaluations(server.url, [result], text) == 1
    ((_, record),) = server.records()
    return dict_of(record.attributes)


def test_a_verdict_arrives_as_an_evaluation_event():
    with collector() as server:
        sent = emit_evaluations(server.url, [RESULT], PublishText.FULL, {"deployment.environment.name": "production"})
    assert sent == 1
    assert server.paths == ["/v1/logs"]
    ((resource, record),) = server.records()
    assert (resource["service.name"], resource["deployment.environment.name"]) == ("prod-evals", "production")
    assert record.event_name == "gen_ai.evaluation.result"
    assert record.time_unix_nano == 1_793_682_000_250_000_000  # `date -d 2026-11-03T05:00Z +%s`, and 250 ms
    assert dict_of(record.attributes) == {
        "gen_ai.evaluation.name": "tone",
        "gen_ai.evaluation.score.value": 0.75,
        "gen_ai.evaluation.score.label": "level 4",
        "gen_ai.evaluation.explanation": "polite to ada@example.com",
        "gen_ai.response.id": "log-7",
        "prod_evals.feature": "drafts",
    }


def test_a_verdict_that_is_none_has_no_score_and_says_what_became_of_it():
    assert attributes_sent(EvaluationResult(name="tone", at=AT, error_type="refused")) == {
        "gen_ai.evaluation.name": "tone",
        "error.type": "refused",
    }


def test_a_score_of_zero_is_a_score():
    assert attributes_sent(EvaluationResult(name="tone", at=AT, score=0.0))["gen_ai.evaluation.score.value"] == 0.0


def test_an_explanation_goes_along_only_as_text_may_be_published():
    explanation = "gen_ai.evaluation.explanation"
    assert explanation not in attributes_sent(RESULT, PublishText.NONE)
    assert attributes_sent(RESULT, PublishText.REDACTED)[explanation] == "polite to <EMAIL_1>"


def test_many_verdicts_arrive_each_once():
    results = [EvaluationResult(name="tone", at=AT, response_id=f"log-{number}") for number in range(1_500)]
    with collector() as server:
        assert emit_evaluations(server.url, iter(results), PublishText.NONE) == 1_500
    arrived = [dict_of(record.attributes)["gen_ai.response.id"] for _, record in server.records()]
    assert arrived == [result.response_id for result in results]
    assert len(server.requests) == 3  # of 512, 512 and 476


def test_nothing_to_send_is_sent_to_nobody(caplog):
    with collector() as server:
        assert emit_evaluations(server.url, [], PublishText.FULL) == 0
    assert server.requests == []
    assert caplog.records == []


def test_the_collectors_key_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=abc123")
    with collector() as server:
        emit_evaluations(server.url, [RESULT], PublishText.NONE)
    assert server.headers[0]["api-key"] == "abc123"


def warned(caplog, url, seconds=1.0, results=(RESULT,)):
    """What is logged, at any level by anybody, when these are sent and are not taken; and how long it took."""
    caplog.set_level(logging.WARNING)
    begun = time.monotonic()
    assert emit_evaluations(url, results, PublishText.FULL, seconds=seconds) == 0
    (record,) = caplog.records
    return record.getMessage(), time.monotonic() - begun


def test_a_collector_that_is_down_is_one_warning_without_secrets(caplog):
    with collector() as server:
        port = server.server_port
    said, _ = warned(caplog, f"http://user:hunter2@127.0.0.1:{port}/otlp?token=abc")
    assert said == f"1 of 1 evaluations were not sent to http://127.0.0.1:{port}/otlp: it did not answer"


@pytest.mark.parametrize("status", [302, 401, 503])
def test_a_collector_that_refuses_is_one_warning_with_its_answer(status, caplog):
    results = [RESULT] * 1_500
    with collector(answer=status) as server:
        said, _ = warned(caplog, server.url, results=results)
    assert said == f"1500 of 1500 evaluations were not sent to {server.url}/v1/logs: it answered {status}"
    assert len({len(request.SerializeToString()) for request in server.requests}) == 1  # the others were not tried


def test_a_collector_that_never_ends_its_answer_costs_the_seconds_and_no_more(caplog):
    with collector(drips=0.05) as server:
        said, seconds = warned(caplog, server.url, seconds=0.5)
    assert "it did not answer" in said
    assert seconds < 2


def test_an_endpoint_may_have_a_path_of_its_own():
    assert logs_url("http://collector:4318/") == "http://collector:4318/v1/logs"
    assert logs_url("https://collector/otlp/v1/logs") == "https://collector/otlp/v1/logs"


@pytest.mark.parametrize(
    "endpoint",
    [
        "user:hunter2@collector:4318",
        "grpc://user:hunter2@collector:4317",
        "http://collector:port/?token=hunter2",
        "http://[::1",
        "http://",
        "",
    ],
)
def test_an_endpoint_that_is_no_url_is_told_with_an_example_and_without_secrets(endpoint):
    with pytest.raises(TelemetryUnavailable, match=r"http://127\.0\.0\.1:4318") as error:
        emit_evaluations(endpoint, [RESULT], PublishText.FULL)
    assert "hunter2" not in str(error.value)


def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http._log_exporter", None)
    with pytest.raises(TelemetryUnavailable, match=r"--editable '\.\[otel\]'"):
        emit_evaluations("http://127.0.0.1:4318", [RESULT], PublishText.FULL)
