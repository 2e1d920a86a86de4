"""The ledger: every verdict ever received, keyed by ruler and content, so that none is asked for twice.

SQLite by default; another database by PROD_EVALS_LEDGER, an SQLAlchemy URL. Many processes write at once: a verdict is
committed the moment it arrives, and the first one for a key stays.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pipelines import lake
from pipelines.errors import UserError
from pipelines.judging.judge import Status, Verdict

URL_VARIABLE = "PROD_EVALS_LEDGER"
LOOK_UP = 500  # keys in one query, well below SQLite's limit of variables
BUSY_SECONDS = 60  # how long a writer waits for another's commit

_metadata = sa.MetaData()
_verdicts = sa.Table(
    "verdicts",
    _metadata,
    sa.Column("ruler_id", sa.String(16), primary_key=True),
    sa.Column("content_id", sa.String(64), primary_key=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("level", sa.Integer),
    sa.Column("rationale", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text),
    sa.Column("injection_suspected", sa.Boolean, nullable=False),
    sa.Column("input_tokens", sa.Integer),
    sa.Column("output_tokens", sa.Integer),
    sa.Column("cost_usd", sa.Float),
    sa.Column("batch_id", sa.String(128)),
    sa.Column("judged_at", sa.String(32), nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class Entry:
    """One verdict in the ledger. `judged_at` is in UTC."""

    ruler_id: str
    content_id: str
    verdict: Verdict
    judged_at: datetime


class Ledger:
    """Open a ledger, making it where there is none yet. Raises UserError for a URL that cannot be opened."""

    def __init__(self, url: str | None = None):
        url = url or os.environ.get(URL_VARIABLE) or f"sqlite:///{lake.private_directory('ledger') / 'verdicts.sqlite'}"
        try:
            self._engine = sa.create_engine(url, connect_args=_connect_arguments(url))
            if self._engine.dialect.name not in _INSERT:
                raise UserError(f"{URL_VARIABLE}: the ledger can be SQLite or PostgreSQL, not {self._engine.dialect.name}")
            with lake.lock("ledger"):  # one process makes the table, and turns SQLite's write-ahead log on
                if self._engine.dialect.name == "sqlite":
                    with self._engine.connect() as connection:
                        connection.exec_driver_sql("PRAGMA journal_mode = wal")
                _metadata.create_all(self._engine)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise UserError(f"{URL_VARIABLE}: the ledger cannot be opened: {_without_secrets(error)}") from error

    def find(self, ruler_id: str, content_ids: Iterable[str]) -> dict[str, Entry]:
        """What the ledger has of these contents by this ruler, by content id."""
        wanted = sorted(set(content_ids))
        found = {}
        with self._engine.connect() as connection:
            for begin in range(0, len(wanted), LOOK_UP):
                query = sa.select(_verdicts).where(
                    _verdicts.c.ruler_id == ruler_id, _verdicts.c.content_id.in_(wanted[begin : begin + LOOK_UP])
                )
                for row in connection.execute(query):
                    found[row.content_id] = _entry(row)
        return found

    def record(self, verdicts: Iterable[tuple[str, str, Verdict]], judged_at: datetime) -> None:
        """Commit verdicts as (ruler_id, content_id, verdict). A key that is there already keeps its first verdict."""
        rows = [
            {
                "ruler_id": ruler_id,
                "content_id": content_id,
                "status": verdict.status.value,
                "level": verdict.level,
                "rationale": verdict.rationale,
                "evidence": verdict.evidence,
                "injection_suspected": verdict.injection_suspected,
                "input_tokens": verdict.input_tokens,
                "output_tokens": verdict.output_tokens,
                "cost_usd": verdict.cost_usd,
                "batch_id": verdict.batch_id,
                "judged_at": judged_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            }
            for ruler_id, content_id, verdict in verdicts
        ]
        if rows:
            insert = _INSERT[self._engine.dialect.name](_verdicts).on_conflict_do_nothing()
            with self._engine.begin() as connection:
                connection.execute(insert, rows)

    def close(self) -> None:
        self._engine.dispose()


_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def _connect_arguments(url: str) -> dict:
    return {"timeout": BUSY_SECONDS} if url.startswith("sqlite") else {}


def _without_secrets(error: Exception) -> str:
    """An error's first line: what follows it may repeat the URL with its password."""
    return str(error).splitlines()[0] if isinstance(error, ImportError | sa.exc.ArgumentError) else type(error).__name__


def _entry(row: sa.Row) -> Entry:
    verdict = Verdict(
        status=Status(row.status),
        level=row.level,
        rationale=row.rationale,
        evidence=row.evidence,
        injection_suspected=row.injection_suspected,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cost_usd=row.cost_usd,
        batch_id=row.batch_id,
    )
    return Entry(row.ruler_id, row.content_id, verdict, datetime.fromisoformat(row.judged_at))
