"""Batches: accepted, worked on, cancelled, ended, and their results line by line."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.messages_server.answers import ERROR_TYPES, MESSAGES, message, new_id
from tests.messages_server.checks import Refused, check
from tests.messages_server.counts import content_digest
from tests.messages_server.script import Endpoint, Order, Rules, Script


@dataclass
class Batch:
    """One accepted batch. `polls` are the times that it was retrieved or listed."""

    requests: list[dict[str, Any]]
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: str = field(default_factory=lambda: new_id("msgbatch"))
    polls: int = 0
    cancel_initiated_at: datetime | None = None
    ended_at: datetime | None = None
    results: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        if self.ended_at:
            return "ended"
        return "canceling" if self.cancel_initiated_at else "in_progress"

    @property
    def age(self) -> float:
        """Seconds since it was accepted."""
        return (datetime.now(UTC) - self.created_at).total_seconds()

    def work(self, script: Script, rules: Rules, cache: set[str]) -> None:
        """End the batch when its time has come: cancelled requests have no answer."""
        due = self.age >= script.batch_seconds and self.polls > script.batch_polls
        if self.ended_at or not (due or self.cancel_initiated_at):
            return
        for request in self.requests:
            if self.cancel_initiated_at:
                self.results.append(_line(request["custom_id"], {"type": "canceled"}))
            else:
                self.results += _results(request, rules, cache)
        if script.results_order is Order.REVERSED:
            self.results.reverse()
        elif script.results_order is Order.SHUFFLED:
            random.Random(len(self.results)).shuffle(self.results)
        self.ended_at = datetime.now(UTC)

    def as_json(self, results_url: str) -> dict[str, Any]:
        """The batch object. Its counts say nothing before the end, as the real one's do."""
        fates = [line["result"]["type"] for line in self.results]
        counts = {fate: fates.count(fate) for fate in ("canceled", "errored", "expired", "succeeded")}
        counts["processing"] = 0 if self.ended_at else len(self.requests)
        return {
            "id": self.id,
            "type": "message_batch",
            "processing_status": self.status,
            "request_counts": counts,
            "created_at": self.created_at.isoformat(),
            "expires_at": (self.created_at + timedelta(hours=24)).isoformat(),
            "ended_at": self.ended_at and self.ended_at.isoformat(),
            "cancel_initiated_at": self.cancel_initiated_at and self.cancel_initiated_at.isoformat(),
            "archived_at": None,
            "results_url": results_url if self.ended_at else None,
        }


def _results(request: dict[str, Any], rules: Rules, cache: set[str]) -> list[dict[str, Any]]:
    """The lines of one request: one, unless a rule makes it none or two. A bad request is told only now."""
    custom_id, params = request["custom_id"], request["params"]
    rule = rules.fault(Endpoint.RESULT, json.dumps(request, ensure_ascii=False), content_digest(params))
    if rule and rule.fault in RESULTS:
        return RESULTS[rule.fault](custom_id, params, **rule.arguments)
    try:
        check(params)
    except Refused as refused:
        return _errored(custom_id, params, refused.status, refused.text)
    answer = MESSAGES[rule.fault] if rule else message
    return [_line(custom_id, _succeeded(answer(params, batch=True, cache=cache, **rule.arguments if rule else {})))]


def _line(custom_id: str, result: dict[str, Any]) -> dict[str, Any]:
    return {"custom_id": custom_id, "result": result}


def _succeeded(answer: dict[str, Any]) -> dict[str, Any]:
    return {"type": "succeeded", "message": answer}


def _errored(custom_id: str, params: dict[str, Any], status: int = 400, text: str = "as scripted") -> list[dict]:
    error = {"type": "error", "error": {"type": ERROR_TYPES[status], "message": text}, "request_id": new_id("req")}
    return [_line(custom_id, {"type": "errored", "error": error})]


def _twice(custom_id: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    """Two answers, the second another one: whoever takes both, or the last, is found out."""
    first = message(params, batch=True)
    second = MESSAGES["refusal"](params, batch=True)
    return [_line(custom_id, _succeeded(first)), _line(custom_id, _succeeded(second))]


# What becomes of one request of a batch. Each takes its custom_id, its parameters and arguments of its own.
RESULTS: dict[str, Callable[..., list[dict[str, Any]]]] = {
    "errored": _errored,
    "expired": lambda custom_id, params: [_line(custom_id, {"type": "expired"})],
    "canceled": lambda custom_id, params: [_line(custom_id, {"type": "canceled"})],
    "unknown": lambda custom_id, params: [_line(custom_id, {"type": "postponed", "until": "tomorrow"})],
    "missing": lambda custom_id, params: [],
    "twice": _twice,
    "foreign": lambda custom_id, params: [_line("of-another-batch", _succeeded(message(params, batch=True)))],
}
