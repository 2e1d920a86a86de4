"""A store on a local disk: a file is a file, and its key is its path below one folder.

Nothing else in the program knows that the lake is files in folders. A file is written beside its place and linked or
renamed into it; versions are sizes and times; leases are the data directory's locks.
"""

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.data_directory import lock, temporary_beside
from pipelines.lake.store import Stored, check_folder, check_key


class LocalDisk:
    """The store in a folder (see store.Store). The folder is made, for its owner alone, when something is written."""

    def __init__(self, root: Path):
        self._root = str(root)

    def __str__(self) -> str:
        return self._root

    def listing(self, pattern: str, enters: Callable[[str], bool] | None = None) -> list[Stored]:
        # folder by folder: `glob` takes several times as long where there are years of days
        *folders, name = pattern.split("/")
        level = [""]
        for folder_name in folders:
            level = [f"{folder}{inside}/" for folder in level for inside in self._matching(folder, folder_name)]
            if enters is not None:
                level = [folder for folder in level if enters(folder)]
        keys = sorted(f"{folder}{inside}" for folder in level for inside in self._matching(folder, name))
        return [stored for key in keys if (stored := self._stored(key))]

    def names(self, prefix: str) -> list[str]:
        folder, _, begin = prefix.rpartition("/")
        matching = self._matching(f"{folder}/" if folder else "", f"{begin}*")
        return sorted(name.removeprefix(begin) for name in matching)

    def read(self, key: str) -> bytes:
        return Path(self.location(key)).read_bytes()

    def written_at(self, key: str) -> datetime:
        return datetime.fromtimestamp(os.stat(self.location(key)).st_mtime, UTC)

    def location(self, key: str) -> str:
        return f"{self._root}/{key}"

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """DuckDB reads paths as it is."""

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        check_key(key)
        Path(self._root).mkdir(parents=True, exist_ok=True, mode=0o700)
        with temporary_beside(Path(self.location(key))) as temporary:
            yield temporary

    def put(self, key: str, file: Path) -> None:
        self._stamp(key, file)
        os.replace(file, self.location(key))

    def put_first(self, key: str, file: Path) -> bool:
        self._stamp(key, file)
        target = self.location(key)
        try:
            os.link(file, target)  # a rename would replace a target that has just appeared
        except FileExistsError:
            return False
        except OSError:  # the file system has no links
            with self.lease("put-first"):
                if os.path.exists(target):
                    return False
                os.replace(file, target)
        return True

    def remove(self, key: str) -> None:
        check_key(key)
        Path(self.location(key)).unlink(missing_ok=True)

    def remove_below(self, folder: str) -> None:
        check_folder(folder)
        shutil.rmtree(self.location(folder), ignore_errors=True)

    def lease(self, name: str) -> AbstractContextManager:
        return lock(name)

    def _matching(self, folder: str, name: str) -> list[str]:
        """The names in a folder that a name of a pattern stands for; one without `*` stands for itself, there or not."""
        if not name.endswith("*"):
            return [name]
        begin = name[:-1]
        try:
            names = os.listdir(self.location(folder))
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [inside for inside in names if inside.startswith(begin) and not inside.startswith(".")]

    def _stored(self, key: str) -> Stored | None:
        try:
            state = os.stat(f"{self._root}/{key}")
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(state.st_mode):
            return None
        return Stored(key, state.st_size, f"{state.st_size}-{state.st_mtime_ns}")

    def _stamp(self, key: str, file: Path) -> None:
        """Give a file that is to be put a time that the one in its place does not have: the kernel's own is too coarse
        to tell two files that are written one after the other."""
        now = time.time_ns()
        try:
            now = max(now, os.stat(self.location(key)).st_mtime_ns + 1)
        except FileNotFoundError:
            pass
        os.utime(file, ns=(now, now))
