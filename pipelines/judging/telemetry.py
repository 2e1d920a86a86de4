"""Verdicts as OpenTelemetry events: one `gen_ai.evaluation.result` each, sent over OTLP to a collector.

The event and its attributes are those of OpenTelemetry's semantic conventions for generative AI (status: development).
Telemetry is a courtesy: a collector that is down, slow or refuses costs a warning and seconds, never a night. What a
collector asks for, such as a key, is in the environment (OTEL_EXPORTER_OTLP_HEADERS), in no file and in no warning.
"""

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pipelines.errors import UserError
from pipelines.feature import PublishText
from pipelines.redaction.redactor import NotRedacted, redactor

EVENT = "gen_ai.evaluation.result"
SECONDS = 5.0  # for all events together
EVENTS_A_REQUEST = 512
LOGS_PATH = "/v1/logs"  # OTLP's own, where the endpoint has no path

log = logging.getLogger(__name__)


class TelemetryUnavailable(UserError):
    """Events are asked for, and what sends them is not installed, or where to send them cannot be understood."""


@dataclass(frozen=True)
class EvaluationResult:
    """One verdict as others see it.

    `name` is the criterion; `score` is 0 to 1 and `label` a word for it of few values, both None unless scored;
    `error_type` is what became of a verdict that is none; `response_id` is the application's id of the response that
    was judged; `at` is when; `attributes` are whatever else is to stand beside it.
    """

    name: str
    at: datetime
    score: float | None = None
    label: str | None = None
    explanation: str | None = None
    error_type: str | None = None
    response_id: str | None = None
    attributes: Mapping[str, str | int | float | bool] = field(default_factory=dict)


def emit_evaluations(
    endpoint: str,
    results: Iterable[EvaluationResult],
    text: PublishText,
    service: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> int:
    """Send verdicts to the collector at `endpoint` and return how many it took, within `seconds` of sending.

    An explanation quotes what was judged, so it goes along only as `text` allows: as it is, redacted, or not at all.
    `service` are attributes of who sends, beside `service.name`. When the collector takes fewer than all, one warning
    says so. Raises TelemetryUnavailable for an endpoint that is no URL, and without the extra `otel`.
    """
    url = logs_url(endpoint)
    require_telemetry()
    records = _records(results, text, service or {})
    sent: list[int] = []
    answers: list[int] = []
    # in a thread, as a server that sends a byte now and then would keep any time-out of a request from passing
    sending = threading.Thread(target=_send, args=(url, records, seconds, sent, answers), daemon=True)
    sending.start()
    sending.join(seconds)
    taken = sum(sent)
    if taken < len(records):
        answer = f"it answered {answers[-1]}" if answers else "it did not answer"
        unsent = len(records) - taken
        log.warning("%d of %d evaluations were not sent to %s: %s", unsent, len(records), _shown(url), answer)
    return taken


def require_telemetry() -> None:
    """Raise TelemetryUnavailable when the extra `otel` is not installed."""
    try:
        import opentelemetry.exporter.otlp.proto.http._log_exporter
        import opentelemetry.sdk._logs  # noqa: F401
    except ImportError as error:
        raise TelemetryUnavailable(
            f"sending OpenTelemetry events needs the extra `otel`, which is not installed ({error}); "
            "in the checkout, run `pip install --constraint constraints.txt --editable '.[otel]'`"
        ) from None


def logs_url(endpoint: str) -> str:
    """Where a collector takes logs: the endpoint, with OTLP's path where it has none."""
    try:
        parts = urlsplit(endpoint)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number
        known = False
    if not known:
        raise TelemetryUnavailable(
            f"the telemetry endpoint {_shown(endpoint)!r} is no URL of a collector; "
            "write one as in http://127.0.0.1:4318"
        )
    return urlunsplit(parts._replace(path=LOGS_PATH)) if parts.path in ("", "/") else endpoint


def _records(results: Iterable[EvaluationResult], text: PublishText, service: Mapping[str, str]) -> list:
    from opentelemetry._logs import LogRecord, SeverityNumber
    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    resource = Resource.create({"service.name": "prod-evals", **service})
    scope = InstrumentationScope("prod-evals")
    return [
        ReadableLogRecord(
            LogRecord(
                timestamp=_nanoseconds(result.at),
                severity_number=SeverityNumber.INFO,
                event_name=EVENT,
                attributes=_attributes(result, text),
            ),
            resource,
            scope,
        )
        for result in results
    ]


def _attributes(result: EvaluationResult, text: PublishText) -> dict[str, Any]:
    named = {
        "gen_ai.evaluation.name": result.name,
        "gen_ai.evaluation.score.value": result.score,
        "gen_ai.evaluation.score.label": result.label,
        "gen_ai.evaluation.explanation": _allowed(result.explanation, text),
        "gen_ai.response.id": result.response_id,
        "error.type": result.error_type,
    }
    return {**result.attributes, **{name: value for name, value in named.items() if value is not None}}


def _allowed(explanation: str | None, text: PublishText) -> str | None:
    if explanation is None or text is PublishText.FULL:
        return explanation
    if text is PublishText.REDACTED:
        try:
            return redactor().redact(explanation).text
        except NotRedacted:
            return None
    return None


def _send(url: str, records: list, seconds: float, sent: list[int], answers: list[int]) -> None:
    """Send records in requests of a few hundred, noting in `sent` how many each brought, until one is not taken."""
    import requests
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs.export import LogRecordExportResult

    deadline = time.monotonic() + seconds
    session = requests.Session()
    session.hooks["response"] = [lambda response, *_, **__: answers.append(response.status_code)]
    exporter_log = logging.getLogger(OTLPLogExporter.__module__)
    exporter_log.addFilter(_silence)  # it warns at every attempt, and quotes the URL
    try:
        for begin in range(0, len(records), EVENTS_A_REQUEST):
            batch = records[begin : begin + EVENTS_A_REQUEST]
            exporter = OTLPLogExporter(url, session=session, timeout=deadline - time.monotonic())
            taken = exporter.export(batch) is LogRecordExportResult.SUCCESS
            if not taken or answers[-1] >= 300:  # the exporter takes a redirection for success
                return
            sent.append(len(batch))
    finally:
        exporter_log.removeFilter(_silence)
        session.close()


def _silence(record: logging.LogRecord) -> bool:
    return False


def _nanoseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


def _shown(url: str) -> str:
    """A URL without what may be secret in it: its user, password and query."""
    scheme, mark, rest = url.partition("?")[0].rpartition("://")
    return scheme + mark + rest.rpartition("@")[2]
