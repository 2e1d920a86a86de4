"""What a server does: how fast it answers, and which requests get which fault.

A script is data, so that it can be sent to a server in another process. The names of faults are in answers.py
(`MESSAGES`, `REPLIES`) and batches.py (`RESULTS`).
"""

from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self


class Endpoint(StrEnum):
    """What can be asked of the server. RESULT is not asked: it is the fate of one request of a batch."""

    MESSAGES = "messages"
    COUNT_TOKENS = "count_tokens"
    MODEL = "model"
    CREATE = "create"
    RETRIEVE = "retrieve"
    LIST = "list"
    RESULTS = "results"
    RESULT = "result"
    CANCEL = "cancel"
    DELETE = "delete"


class Order(StrEnum):
    """How a batch's results are sorted."""

    AS_SENT = "as_sent"
    REVERSED = "reversed"
    SHUFFLED = "shuffled"


@dataclass(frozen=True)
class Rule:
    """Which requests of an endpoint get which fault; the first rule that applies is taken.

    `contains` is a text of the request's body. Of those that match, `every` nth is taken, at most `times` in all, and
    of each content at most the first `per_content`.
    """

    endpoint: Endpoint
    fault: str
    arguments: dict[str, Any] = field(default_factory=dict)
    contains: str = ""
    every: int = 1
    times: int | None = None
    per_content: int | None = None


@dataclass(frozen=True)
class Script:
    """A server's behaviour. Times are in seconds.

    A batch ends when it is `batch_seconds` old and has been retrieved or listed `batch_polls` times; it is listed once
    it is `listed_after` old. Its results are on `results_host` (HOST:PORT) where that is given, a line every `line_pause`.
    """

    latency: float = 0.0
    rules: tuple[Rule, ...] = ()
    batch_seconds: float = 0.0
    batch_polls: int = 0
    listed_after: float = 0.0
    results_order: Order = Order.SHUFFLED
    results_host: str | None = None
    line_pause: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        rules = tuple(Rule(**rule | {"endpoint": Endpoint(rule["endpoint"])}) for rule in value.get("rules", ()))
        return cls(**value | {"rules": rules})


class Rules:
    """The rules of a script, with how often each has matched."""

    def __init__(self, rules: tuple[Rule, ...]):
        self._rules = rules
        self._matched: Counter[int] = Counter()
        self._taken: Counter[int] = Counter()
        self._of_content: Counter[tuple[int, str]] = Counter()

    def fault(self, endpoint: Endpoint, text: str, content: str) -> Rule | None:
        """The rule for a request with this body and this digest of its content."""
        for number, rule in enumerate(self._rules):
            if rule.endpoint is not endpoint or rule.contains not in text:
                continue
            self._matched[number] += 1
            if (
                self._matched[number] % rule.every == 0
                and (rule.times is None or self._taken[number] < rule.times)
                and (rule.per_content is None or self._of_content[number, content] < rule.per_content)
            ):
                self._taken[number] += 1
                self._of_content[number, content] += 1
                return rule
        return None
