"""The data directory: its private folders, files that appear in it whole, and locks between processes.

Everything made is below it: the lake, the ledger, the published file, pages and gate files. What is no table of the lake
is kept by these means alone; the lake's files are its store's business (lake/store.py).
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock as Lock
from filelock import Timeout as LockHeld

from pipelines.checkout import CHECKOUT

__all__ = ["DATA_VARIABLE", "Lock", "LockHeld", "appearing_whole", "data_directory", "lock", "private_directory"]

DATA_VARIABLE = "PROD_EVALS_DATA"


def data_directory() -> Path:
    """Where everything made is kept: PROD_EVALS_DATA, else data/ in the checkout."""
    return Path(os.environ.get(DATA_VARIABLE) or CHECKOUT / "data").absolute()


def private_directory(name: str) -> Path:
    """A folder of the data directory that only its owner may read (mode 0700): raw text lives there."""
    path = data_directory() / name
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def lock(name: str) -> Lock:
    """A lock between processes, by name; it ends with the process that holds it, however that ends.

    Who holds it may take it again. `acquire(blocking=False)` raises LockHeld where another process has it.
    """
    return Lock(private_directory("locks") / f"{name}.lock", is_singleton=True)


@contextmanager
def appearing_whole(target: Path) -> Iterator[Path]:
    """A path beside the target to write to, renamed into its place at the end; removed if anything goes wrong."""
    with temporary_beside(target) as temporary:
        yield temporary
        os.replace(temporary, target)


@contextmanager
def temporary_beside(target: Path) -> Iterator[Path]:
    """A path in the target's folder, which is made, to write to; what is left of it at the end is removed.

    What a killed process left beside the target is removed first, once that process is gone.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in target.parent.glob(f".{target.name}.*.tmp*"):
        if not _is_alive(int(left.name.removeprefix(f".{target.name}.").split("-")[0])):
            left.unlink(missing_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.tmp")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
