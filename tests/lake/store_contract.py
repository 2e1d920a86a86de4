"""What every store is held to: pipelines/lake/store.py, promise by promise.

Each check takes a `Kept`, a new and empty store of some kind, and fails by an assertion. To hold a new kind of store to
them, name it in `tests/lake/stores.py`.
"""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.checkout import CHECKOUT
from pipelines.lake.store import LEASE_SECONDS, Store

KEY = "funnel/feature=f/day=2026-11-02/data.parquet"
LARGE = 2**20  # bytes: enough for a kill or a reader to come in between
START_SECONDS = 60  # of a process, on a busy machine
WRITERS, RACES = 4, 12

BEGIN = """
import sys, time
from pathlib import Path
from tests.lake.stores import open_store
store = open_store(sys.argv[1], Path(sys.argv[2]))
def tell(text):
    print(text, flush=True)
def put(key, content, how="put"):
    with store.writing(key) as path:
        path.write_bytes(content)
        return getattr(store, how)(key, path)
"""


@dataclass(frozen=True)
class Kept:
    """A store: of which kind, where it is kept, and itself as this process has it open."""

    kind: str
    place: Path
    store: Store

    def put(self, key: str, content: bytes) -> None:
        with self.store.writing(key) as path:
            path.write_bytes(content)
            self.store.put(key, path)

    def put_first(self, key: str, content: bytes) -> bool:
        with self.store.writing(key) as path:
            path.write_bytes(content)
            return self.store.put_first(key, path)

    def keys(self, pattern: str) -> list[str]:
        return [stored.key for stored in self.store.listing(pattern)]

    def version(self, key: str = KEY) -> str:
        (stored,) = self.store.listing(key)
        return stored.version

    @contextmanager
    def process(self, program: str) -> Iterator[subprocess.Popen]:
        """Another process with the same store as `store`, and with `put` and `tell`; it is killed at the end."""
        command = [sys.executable, "-c", BEGIN + program, self.kind, str(self.place)]
        with subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def heard(process: subprocess.Popen) -> str:
    """The next line that a process tells."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def begin_together(processes: list[subprocess.Popen]) -> None:
    """Let processes go on that each tell that they are ready and wait for a line."""
    assert [heard(process) for process in processes] == ["ready"] * len(processes)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def what_is_put_is_listed_and_read(kept: Kept) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    kept.put(KEY, b"seven b")
    (stored,) = kept.store.listing(KEY)
    assert (stored.key, stored.size) == (KEY, 7)
    assert kept.store.read(KEY) == b"seven b"
    assert before <= kept.store.written_at(KEY) <= datetime.now(UTC) + timedelta(seconds=2)


def what_another_process_puts_is_there(kept: Kept) -> None:
    with kept.process(f"put({KEY!r}, b'from there'); tell('done')") as process:
        assert heard(process) == "done"
        assert kept.keys("funnel/feature=*/day=*/data.parquet") == [KEY]
        assert kept.store.read(KEY) == b"from there"


def what_is_not_there_is_told(kept: Kept) -> None:
    assert kept.store.listing(KEY) == kept.store.listing("funnel/feature=*/day=*/data.parquet") == []
    assert kept.store.names("") == kept.store.names("funnel/feature=") == []
    kept.store.remove(KEY)
    kept.store.remove_below("funnel/")
    for asked in (kept.store.read, kept.store.written_at):
        try:
            asked(KEY)
        except FileNotFoundError:
            continue
        raise AssertionError(f"{asked.__name__} tells nothing of a file that is not there")


def what_is_no_key_is_refused(kept: Kept) -> None:
    for key in ("", "/x", "x/", "../x", "a/../b", "a//b", "a/.b", "a b", "a*", "a'b", "a\\b", "a\nb", "ä"):
        try:
            with kept.store.writing(key) as path:
                path.write_bytes(b"")
        except ValueError:
            continue
        raise AssertionError(f"{key!r} is taken for a key")
    for folder in ("funnel", "/", "", "funnel/../"):
        try:
            kept.store.remove_below(folder)
        except ValueError:
            continue
        raise AssertionError(f"{folder!r} is taken for a folder")


def another_content_is_another_version(kept: Kept) -> None:
    versions = set()
    for number in range(50):  # of one size, and at once
        kept.put(KEY, b"%02d" % number)
        versions.add(kept.version())
    assert len(versions) == 50


def a_file_that_nobody_writes_keeps_its_version(kept: Kept) -> None:
    kept.put(KEY, b"a")
    version = kept.version()
    kept.put(KEY.replace("data", "other"), b"b")
    kept.store.read(KEY)
    assert kept.put_first(KEY, b"c") is False
    assert kept.version() == version


def what_is_not_put_is_not_there(kept: Kept) -> None:
    with kept.store.writing(KEY) as path:
        path.write_bytes(b"thought better of")
        assert kept.store.listing("funnel/feature=f/day=2026-11-02/*") == []
    try:
        with kept.store.writing(KEY) as path:
            path.write_bytes(b"half")
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert not path.exists()
    assert kept.store.listing("funnel/feature=f/day=2026-11-02/*") == []


def a_pattern_lists_what_it_matches_in_order(kept: Kept) -> None:
    names = ("feature=b/day=1/x", "feature=a/day=2/x", "feature=a/day=1/y", "feature=a/day=1/x", "feature=a-b/day=1/x")
    for name in names:
        kept.put(f"funnel/{name}", b"")
    kept.put("funnel/feature=a/x", b"")
    kept.put("sample/feature=a/day=1/x", b"")
    # "-" comes before "/"
    assert kept.keys("funnel/feature=*/day=*/x") == [
        "funnel/feature=a-b/day=1/x",
        "funnel/feature=a/day=1/x",
        "funnel/feature=a/day=2/x",
        "funnel/feature=b/day=1/x",
    ]
    assert kept.keys("funnel/feature=a/day=*/*") == [
        "funnel/feature=a/day=1/x",
        "funnel/feature=a/day=1/y",
        "funnel/feature=a/day=2/x",
    ]
    assert kept.keys("funnel/feature=*/x") == ["funnel/feature=a/x"]
    assert kept.keys("funnel/feature=a/day=1") == []  # a folder is no file
    assert kept.keys("funnel/feature=a/*") == ["funnel/feature=a/x"]


def a_listing_leaves_out_folders_that_are_not_entered(kept: Kept) -> None:
    for day in "123":
        for feature in "ab":
            kept.put(f"funnel/feature={feature}/day={day}/x", b"")
    asked = []

    def enters(folder: str) -> bool:
        asked.append(folder)
        return folder != "funnel/feature=b/" and not folder.endswith("/day=2/")

    listed = kept.store.listing("funnel/feature=*/day=*/x", enters)
    assert [stored.key for stored in listed] == ["funnel/feature=a/day=1/x", "funnel/feature=a/day=3/x"]
    assert {f"funnel/feature=a/day={day}/" for day in "123"} | {"funnel/feature=b/"} <= set(asked)
    assert not any(folder.startswith("funnel/feature=b/day") for folder in asked)


def names_are_told_one_level_at_a_time(kept: Kept) -> None:
    for key in ("funnel/feature=b/day=1/x", "funnel/feature=a/day=1/x", "funnel/feature=a/day=2/x", "mark.json"):
        kept.put(key, b"")
    assert kept.store.names("") == ["funnel", "mark.json"]
    assert kept.store.names("funnel/") == ["feature=a", "feature=b"]
    assert kept.store.names("funnel/feature=") == ["a", "b"]
    assert kept.store.names("funnel/feature=a/day=") == ["1", "2"]
    assert kept.store.names("sample/") == []


def what_is_removed_is_gone_and_the_rest_stays(kept: Kept) -> None:
    keys = [f"funnel/feature={feature}/day={day}/x" for feature in ("a", "ab") for day in "12"]
    for key in keys:
        kept.put(key, b"")
    kept.store.remove(keys[0])
    assert kept.keys("funnel/feature=*/day=*/x") == sorted(keys[1:])
    kept.store.remove_below("funnel/feature=a/")
    assert kept.keys("funnel/feature=*/day=*/x") == keys[2:]
    assert kept.store.names("funnel/feature=") == ["ab"]
    assert kept.put_first(keys[0], b"again") is True


def duckdb_reads_a_location_and_a_glob_sees_later_files(kept: Kept) -> None:
    pattern = "funnel/feature=f/day=*/data.parquet"
    with duckdb.connect() as connection:
        kept.store.prepare(connection)
        query = f"SELECT day, number FROM read_parquet('{kept.store.location(pattern)}', hive_partitioning = true) ORDER BY 1"
        for number in (1, 2):
            key = pattern.replace("*", f"2026-11-0{number}")
            with kept.store.writing(key) as path:
                connection.execute(f"COPY (SELECT {number} AS number) TO '{path}' (FORMAT parquet)")
                kept.store.put(key, path)
            location = kept.store.location(key)
            assert location.endswith(key)
            assert connection.execute(f"SELECT number FROM '{location}'").fetchall() == [(number,)]
            assert len(connection.execute(query).fetchall()) == number
        named = connection.execute("SELECT file_name FROM parquet_file_metadata($file)", {"file": location}).fetchall()
        assert named == [(location,)]


def of_many_writers_at_once_one_is_first(kept: Kept) -> None:
    program = f"""
