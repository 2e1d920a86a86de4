"""A second store, as unlike a disk as can be had without a network: rows of a SQLite file, which DuckDB reads through
fsspec. As in an object store, versions are digests, nothing is renamed, and a lease is a row that runs out unless it is
renewed."""

import hashlib
import io
import re
import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from fsspec import AbstractFileSystem

from pipelines.lake.store import Stored, check_folder, check_key

TABLES = """
CREATE TABLE IF NOT EXISTS files (key TEXT PRIMARY KEY, content BLOB, version TEXT, written_at REAL);
CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, holder TEXT, until REAL);
"""
LEASED, RENEWED = 3.0, 0.5  # seconds


class SqliteStore:
    """The store in one SQLite file (see pipelines.lake.store.Store)."""

    def __init__(self, place: Path):
        place.mkdir(parents=True, exist_ok=True)
        self._file = str(place / "files.sqlite")
        with self._database() as database:
            database.executescript(TABLES)

    def __str__(self) -> str:
        return self._file

    def listing(self, pattern: str, enters: Callable[[str], bool] | None = None) -> list[Stored]:
        matching = re.compile("[^/]*".join(map(re.escape, pattern.split("*"))))
        begin = pattern.partition("*")[0]
        with self._database() as database:
            rows = database.execute(
                "SELECT key, length(content), version FROM files WHERE substr(key, 1, ?) = ? ORDER BY key",
                (len(begin), begin),
            ).fetchall()
        return [
            Stored(*row)
            for row in rows
            if matching.fullmatch(row[0]) and (enters is None or all(map(enters, _folders(row[0]))))
        ]

    def names(self, prefix: str) -> list[str]:
        return sorted({key.removeprefix(prefix).partition("/")[0] for key, *_ in self._below(prefix)})

    def read(self, key: str) -> bytes:
        return self._row(key)[0]

    def written_at(self, key: str) -> datetime:
        return datetime.fromtimestamp(self._row(key)[1], UTC)

    def location(self, key: str) -> str:
        return f"rows://{key}"

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.register_filesystem(_Rows(self))

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        check_key(key)
        with tempfile.TemporaryDirectory() as directory:
            yield Path(directory) / "written"

    def put(self, key: str, file: Path) -> None:
        with self._database() as database:
            database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", _as_row(key, file))

    def put_first(self, key: str, file: Path) -> bool:
        with self._database() as database:
            return database.execute("INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?)", _as_row(key, file)).rowcount == 1

    def remove(self, key: str) -> None:
        check_key(key)
        with self._database() as database:
            database.execute("DELETE FROM files WHERE key = ?", (key,))

    def remove_below(self, folder: str) -> None:
        check_folder(folder)
        with self._database() as database:
            database.execute("DELETE FROM files WHERE substr(key, 1, ?) = ?", (len(folder), folder))

    def lease(self, name: str) -> "_Lease":
        return _Lease(self, name)

    def take(self, name: str, holder: str) -> bool:
        """Have or renew a lease for a while, unless another holder has it."""
        with self._database() as database:
            return (
                database.execute(
                    "INSERT INTO leases VALUES ($name, $holder, $until) ON CONFLICT (name) DO UPDATE SET "
                    "holder = $holder, until = $until WHERE holder = $holder OR until < $now",
                    {"name": name, "holder": holder, "until": time.time() + LEASED, "now": time.time()},
                ).rowcount
                == 1
            )

    def give_back(self, name: str, holder: str) -> None:
        with self._database() as database:
            database.execute("DELETE FROM leases WHERE name = ? AND holder = ?", (name, holder))

    def _below(self, prefix: str) -> list[tuple[str]]:
        with self._database() as database:
            query = "SELECT key FROM files WHERE substr(key, 1, ?) = ?"
            return database.execute(query, (len(prefix), prefix)).fetchall()

    def _row(self, key: str) -> tuple[bytes, float]:
        with self._database() as database:
            row = database.execute("SELECT content, written_at FROM files WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise FileNotFoundError(key)
        return row

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._file, timeout=60)
        try:
            with database:
                yield database
        finally:
            database.close()


class _Lease:
    """A lease in one thread. Its row is renewed by another thread, until it is given back or the process ends."""

    _held = threading.local()

    def __init__(self, store: SqliteStore, name: str):
        self._store, self._name = store, name

    def __enter__(self) -> None:
        leases = self._held.__dict__.setdefault("leases", {})
        depth, holder, ended = leases.get(self._id, (0, f"{uuid.uuid4()}", threading.Event()))
        if depth == 0:
            while not self._store.take(self._name, holder):
                time.sleep(0.02)
            threading.Thread(target=self._renew, args=(holder, ended), daemon=True).start()
        leases[self._id] = (depth + 1, holder, ended)

    def __exit__(self, *_: object) -> None:
        depth, holder, ended = self._held.leases.pop(self._id)
        if depth > 1:
            self._held.leases[self._id] = (depth - 1, holder, ended)
            return
        ended.set()
        self._store.give_back(self._name, holder)

    @property
    def _id(self) -> tuple[str, str]:
        return str(self._store), self._name

    def _renew(self, holder: str, ended: threading.Event) -> None:
        while not ended.wait(RENEWED):
            self._store.take(self._name, holder)
        self._store.give_back(self._name, holder)  # should it have been renewed in between


class _Rows(AbstractFileSystem):
    """What DuckDB asks of a file system, from a store's rows."""

    protocol = "rows"
    cachable = False

    def __init__(self, store: SqliteStore):
        super().__init__()
        self._store = store

    def ls(self, path: str, detail: bool = True, **_: object) -> list:
        path = self._strip_protocol(path).strip("/")
        inside = []
        for name in self._store.names(f"{path}/" if path else ""):
            key = f"{path}/{name}" if path else name
            inside.append(self.info(key))
        return inside if detail else [info["name"] for info in inside]

    def info(self, path: str, **_: object) -> dict:
        key = self._strip_protocol(path)
        for stored in self._store.listing(key):
            return {"name": key, "size": stored.size, "type": "file"}
        if self._store.names(f"{key}/"):
            return {"name": key, "size": 0, "type": "directory"}
        raise FileNotFoundError(path)

    def modified(self, path: str) -> datetime:
        return self._store.written_at(self._strip_protocol(path))

    def _open(self, path: str, mode: str = "rb", **_: object) -> io.BytesIO:
        return io.BytesIO(self._store.read(self._strip_protocol(path)))


def _as_row(key: str, file: Path) -> tuple[str, bytes, str, float]:
    check_key(key)
    content = file.read_bytes()
    return key, content, hashlib.md5(content).hexdigest(), time.time()


def _folders(key: str) -> Iterator[str]:
    return (key[: index + 1] for index, character in enumerate(key) if character == "/")
