"""The ledger: every verdict ever received, keyed by ruler, content and occasion, so that none is asked for twice.

SQLite by default; PostgreSQL by PROD_EVALS_LEDGER, an SQLAlchemy URL. Many processes write at once: a verdict is
committed the moment it arrives, and the first one for a key stays. What batches are under way is in batch_book.py.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.data_directory import DATA_VARIABLE, lock, private_directory
from pipelines.errors import UserError
from pipelines.judging.judge import ItemKind, Key, Status, Usage, Verdict
from pipelines.judging.ledger_tables import METADATA, PAID, SCHEMA, VERDICTS
from pipelines.lake.schema_version import SCHEMA_VERSION, refuse_newer, tell_upgrade

URL_VARIABLE = "PROD_EVALS_LEDGER"
LOOK_UP = 500  # keys in one query, well below SQLite's limit of variables
UNMARKED = 1  # the version of a ledger without its mark
BUSY_SECONDS = 60  # how long a writer waits for another's commit


@dataclass(frozen=True)
class Entry:
    """One verdict in the ledger. `judged_at` is in UTC."""

    verdict: Verdict
    judged_at: datetime


@dataclass(frozen=True)
class Spent:
    """What the verdicts of a feature cost that were made on one date (UTC) by one model under one ruler."""

    judged_on: str
    item_kind: ItemKind
    ruler_id: str
    judge_model: str | None
    in_batches: bool
    verdicts: int
    usage: Usage
    cost_usd: float


class Ledger:
    """Open a ledger, making it where there is none yet. Raises UserError for a URL that cannot be opened, or a ledger
    of a newer version."""

    def __init__(self, url: str | None = None):
        url = url or os.environ.get(URL_VARIABLE) or f"sqlite:///{private_directory('ledger') / 'verdicts.sqlite'}"
        try:
            self.engine = sa.create_engine(url, connect_args=_connect_arguments(url))
            if self.engine.dialect.name not in _INSERT:
                name = self.engine.dialect.name
                raise UserError(f"{URL_VARIABLE}: the ledger can be SQLite or PostgreSQL, not {name}")
            with lock("ledger"):  # one process makes the tables, and turns SQLite's write-ahead log on
                version = self._version()
                if self.engine.dialect.name == "sqlite":
                    with self.engine.connect() as connection:
                        connection.exec_driver_sql("PRAGMA journal_mode = wal")
                METADATA.create_all(self.engine)
                if version != SCHEMA_VERSION:
                    self._bring_up_to_date(version)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            remedy = ""
            if isinstance(error, ImportError):
                remedy = "; for PostgreSQL, install the extra `postgresql` and write postgresql+psycopg://..."
            raise UserError(
                f"{URL_VARIABLE}: the ledger cannot be opened: {_without_secrets(error)}{remedy}"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _version(self) -> int | None:
        """The version of the ledger's tables; None when there are none. Raises UserError for a newer one."""
        tables = sa.inspect(self.engine).get_table_names()
        version = None
        if SCHEMA.name in tables:
            with self.engine.connect() as connection:
                version = connection.execute(sa.select(SCHEMA.c.schema_version)).scalar()
        if version is None and VERDICTS.name in tables:
            return UNMARKED
        if version is not None:
            refuse_newer(f"the ledger {self._name()}", version, self._variable())
        return version

    def _bring_up_to_date(self, version: int | None) -> None:
        """Make what version 2 added: an index, and the version itself. A new ledger has nothing to be told about."""
        PAID.create(self.engine, checkfirst=True)
        with self.engine.begin() as connection:
            connection.execute(self.insert_once(SCHEMA), {"only": 1, "schema_version": SCHEMA_VERSION})
        if version is not None:
            tell_upgrade(f"the ledger {self._name()}", version, ["it carries its version, and every verdict is kept"])

    def _name(self) -> str:
        """The ledger's file, or its URL without the password."""
        url = self.engine.url
        return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)

    def _variable(self) -> str:
        return URL_VARIABLE if os.environ.get(URL_VARIABLE) else DATA_VARIABLE

    def find(self, keys: Iterable[Key]) -> dict[Key, Entry]:
        """What the ledger has of these keys."""
        return {
            key_of(row): Entry(_verdict(row), datetime.fromisoformat(row.judged_at))
            for row in self.rows_about(keys, VERDICTS, sa.select(VERDICTS))
        }

    def rows_about(self, keys: Iterable[Key], table: sa.Table, query: sa.Select) -> Iterator[sa.Row]:
        """The rows of a query whose `table` is about one of these keys."""
        grouped: dict[tuple[str, str], set[str]] = {}
        for key in keys:
            grouped.setdefault((key.ruler_id, key.occasion), set()).add(key.content_id)
        with self.engine.connect() as connection:
            for (ruler_id, occasion), content_ids in grouped.items():
                ordered = sorted(content_ids)
                for begin in range(0, len(ordered), LOOK_UP):
                    about = (
                        table.c.ruler_id == ruler_id,
                        table.c.occasion == occasion,
                        table.c.content_id.in_(ordered[begin : begin + LOOK_UP]),
                    )
                    yield from connection.execute(query.where(*about))

    def record(
        self, verdicts: Iterable[tuple[Key, Verdict]], feature: str, item_kind: ItemKind, judged_at: datetime
    ) -> None:
        """Commit verdicts. A key that is there already keeps its first verdict; one that is not final is not kept."""
        rows = [
            key._asdict()
            | {
                "feature": feature,
                "item_kind": item_kind.value,
                "status": verdict.status.value,
                "level": verdict.level,
                "rationale": verdict.rationale,
                "evidence": verdict.evidence,
                "injection_suspected": verdict.injection_suspected,
                "judge_model": verdict.judge_model,
                "request_id": verdict.request_id,
                "batch_id": verdict.batch_id,
                "latency_ms": verdict.latency_ms,
                **usage_row(verdict.usage, verdict.cost_usd),
                "cut_characters": verdict.cut_characters,
                "redactions": json.dumps(verdict.redactions, sort_keys=True) if verdict.redactions else None,
                "judged_at": moment(judged_at),
            }
            for key, verdict in verdicts
            if verdict.is_final
        ]
        if rows:
            with self.engine.begin() as connection:
                connection.execute(self.insert_once(VERDICTS), rows)

    def spent(self, feature: str, since: str = "") -> list[Spent]:
        """What the feature has paid from a date on, by date, ruler, model and kind of item, in that order."""
        verdicts = VERDICTS.c
        judged_on = sa.func.substr(verdicts.judged_at, 1, 10)
        keys = (judged_on, verdicts.item_kind, verdicts.ruler_id, verdicts.judge_model, verdicts.batch_id.is_not(None))
        tokens = [verdicts[name] for name in Usage.__dataclass_fields__]
        query = (
            sa.select(*keys, sa.func.count(), *map(sa.func.sum, tokens), sa.func.sum(verdicts.cost_usd))
            .where(verdicts.feature == feature, verdicts.judged_at >= since, verdicts.cost_usd.is_not(None))
            .group_by(*keys)
            .order_by(*keys)
        )
        with self.engine.connect() as connection:
            return [
                Spent(day, ItemKind(kind), ruler_id, model, bool(in_batches), count, Usage(*map(int, used)), cost)
                for day, kind, ruler_id, model, in_batches, count, *used, cost in connection.execute(query)
            ]

    def insert_once(self, table: sa.Table) -> Any:
        """An INSERT that leaves a key that is there as it is."""
        return _INSERT[self.engine.dialect.name](table).on_conflict_do_nothing()

    def close(self) -> None:
        self.engine.dispose()