tell('ready'); sys.stdin.readline()
for race in range({RACES}):
    tell(put(f'races/{{race}}', ME * 200_000, 'put_first'))
"""
    won: dict[int, list[bytes]] = {race: [] for race in range(RACES)}
    writers = [b"%d" % number for number in range(WRITERS)]
    with ExitStack() as stack:
        processes = [stack.enter_context(kept.process(f"ME = {writer!r}\n{program}")) for writer in writers]
        begin_together(processes)
        for race in range(RACES):
            for writer, process in zip(writers, processes, strict=True):
                if heard(process) == "True":
                    won[race].append(writer)
    assert [len(winners) for winners in won.values()] == [1] * RACES
    for race, (winner,) in won.items():
        assert kept.store.read(f"races/{race}") == winner * 200_000


def a_writer_killed_at_any_moment_leaves_whole_files_alone(kept: Kept) -> None:
    kept.put(KEY, b"0" * LARGE)
    half = f"""
with store.writing({KEY!r}) as path:
    path.write_bytes(b'half')
    tell('half')
    time.sleep(600)
"""
    with kept.process(half) as process:
        assert heard(process) == "half"
        process.kill()
        process.wait()
    assert kept.store.names("funnel/feature=f/day=2026-11-02/") == ["data.parquet"]
    moments = random.Random(7)
    program = f"""
