"""What a judge is: something that takes requests and gives verdicts, each as soon as it has it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pipelines.feature import JudgeKind
from pipelines.judging.criterion import Criterion


class Status(StrEnum):
    """How a request ended. Only `scored` has a level; a failure is never a 0 and never dropped."""

    SCORED = "scored"
    NOT_APPLICABLE = "not_applicable"
    PENDING = "pending"
    REFUSED = "refused"
    TRUNCATED = "truncated"
    UNPARSABLE = "unparsable"
    EXPIRED = "expired"
    ERRORED = "errored"
    NOT_SENT = "not_sent"


@dataclass(frozen=True)
class Source:
    """One text that an output had to be grounded in."""

    id: str | None
    title: str | None
    text: str | None


@dataclass(frozen=True)
class Item:
    """What is judged: one log or one cold item."""

    input: str | None
    output: str | None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Request:
    """One question: one criterion about one item. `key` names it among the requests of a call."""

    key: str
    criterion: Criterion
    item: Item


@dataclass(frozen=True)
class Verdict:
    """One answer. `level` is 1 to 5 when `status` is scored, else None."""

    status: Status
    level: int | None
    rationale: str
    evidence: str | None = None
    injection_suspected: bool = False
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    batch_id: str | None = None

    def __post_init__(self) -> None:
        if (self.level is not None) != (self.status is Status.SCORED) or self.level not in (None, 1, 2, 3, 4, 5):
            raise ValueError(f"a verdict that is {self.status} cannot have level {self.level}")


class Judge(Protocol):
    """A judge of one kind. `model` and `parameters` are part of the ruler: change one and every score is new."""

    kind: JudgeKind
    model: str
    parameters: dict[str, str | int | float]

    def accepts(self, criterion: Criterion) -> None:
        """Raise UserError when this judge cannot judge by this criterion."""

    def judge(self, requests: Sequence[Request]) -> Iterator[list[tuple[Request, Verdict]]]:
        """Answer the requests, in any order, in groups as they arrive. Every request is answered once."""
