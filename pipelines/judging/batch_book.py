"""The book of batches: what was asked in which batch, written down before it is submitted.

An intent is a batch before the API knows it. It names its requests in `custom_id`s, so that a batch whose answer never
came back (a kill, a cut line) is known again by its results, and nothing is submitted twice. The tables stand beside
the ledger's, in the same database.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

import sqlalchemy as sa

from pipelines.judging.judge import ItemKind, Key, Sitting, Status, Usage
from pipelines.judging.ledger import Ledger, key_of, moment, usage_of, usage_row
from pipelines.judging.ledger_tables import (
    BATCH_REQUESTS,
    BATCHES,
    INTENT_ID_LENGTH,
    OTHER_BATCHES,
    RETRIES,
    WAITING,
)

IN_NO_BATCH = ""  # stands for the intent that pending requests do not have yet


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
        self._rows_about = ledger.rows_about

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
                sa.insert(BATCHES),
                {
                    "intent_id": batch.intent_id,
                    "feature": batch.feature,
                    "item_kind": batch.item_kind.value,
                    "requests": batch.requests,
                    "bytes": batch.bytes,
                    "intended_at": moment(now),
                },
            )
            connection.execute(sa.insert(BATCH_REQUESTS), rows)
        return batch

    def submitted(self, intent_id: str, batch_id: str) -> None:
        """Write down what the API called a batch."""
        with self._engine.begin() as connection:
            intended = sa.update(BATCHES).where(BATCHES.c.intent_id == intent_id)
            connection.execute(intended.values(batch_id=batch_id))

    def close(self, intent_id: str, unanswered: Mapping[int, Outcome]) -> None:
        """All results of a batch have been read; `unanswered`: what became of requests without an answer, by place."""
        with self._engine.begin() as connection:
            for place, outcome in unanswered.items():
                request = (BATCH_REQUESTS.c.intent_id == intent_id, BATCH_REQUESTS.c.place == place)
                connection.execute(sa.update(BATCH_REQUESTS).where(*request).values(outcome=outcome.value))
            closed = sa.update(BATCHES).where(BATCHES.c.intent_id == intent_id)
            connection.execute(closed.values(closed_at=moment(datetime.now(UTC))))

    def forget(self, intent_id: str) -> None:
        """A batch that never reached the API: as if it had not been intended."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(BATCH_REQUESTS).where(BATCH_REQUESTS.c.intent_id == intent_id))
            connection.execute(sa.delete(BATCHES).where(BATCHES.c.intent_id == intent_id))

    def open_batches(self) -> list[Batch]:
        """The batches that are under way, the earliest first."""
        query = sa.select(BATCHES).where(BATCHES.c.closed_at.is_(None)).order_by(BATCHES.c.intended_at)
        with self._engine.connect() as connection:
            return [_batch(row) for row in connection.execute(query)]

    def batches_of(self, keys: Iterable[Key]) -> dict[Key, Batch]:
        """Of these keys, those that are asked for in a batch that is under way, each with that batch."""
        asked = BATCH_REQUESTS.c
        query = (
            sa.select(asked.ruler_id, asked.content_id, asked.occasion, BATCHES)
            .join(BATCHES, BATCHES.c.intent_id == asked.intent_id)
            .where(BATCHES.c.closed_at.is_(None))
        )
        return {key_of(row): _batch(row) for row in self._rows_about(keys, BATCH_REQUESTS, query)}

    def requests_of(self, intent_id: str) -> dict[int, BatchRequest]:
        """The requests of a batch, by their place in it."""
        query = sa.select(BATCH_REQUESTS).where(BATCH_REQUESTS.c.intent_id == intent_id)
        with self._engine.connect() as connection:
            return {
                row.place: BatchRequest(
                    key_of(row), row.may_not_apply, row.max_tokens, row.cut_characters, row.redactions
                )
                for row in connection.execute(query)
            }

    def attempts(self, keys: Iterable[Key]) -> dict[Key, Attempts]:
        """What has been tried for each of these keys in batches that have ended without an answer to it."""
        asked = BATCH_REQUESTS.c
        query = sa.select(BATCH_REQUESTS).where(asked.outcome.is_not(None)).order_by(asked.asked_at.desc())
        attempts: dict[Key, Attempts] = {}
        for row in self._rows_about(keys, BATCH_REQUESTS, query):
            later = attempts.get(key_of(row))
            times, last = (later.times, later.last) if later else (0, Outcome(row.outcome))
            attempts[key_of(row)] = Attempts(datetime.fromisoformat(row.asked_at), times + 1, last)
        return attempts

    def known_batch_ids(self) -> set[str]:
        """The API's batches that are accounted for: ours, and those that have turned out to be somebody else's."""
        query = sa.union(
            sa.select(BATCHES.c.batch_id).where(BATCHES.c.batch_id.is_not(None)), sa.select(OTHER_BATCHES.c.batch_id)
        )
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def is_somebody_elses(self, batch_id: str) -> None:
        """Write down that a batch of the API is none of this ledger's."""
        with self._engine.begin() as connection:
            connection.execute(self._insert_once(OTHER_BATCHES), {"batch_id": batch_id})

    def intent_of(self, custom_id: str) -> str | None:
        """The intent that a `custom_id` names; None when it is none of this ledger's."""
        intent_id = custom_id.rpartition("-")[0]
        query = sa.select(BATCHES.c.intent_id).where(BATCHES.c.intent_id == intent_id)
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
                connection.execute(self._insert_once(RETRIES), rows)

    def retries(self, keys: Iterable[Key]) -> dict[Key, Retry]:
        """Of these keys, those that a first answer gave no verdict for."""
        return {
            key_of(row): Retry(row.intent_id, Status(row.status), usage_of(row), row.cost_usd)
            for row in self._rows_about(keys, RETRIES, sa.select(RETRIES))
        }

    def set_waiting(self, sitting: Sitting, pending: Iterable[Key]) -> None:
        """Write down which batches a sitting's table waits for: it is to be made again when one of them has ended."""
        pending = set(pending)
        under_way = self.batches_of(pending)
        intents = {batch.intent_id for batch in under_way.values()}
        if pending - under_way.keys():
            intents.add(IN_NO_BATCH)
        table = {"feature": sitting.feature, "item_kind": sitting.item_kind.value, "day": str(sitting.day or "")}
        with self._engine.begin() as connection:
            connection.execute(sa.delete(WAITING).where(*(WAITING.c[name] == value for name, value in table.items())))
            if intents:
                connection.execute(
                    self._insert_once(WAITING), [table | {"intent_id": intent_id} for intent_id in intents]
                )

    def who_waits(self) -> set[str]:
        """The features that have tables with pending judgments."""
        with self._engine.connect() as connection:
            return set(connection.execute(sa.select(WAITING.c.feature).distinct()).scalars())

    def waiting(self, feature: str) -> dict[tuple[ItemKind, date | None], set[str]]:
        """A feature's tables with pending judgments, by kind and day, each with the intents that it waits for.

        One that is under way no longer has been read by somebody else, or its requests are in no batch yet.
        """
        query = sa.select(WAITING).where(WAITING.c.feature == feature).order_by(WAITING.c.item_kind, WAITING.c.day)
        intents_by_table: dict[tuple[ItemKind, date | None], set[str]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                table = ItemKind(row.item_kind), date.fromisoformat(row.day) if row.day else None
                intents_by_table.setdefault(table, set()).add(row.intent_id)
        return intents_by_table


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
