"""The book of batches: what was asked in which batch, written down before it is submitted.

An intent is a batch before the API knows it. It names its requests in `custom_id`s, so that a batch whose answer never
came back (a kill, a cut line) is known again by its results, and nothing is submitted twice. The tables stand beside the
ledger's, in the same database.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

import sqlalchemy as sa

from pipelines.judging.judge import ItemKind, Key, Sitting, Status, Usage
from pipelines.judging.ledger import METADATA, Ledger, by_ruler, key_columns, moment, usage_columns, usage_of, usage_row

INTENT_ID_LENGTH = 24

_batches = sa.Table(
    "ledger_batches",
    METADATA,
    sa.Column("intent_id", sa.String(INTENT_ID_LENGTH), primary_key=True),
    sa.Column("feature", sa.String(64), nullable=False),
    sa.Column("item_kind", sa.String(8), nullable=False),
    sa.Column("requests", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("intended_at", sa.String(32), nullable=False),
    sa.Column("batch_id", sa.String(128)),
    sa.Column("closed_at", sa.String(32)),
)
_requests = sa.Table(
    "ledger_batch_requests",
    METADATA,
    sa.Column("intent_id", sa.String(INTENT_ID_LENGTH), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    *key_columns(primary=False),
    sa.Column("may_not_apply", sa.Boolean, nullable=False),
    sa.Column("max_tokens", sa.Integer, nullable=False),
    sa.Column("cut_characters", sa.Integer, nullable=False),
    sa.Column("redactions", sa.Text),
    sa.Column("asked_at", sa.String(32), nullable=False),
    sa.Column("outcome", sa.String(16)),
    sa.Index("ledger_batch_requests_by_key", "ruler_id", "content_id", "occasion"),
    sqlite_with_rowid=False,
)
# Answers that have to be asked for once more: what was received is paid for, and counts for the final verdict's cost.
_retries = sa.Table(
    "ledger_retries",
    METADATA,
    *key_columns(primary=True),
    sa.Column("intent_id", sa.String(INTENT_ID_LENGTH), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    *usage_columns(),
    sqlite_with_rowid=False,
)
_others = sa.Table("ledger_other_batches", METADATA, sa.Column("batch_id", sa.String(128), primary_key=True))
# Whose tables have pending judgments, to be made again when batches end.
_waiting = sa.Table(
    "ledger_waiting",
    METADATA,
    sa.Column("feature", sa.String(64), primary_key=True),
    sa.Column("item_kind", sa.String(8), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
)


@dataclass(frozen=True)
class Batch:
    """A batch as it was intended. `batch_id` is None until the API's answer to its submission has been written down."""

    intent_id: str
    feature: str
    item_kind: ItemKind
    requests: int
    bytes: int
    intended_at: datetime
    batch_id: str | None

    def custom_id(self, place: int) -> str:
        return f"{self.intent_id}-{place}"


@dataclass(frozen=True)
class BatchRequest:
    """What is needed to read the answer to one request of a batch, whoever reads it and whenever."""

    key: Key
    may_not_apply: bool
    max_tokens: int
    cut_characters: int
    redactions: str | None


class Outcome(StrEnum):
    """What became of a request of a batch that has ended without an answer to it."""

    ERRORED = "errored"
    CANCELED = "canceled"
    EXPIRED = "expired"
    MISSING = "missing"


@dataclass(frozen=True)
class Attempts:
    """When a request was first asked in a batch, how often it was without an answer, and why the last time."""

    first_asked_at: datetime
    times: int
    last: Outcome


@dataclass(frozen=True)
class Retry:
    """A first answer that gave no verdict: in which batch it came, why it gave none, and what it took."""

    intent_id: str
    status: Status
    usage: Usage | None
    cost_usd: float | None