def key_of(row: sa.Row) -> Key:
    """The key that a row is about."""
    return Key(row.ruler_id, row.content_id, row.occasion)


def usage_row(usage: Usage | None, cost_usd: float | None) -> dict[str, Any]:
    """The values of `usage_columns`; nulls without a model."""
    return (asdict(usage) if usage else dict.fromkeys(Usage.__dataclass_fields__)) | {"cost_usd": cost_usd}


def usage_of(row: sa.Row) -> Usage | None:
    """The Usage in a row of `usage_columns`."""
    values = [getattr(row, name) for name in Usage.__dataclass_fields__]
    return None if None in values else Usage(*values)


def moment(time: datetime) -> str:
    """A time as the ledger writes it: UTC, so that texts are in the order of times."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def _connect_arguments(url: str) -> dict:
    return {"timeout": BUSY_SECONDS} if url.startswith("sqlite") else {}


def _without_secrets(error: Exception) -> str:
    """An error's first line: what follows it may repeat the URL with its password."""
    return str(error).splitlines()[0] if isinstance(error, ImportError | sa.exc.ArgumentError) else type(error).__name__


def _verdict(row: sa.Row) -> Verdict:
    return Verdict(
        status=Status(row.status),
        level=row.level,
        rationale=row.rationale,
        evidence=row.evidence,
        injection_suspected=row.injection_suspected,
        judge_model=row.judge_model,
        request_id=row.request_id,
        batch_id=row.batch_id,
        latency_ms=row.latency_ms,
        usage=usage_of(row),
        cost_usd=row.cost_usd,
        cut_characters=row.cut_characters,
        redactions=json.loads(row.redactions) if row.redactions else {},
    )
