"""What the server was asked, and what went out whole: the witness of whether anything was paid for twice."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

NONCE = re.compile(r"[0-9a-f]{16,64}")


def content_digest(params: Any) -> str:
    """What tells one question from another: the hash of a request's parameters, live or in a batch.

    Nonces are left out of it: the same question in another fence is the same question.
    """
    text = NONCE.sub("", json.dumps(params, sort_keys=True))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Counts:
    """Everything counted. A reply counts as sent when its last byte was handed to an open connection.

    `asked` and `answered` are live questions by content, asked and answered with a whole 200; `batched` and
    `custom_ids` are questions of accepted batches; `lines_sent` are results by custom_id; `batches` has the custom_ids
    of each accepted batch.
    """

    requests: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    batched: Counter[str] = field(default_factory=Counter)
    custom_ids: Counter[str] = field(default_factory=Counter)
    lines_sent: Counter[str] = field(default_factory=Counter)
    batches: dict[str, list[str]] = field(default_factory=dict)
    in_flight: int = 0
    peak_in_flight: int = 0
    connections_made: int = 0
    connections_open: int = 0

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        counted: dict[str, Any] = {
            name: Counter(number) if isinstance(number, dict) and name != "batches" else number
            for name, number in value.items()
        }
        return cls(**counted)