class BatchBook:
    """The batches of a ledger. Each method is one transaction."""

    def __init__(self, ledger: Ledger):
        self._engine = ledger.engine
        self._insert_once = ledger.insert_once

    def intend(self, requests: Sequence[BatchRequest], size: int, sitting: Sitting) -> Batch:
        """Write down a batch that is about to be submitted. `size` is its body's bytes."""
        now = datetime.now(UTC)  # compared with the API's clock, so not one that may be pinned
        batch = Batch(
            uuid.uuid4().hex[:INTENT_ID_LENGTH], sitting.feature, sitting.item_kind, len(requests), size, now, None
        )
        rows = [
            request.key._asdict()
            | {
                "intent_id": batch.intent_id,
                "place": place,
                "may_not_apply": request.may_not_apply,
                "max_tokens": request.max_tokens,
                "cut_characters": request.cut_characters,
                "redactions": request.redactions,
                "asked_at": moment(now),
            }
            for place, request in enumerate(requests)
        ]
        with self._engine.begin() as connection:
            connection.execute(
                sa.insert(_batches),
                {
                    "intent_id": batch.intent_id,
                    "feature": batch.feature,
                    "item_kind": batch.item_kind.value,
                    "requests": batch.requests,
                    "bytes": batch.bytes,
                    "intended_at": moment(now),
                },
            )
            connection.execute(sa.insert(_requests), rows)
        return batch

    def submitted(self, intent_id: str, batch_id: str) -> None:
        """Write down what the API called a batch."""
        with self._engine.begin() as connection:
            intended = sa.update(_batches).where(_batches.c.intent_id == intent_id)
            connection.execute(intended.values(batch_id=batch_id))

    def close(self, intent_id: str, unanswered: Mapping[int, Outcome]) -> None:
        """All results of a batch have been read. `unanswered` says, by place, what became of requests without an answer."""
        with self._engine.begin() as connection:
            for place, outcome in unanswered.items():
                here = (_requests.c.intent_id == intent_id, _requests.c.place == place)
                connection.execute(sa.update(_requests).where(*here).values(outcome=outcome.value))
            closed = sa.update(_batches).where(_batches.c.intent_id == intent_id)
            connection.execute(closed.values(closed_at=moment(datetime.now(UTC))))

    def forget(self, intent_id: str) -> None:
        """A batch that never reached the API: as if it had not been intended."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_requests).where(_requests.c.intent_id == intent_id))
            connection.execute(sa.delete(_batches).where(_batches.c.intent_id == intent_id))

    def open_batches(self, feature: str | None = None) -> list[Batch]:
        """The batches that are under way, of one feature or of all, the earliest first."""
        query = sa.select(_batches).where(_batches.c.closed_at.is_(None)).order_by(_batches.c.intended_at)
        if feature is not None:
            query = query.where(_batches.c.feature == feature)
        with self._engine.connect() as connection:
            return [_batch(row) for row in connection.execute(query)]

    def batches_of(self, keys: Iterable[Key]) -> dict[Key, Batch]:
        """Of these keys, those that are asked for in a batch that is under way, each with that batch."""
        found = {}
        with self._engine.connect() as connection:
            for ruler_id, occasion, content_ids in by_ruler(keys):
                query = (
                    sa.select(_requests.c.content_id, _batches)
                    .join(_batches, _batches.c.intent_id == _requests.c.intent_id)
                    .where(
                        _batches.c.closed_at.is_(None),
                        _requests.c.ruler_id == ruler_id,
                        _requests.c.occasion == occasion,
                        _requests.c.content_id.in_(content_ids),
                    )
                )
                for row in connection.execute(query):
                    found[Key(ruler_id, row.content_id, occasion)] = _batch(row)
        return found

    def requests_of(self, intent_id: str) -> dict[int, BatchRequest]:
        """The requests of a batch, by their place in it."""
        query = sa.select(_requests).where(_requests.c.intent_id == intent_id)
        with self._engine.connect() as connection:
            return {
                row.place: BatchRequest(
                    Key(row.ruler_id, row.content_id, row.occasion),
                    row.may_not_apply,
                    row.max_tokens,
                    row.cut_characters,
                    row.redactions,
                )
                for row in connection.execute(query)
            }

    def attempts(self, keys: Iterable[Key]) -> dict[Key, Attempts]:
        """What has been tried for each of these keys in batches that have ended without an answer to it."""
        asked = _requests.c
        found = {}
        with self._engine.connect() as connection:
            for ruler_id, occasion, content_ids in by_ruler(keys):
                query = (
                    sa.select(asked.content_id, asked.asked_at, asked.outcome)
                    .where(
                        asked.outcome.is_not(None),
                        asked.ruler_id == ruler_id,
                        asked.occasion == occasion,
                        asked.content_id.in_(content_ids),
                    )
                    .order_by(asked.asked_at.desc())
                )
                for content_id, asked_at, outcome in connection.execute(query):
                    key, at = Key(ruler_id, content_id, occasion), datetime.fromisoformat(asked_at)
                    later = found.get(key)
                    found[key] = Attempts(at, 1 + (later.times if later else 0), later.last if later else Outcome(outcome))
        return found

    def known_batch_ids(self) -> set[str]:
        """The API's batches that are accounted for: ours, and those that have turned out to be somebody else's."""
        query = sa.union(
            sa.select(_batches.c.batch_id).where(_batches.c.batch_id.is_not(None)), sa.select(_others.c.batch_id)
        )
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def is_somebody_elses(self, batch_id: str) -> None:
        """Write down that a batch of the API is none of this ledger's."""
        with self._engine.begin() as connection:
            connection.execute(self._insert_once(_others), {"batch_id": batch_id})

    def intent_of(self, custom_id: str) -> str | None:
        """The intent that a `custom_id` names; None when it is none of this ledger's."""
        intent_id = custom_id.rpartition("-")[0]
        query = sa.select(_batches.c.intent_id).where(_batches.c.intent_id == intent_id)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar()

    def ask_again(self, retries: Mapping[Key, Retry]) -> None:
        """Write down answers that have to be asked for once more; the first one for a key stays."""
        rows = [
            key._asdict()
            | {"intent_id": retry.intent_id, "status": retry.status.value}
            | usage_row(retry.usage, retry.cost_usd)
            for key, retry in retries.items()
        ]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(self._insert_once(_retries), rows)

    def retries(self, keys: Iterable[Key]) -> dict[Key, Retry]:
        """Of these keys, those that a first answer gave no verdict for."""
        found = {}
        with self._engine.connect() as connection:
            for ruler_id, occasion, content_ids in by_ruler(keys):
                query = sa.select(_retries).where(
                    _retries.c.ruler_id == ruler_id,
                    _retries.c.occasion == occasion,
                    _retries.c.content_id.in_(content_ids),
                )
                for row in connection.execute(query):
                    found[Key(ruler_id, row.content_id, occasion)] = Retry(
                        row.intent_id, Status(row.status), usage_of(row), row.cost_usd
                    )
        return found

    def set_waiting(self, sitting: Sitting, waiting: bool) -> None:
        """Whether the table of a sitting has pending judgments: to be made again when a batch has ended."""
        row = {"feature": sitting.feature, "item_kind": sitting.item_kind.value, "day": str(sitting.day or "")}
        with self._engine.begin() as connection:
            if waiting:
                connection.execute(self._insert_once(_waiting), row)
            else:
                connection.execute(sa.delete(_waiting).where(*(_waiting.c[name] == value for name, value in row.items())))

    def waiting(self, feature: str) -> list[tuple[ItemKind, date | None]]:
        """Which of a feature's tables have pending judgments."""
        query = sa.select(_waiting).where(_waiting.c.feature == feature).order_by(_waiting.c.item_kind, _waiting.c.day)
        with self._engine.connect() as connection:
            return [
                (ItemKind(row.item_kind), date.fromisoformat(row.day) if row.day else None)
                for row in connection.execute(query)
            ]


def _batch(row: sa.Row) -> Batch:
    return Batch(
        row.intent_id,
        row.feature,
        ItemKind(row.item_kind),
        row.requests,
        row.bytes,
        datetime.fromisoformat(row.intended_at),
        row.batch_id,
    )