tell('begins')
for number in range(10_000):
    put({KEY!r}, str(number % 10).encode() * {LARGE})
    put(f'first/{{number}}', b'1' * {LARGE}, 'put_first')
"""
    for _ in range(4):
        with kept.process(program) as process:
            assert heard(process) == "begins"
            time.sleep(moments.uniform(0, 0.4))
            process.kill()
        for key in [KEY, *kept.keys("first/*")]:
            content = kept.store.read(key)
            assert len(content) == LARGE and len(set(content)) == 1, f"{key} is half"
        assert kept.keys("funnel/feature=f/day=2026-11-02/*") == [KEY]
        assert kept.store.names("funnel/feature=f/day=2026-11-02/") == ["data.parquet"]
        kept.put(KEY, b"0" * LARGE)  # what is left keeps nobody from writing
        kept.store.remove_below("first/")


def a_reader_beside_a_writer_gets_one_file_or_the_other(kept: Kept) -> None:
    kept.put(KEY, b"0" * LARGE)
    program = f"""
tell('begins')
for number in range(10_000):
    put({KEY!r}, str(number % 10).encode() * {LARGE})
"""
    with kept.process(program) as process:
        assert heard(process) == "begins"
        contents: set[bytes] = set()
        end = time.monotonic() + START_SECONDS
        reads = 0
        while (reads < 40 or len(contents) < 3) and time.monotonic() < end:
            content = kept.store.read(KEY)
            assert len(content) == LARGE and len(set(content)) == 1
            assert [stored.size for stored in kept.store.listing(KEY)] == [LARGE]
            contents.add(content[:1])
            reads += 1
    assert len(contents) >= 3  # it was replaced all the while


def a_lease_is_held_by_one_at_a_time(kept: Kept) -> None:
    count = kept.place.parent / "count"
    count.write_text("0")
    program = f"""
count = Path({str(count)!r})
tell('ready'); sys.stdin.readline()
for _ in range(15):
    with store.lease('counting'):
        number = int(count.read_text())
        time.sleep(0.005)
        count.write_text(str(number + 1))
tell('done')
"""
    with ExitStack() as stack:
        processes = [stack.enter_context(kept.process(program)) for _ in range(3)]
        begin_together(processes)
        assert [heard(process) for process in processes] == ["done"] * 3
    assert count.read_text() == "45"  # three times fifteen


def who_holds_a_lease_may_take_it_again_and_another_thread_waits(kept: Kept) -> None:
    taken = threading.Event()

    def take() -> None:
        with kept.store.lease("mine"):
            taken.set()

    other = threading.Thread(target=take, daemon=True)
    with kept.store.lease("mine"):
        with kept.store.lease("mine"):
            pass
        with kept.store.lease("another"):
            pass
        other.start()
        assert not taken.wait(0.5)
    assert taken.wait(LEASE_SECONDS)
    other.join()


def a_lease_ends_with_its_holder(kept: Kept) -> None:
    holds = """
with store.lease('held'):
    tell('held')
    time.sleep(600)
"""
    waits = """
tell('waits')
with store.lease('held'):
    tell('got it')
"""
    with kept.process(holds) as holder:
        assert heard(holder) == "held"
        with kept.process(waits) as waiter:
            assert heard(waiter) == "waits"
            told: list[str] = []
            listener = threading.Thread(target=lambda: told.append(heard(waiter)), daemon=True)
            listener.start()
            listener.join(4)  # a lease is kept for as long as its holder lives
            assert told == []
            holder.kill()
            listener.join(LEASE_SECONDS)
            assert told == ["got it"]


CHECKS: list[Callable[[Kept], None]] = [
    what_is_put_is_listed_and_read,
    what_another_process_puts_is_there,
    what_is_not_there_is_told,
    what_is_no_key_is_refused,
    another_content_is_another_version,
    a_file_that_nobody_writes_keeps_its_version,
    what_is_not_put_is_not_there,
    a_pattern_lists_what_it_matches_in_order,
    a_listing_leaves_out_folders_that_are_not_entered,
    names_are_told_one_level_at_a_time,
    what_is_removed_is_gone_and_the_rest_stays,
    duckdb_reads_a_location_and_a_glob_sees_later_files,
    of_many_writers_at_once_one_is_first,
    a_writer_killed_at_any_moment_leaves_whole_files_alone,
    a_reader_beside_a_writer_gets_one_file_or_the_other,
    a_lease_is_held_by_one_at_a_time,
    who_holds_a_lease_may_take_it_again_and_another_thread_waits,
    a_lease_ends_with_its_holder,
]
