"""What keeps the lake's files: the contract that every store is held to, by tests/lake/store_contract.py.

A store has files by key. A key is names joined by `/`, as `funnel/feature=drafts/day=2026-11-02/data.parquet`; a folder is
a key's beginning that ends with `/`, and nothing by itself. What is promised is what a disk and an object store can both
keep: there is no renaming, no link, no lock on a file, and nothing is said of who wrote.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import duckdb

# No name begins with a dot: those are a store's own, for what is not in its place yet.
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_=.-]*(/[A-Za-z0-9_-][A-Za-z0-9_=.-]*)*")


class Stored(NamedTuple):
    """A file as a store lists it. `size` is in bytes; another `version` is another content, or the same written again."""

    key: str
    size: int
    version: str


class Store(Protocol):
    """Files by key, for any number of processes at once.

    A file is there whole or not at all, for whoever lists or reads it, also when its writer is killed. What one process
    has put, every process sees from then on.
    """

    def __str__(self) -> str:
        """The store as a person knows it: a folder, an address."""
        ...

    def listing(self, pattern: str, enters: Callable[[str], bool] | None = None) -> list[Stored]:
        """The files whose keys match a pattern, in the order of their keys as text.

        A pattern is a key in which a name may end with `*`, which stands for any rest of that name:
        `funnel/feature=*/day=2026-11-02/data.parquet`. One without any lists that file, or none. Of a folder that
        `enters` is false for, nothing is listed; it is asked of every folder that a `*` may have led to before those
        inside, and may be asked of others.
        """
        ...

    def names(self, prefix: str) -> list[str]:
        """What follows a prefix in the keys up to their next `/` or their end: each once, in order.

        `names("funnel/feature=")` are the features. What has lost its files to `remove` may be named all the same, what has
        lost them to `remove_below` is not.
        """
        ...

    def read(self, key: str) -> bytes:
        """What a file holds. Raises FileNotFoundError."""
        ...

    def written_at(self, key: str) -> datetime:
        """When a file was put, to the second at least. Raises FileNotFoundError."""
        ...

    def location(self, key: str) -> str:
        """What DuckDB reads a file by, a path or an address; of a pattern, a glob of the files there are when it reads.

        It ends with the key, and is the same in every process.
        """
        ...

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a connection read what `location` says."""
        ...

    def writing(self, key: str) -> AbstractContextManager[Path]:
        """A local path at which to write what is then `put` under that key; what is left there goes with the block.

        Leaving the block without `put` writes nothing. Raises ValueError for what is no key.
        """
        ...

    def put(self, key: str, file: Path) -> None:
        """Have the file from `writing` under its key, in the place of what is there. Once it returns, it is there.

        Who reads the old file while it is replaced may be told that it is gone, or changed, but never gets half of each
        unnoticed from one opening of it. Readers that open a file twice hold a lease that whoever replaces holds too.
        """
        ...

    def put_first(self, key: str, file: Path) -> bool:
        """Have the file from `writing` under its key unless there is one; whether this one is there now.

        Of any number of writers of one key at once, exactly one is told so, and its file stays.
        """
        ...

    def remove(self, key: str) -> None:
        """Have no file under that key; it may be gone already."""
        ...

    def remove_below(self, folder: str) -> None:
        """Have no file in a folder, which ends with `/`."""
        ...

    def lease(self, name: str) -> AbstractContextManager:
        """What one process at a time holds, by name, and others wait for; who holds it may take it again.

        It ends with its holder: when a process is killed, others get it within LEASE_SECONDS.
        """
        ...


LEASE_SECONDS = 30


def check_key(key: str) -> None:
    """Raise ValueError for what is no key."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a file of the lake")


def check_folder(folder: str) -> None:
    """Raise ValueError for what is no folder: a key and `/`."""
    if not folder.endswith("/"):
        raise ValueError(f"{folder!r} is no folder of the lake: it must end with /")
    check_key(folder[:-1])
