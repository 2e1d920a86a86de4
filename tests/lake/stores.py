"""The stores that are held to the contract, and stores that break it, each in one way."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from pipelines.lake.local_disk import LocalDisk
from pipelines.lake.store import Store, Stored
from tests.lake import store_contract as contract
from tests.lake.sqlite_store import SqliteStore

KEPT: dict[str, Callable[[Path], Store]] = {"local disk": LocalDisk, "SQLite": SqliteStore}


class WritesInPlace(LocalDisk):
    def put(self, key: str, file: Path) -> None:
        with open(file, "rb") as source, open(self.location(key), "wb") as target:
            while part := source.read(2**16):
                target.write(part)
                target.flush()
                time.sleep(0.002)  # as a slow disk


class LooksAndThenWrites(LocalDisk):
    def put_first(self, key: str, file: Path) -> bool:
        if self.listing(key):
            return False
        time.sleep(0.05)  # as a slow disk
        self.put(key, file)
        return True


class SecondWins(LocalDisk):
    def put_first(self, key: str, file: Path) -> bool:
        first = not self.listing(key)
        self.put(key, file)
        return first


class VersionsAreSizes(LocalDisk):
    def _stored(self, key: str) -> Stored | None:
        stored = super()._stored(key)
        return stored and stored._replace(version=str(stored.size))


class VersionsAreOfTheKernelsClock(LocalDisk):
    def _stamp(self, key: str, file: Path) -> None:
        tick = time.time_ns() // 4_000_000 * 4_000_000  # as a kernel that counts 250 in a second
        os.utime(file, ns=(tick, tick))


class VersionsAreNew(LocalDisk):
    def _stored(self, key: str) -> Stored | None:
        stored = super()._stored(key)
        return stored and stored._replace(version=str(time.time_ns()))


class ListsAsItComes(LocalDisk):
    def listing(self, pattern: str, enters: Callable[[str], bool] | None = None) -> list[Stored]:
        return super().listing(pattern, enters)[::-1]


class EntersEverything(LocalDisk):
    def listing(self, pattern: str, enters: Callable[[str], bool] | None = None) -> list[Stored]:
        return super().listing(pattern)


class ShowsWhatIsBeingWritten(LocalDisk):
    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        with super().writing(key) as path:
            shown = path.with_name(path.name.lstrip("."))
            try:
                yield shown
            finally:
                shown.unlink(missing_ok=True)


class TakesAnyKey(LocalDisk):
    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        with super().writing("any") as path:
            yield path


class RemovesByPrefix(LocalDisk):
    def remove_below(self, folder: str) -> None:
        for path in Path(self.location(folder)).parent.glob(f"{Path(folder).name}*"):
            shutil.rmtree(path)


class EverybodyHasTheLease(LocalDisk):
    def lease(self, name: str) -> AbstractContextManager:
        return nullcontext()


class LeaseIsAFile(LocalDisk):
    @contextmanager
    def lease(self, name: str) -> Iterator[None]:
        place = Path(f"{self}.{name}.lease")
        while True:
            try:
                place.touch(exist_ok=False)
                break
            except FileExistsError:
                time.sleep(0.02)
        try:
            yield
        finally:
            place.unlink()


class LeaseRunsOut(SqliteStore):
    def take(self, name: str, holder: str) -> bool:
        with self._database() as database:  # it is not renewed
            if database.execute("SELECT 1 FROM leases WHERE name = ? AND holder = ?", (name, holder)).fetchone():
                return True
        return super().take(name, holder)


class KeepsFilesToItself(SqliteStore):
    def __init__(self, place: Path):
        super().__init__(place / str(os.getpid()))


# Each with the checks that must notice it; there may be others that do.
BROKEN: dict[type, tuple[Callable[[contract.Kept], None], ...]] = {
    WritesInPlace: (
        contract.a_writer_killed_at_any_moment_leaves_whole_files_alone,
        contract.a_reader_beside_a_writer_gets_one_file_or_the_other,
    ),
    LooksAndThenWrites: (contract.of_many_writers_at_once_one_is_first,),
    SecondWins: (contract.a_file_that_nobody_writes_keeps_its_version,),
    VersionsAreSizes: (contract.another_content_is_another_version,),
    VersionsAreOfTheKernelsClock: (contract.another_content_is_another_version,),
    VersionsAreNew: (contract.a_file_that_nobody_writes_keeps_its_version,),
    ListsAsItComes: (contract.a_pattern_lists_what_it_matches_in_order,),
    EntersEverything: (contract.a_listing_leaves_out_folders_that_are_not_entered,),
    ShowsWhatIsBeingWritten: (
        contract.what_is_not_put_is_not_there,
        contract.a_writer_killed_at_any_moment_leaves_whole_files_alone,
    ),
    TakesAnyKey: (contract.what_is_no_key_is_refused,),
    RemovesByPrefix: (contract.what_is_removed_is_gone_and_the_rest_stays,),
    EverybodyHasTheLease: (
        contract.a_lease_is_held_by_one_at_a_time,
        contract.who_holds_a_lease_may_take_it_again_and_another_thread_waits,
    ),
    LeaseIsAFile: (contract.a_lease_ends_with_its_holder,),
    LeaseRunsOut: (contract.a_lease_ends_with_its_holder,),
    KeepsFilesToItself: (contract.what_another_process_puts_is_there,),
}

KINDS = KEPT | {broken.__name__: broken for broken in BROKEN}


def open_store(kind: str, place: Path) -> Store:
    """A store of a kind, kept at a place: every process that opens it there has the same one."""
    return KINDS[kind](place)
