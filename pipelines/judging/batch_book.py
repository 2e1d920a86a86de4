"""The book of batches: what was asked in which batch, written down before it is submitted.

An intent is a batch before the API knows it. It names its requests in `custom_id`s, so that a batch whose answer never
came back (a kill, a cut line) is known again by its results, and nothing is submitted twice. The tables stand beside the
ledger's, in the same database.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from pipelines import clock
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
    sa.Column("first_asked_at", sa.String(32), nullable=False),
    sa.Index("ledger_batch_requests_by_key", "ruler_id", "content_id", "occasion"),
    sqlite_with_rowid=False,
)
# Answers that have to be asked for once more: what was received is paid for, and counts for the final verdict's cost.
_retries = sa.Table(
    "ledger_retries",
    METADATA,
    *key_columns(primary=True),
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


@dataclass(frozen=True)
class Retry:
    """A first answer that gave no verdict: why, and what it took."""

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
        now = clock.now()
        batch = Batch(
            uuid.uuid4().hex[:INTENT_ID_LENGTH], sitting.feature, sitting.item_kind, len(requests), size, now, None
        )
        asked = self.first_asked(request.key for request in requests)
        rows = [
            request.key._asdict()
            | {
                "intent_id": batch.intent_id,
                "place": place,
                "may_not_apply": request.may_not_apply,
                "max_tokens": request.max_tokens,
                "cut_characters": request.cut_characters,
                "redactions": request.redactions,
                "first_asked_at": moment(asked.get(request.key, now)),
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
        self._update(intent_id, batch_id=batch_id)

    def close(self, intent_id: str) -> None:
        """A batch whose results have all been read, or that never reached the API."""
        self._update(intent_id, closed_at=moment(clock.now()))

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

    def first_asked(self, keys: Iterable[Key]) -> dict[Key, datetime]:
        """When each of these keys was asked for first, of those that ever were."""
        found = {}
        with self._engine.connect() as connection:
            for ruler_id, occasion, content_ids in by_ruler(keys):
                query = (
                    sa.select(_requests.c.content_id, sa.func.min(_requests.c.first_asked_at))
                    .where(
                        _requests.c.ruler_id == ruler_id,
                        _requests.c.occasion == occasion,
                        _requests.c.content_id.in_(content_ids),
                    )
                    .group_by(_requests.c.content_id)
                )
                for content_id, first in connection.execute(query):
                    found[Key(ruler_id, content_id, occasion)] = datetime.fromisoformat(first)
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
            key._asdict() | {"status": retry.status.value} | usage_row(retry.usage, retry.cost_usd)
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
                    found[Key(ruler_id, row.content_id, occasion)] = Retry(Status(row.status), usage_of(row), row.cost_usd)
        return found

    def set_waiting(self, feature: str, item_kind: ItemKind, day: date | None, waiting: bool) -> None:
        """Whether a table of the feature has pending judgments: to be made again when a batch has ended."""
        row = {"feature": feature, "item_kind": item_kind.value, "day": str(day or "")}
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

    def _update(self, intent_id: str, **values: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.update(_batches).where(_batches.c.intent_id == intent_id).values(**values))


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
