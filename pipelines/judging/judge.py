"""What a judge is: something that takes requests and gives verdicts, each as soon as it has it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pipelines.judging.criterion import Criterion

if TYPE_CHECKING:
    from pipelines.judging.ledger import Ledger


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


class ItemKind(StrEnum):
    """What an item is: a production log, a cold item, or a cold item judged afresh to watch the judge."""

    PROD = "prod"
    COLD = "cold"
    ANCHOR = "anchor"


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


class Key(NamedTuple):
    """What a verdict is kept under."""

    ruler_id: str
    content_id: str
    occasion: str


@dataclass(frozen=True)
class Request:
    """One question: one criterion about one item.

    `ruler_id` and `content_id` are what its verdict is kept under. `occasion` is empty for the verdict itself, and names
    the reason of one that is asked for besides it: a vote, or an anchor's date.
    """

    ruler_id: str
    content_id: str
    criterion: Criterion
    item: Item
    occasion: str = ""

    @cached_property
    def key(self) -> Key:
        return Key(self.ruler_id, self.content_id, self.occasion)


@dataclass(frozen=True)
class Usage:
    """Tokens of one or several calls. `input_tokens` are those that were neither written to nor read from the cache."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    cache_read_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))

    @property
    def all_input_tokens(self) -> int:
        """Every token that was read, at whatever price."""
        return self.input_tokens + self.cache_write_5m_tokens + self.cache_write_1h_tokens + self.cache_read_tokens


@dataclass(frozen=True)
class Verdict:
    """One answer. `level` is 1 to 5 when `status` is scored, else None.

    `is_final`: asking again would be a waste. What is not final (pending, or an error that may pass) is no answer: it is
    shown, never kept, and asked for by the next run. `judge_model` is the model as it named itself, `latency_ms` what the
    answer took, and `usage` and `cost_usd` what it took in all, attempts that gave no answer included. `cut_characters`
    were left out of over-long fields; `redactions` counts what was taken out of the text, by type.
    """

    status: Status
    level: int | None
    rationale: str
    evidence: str | None = None
    injection_suspected: bool = False
    is_final: bool = True
    judge_model: str | None = None
    request_id: str | None = None
    batch_id: str | None = None
    latency_ms: float | None = None
    usage: Usage | None = None
    cost_usd: float | None = None
    cut_characters: int = 0
    redactions: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.level is not None) != (self.status is Status.SCORED) or self.level not in (None, 1, 2, 3, 4, 5):
            raise ValueError(f"a verdict that is {self.status} cannot have level {self.level}")

    @property
    def is_answer(self) -> bool:
        """Whether the judge has answered the question; all else is a failure, or not over."""
        return self.status in (Status.SCORED, Status.NOT_APPLICABLE)


@dataclass(frozen=True)
class Sitting:
    """On whose behalf requests are judged, in which ledger, and how long to wait for the verdicts.

    `day` is null for the cold eval and for anchors.
    """

    feature: str
    item_kind: ItemKind
    day: date | None
    ledger: "Ledger"
    wait: timedelta


Answered = tuple[Request, Verdict]
Parameters = Mapping[str, str | int | float | bool | None]
Record = Callable[[list[Answered]], None]


class Judge(Protocol):
    """A provider's judge. `kind`, `model` and `parameters` are part of the ruler: change one and every score is new."""

    @property
    def kind(self) -> str:
        """The provider's name."""

    @property
    def model(self) -> str: ...

    @property
    def parameters(self) -> Parameters: ...

    def accepts(self, criterion: Criterion) -> None:
        """Raise UserError when this judge cannot judge by this criterion."""

    def judge(self, requests: Sequence[Request], record: Record, sitting: Sitting) -> None:
        """Answer the requests, in any order. Each is given to `record` once, as soon as its verdict is there; when
        `record` returns, the verdict is kept.

        A judge that answers later than the sitting waits gives what is outstanding as pending. Raises UserError for what no request
        can get past: a key that is refused, a model that is unknown.
        """
