"""What one more night costs at the end of a long history: the history and what is published, by part.

    python benchmarks/history.py
    python benchmarks/history.py --nights 35 365 --rounds 1 --features 0
    python benchmarks/history.py --nights 35 --features 4 --evening-nights 35

Of a made history (made_history.py), the last nights are added one by one, and after each the feature's job `history`
runs, which publishes, too, in a process of its own (one_evening.py). Printed are CPU seconds (user and system, those
of children too) by part, of the night that took the least, and the peak memory. Starting the interpreter and importing
are printed apart and are in no other number. What is asked for: at 1,095 nights at most 1.5 times the CPU seconds of 35
nights, and less than 500 MB.

Then an evening: many features with one night more each, run in several processes at once. Printed are its seconds
beside one feature's alone, and how long the processes waited for each other's locks (those of files; waiting for SQLite
is in the seconds by the clock alone).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A process begins with its parent's peak of memory: so this one imports nothing that takes any.
EVENING = Path(__file__).with_name("one_evening.py")
RATIO, PEAK_MB = 1.5, 500
ALONE = "made"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--nights", type=int, nargs="+", default=[35, 365, 1095], help="lengths of history (default: %(default)s)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="nights that are added, one by one (default: %(default)s)"
    )
    parser.add_argument("--features", type=int, default=20, help="of an evening; 0 for none (default: %(default)s)")
    parser.add_argument("--evening-nights", type=int, default=365, help="of each of them (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=4, help="that run them at once (default: %(default)s)")
    arguments = parser.parse_args()
    print_lengths({nights: measure_length(nights, arguments.rounds) for nights in sorted(arguments.nights)})
    if arguments.features:
        print()
        measure_evening(arguments.features, arguments.evening_nights, arguments.processes)


@dataclass
class Measured:
    """One run in a process of its own. `parts` are CPU seconds and seconds by the clock, in the order they began."""

    parts: dict[str, tuple[float, float]]
    peak_mb: float
    start_seconds: float
    start_mb: float
    waited: dict[str, float]

    @property
    def cpu_seconds(self) -> float:
        return sum(cpu for cpu, _ in self.parts.values())

    @property
    def seconds(self) -> float:
        return sum(clocked for _, clocked in self.parts.values())


PUBLISHING = ("gate_log", "published")  # the parts of a run that publish; all others make the history


def measure_length(nights: int, rounds: int) -> Measured:
    """The cheapest of the last `rounds` nights of a history, each added to those before it."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name))
        before = nights - rounds
        place.do("make", before, names=[ALONE], first=0)
        made = time.perf_counter() - begun
        place.do("prepare", before, names=[ALONE])
        place.do("publish_rest", before, names=[ALONE])
        print(
            f"{nights:,} nights: made in {made:.0f} s, their history in {time.perf_counter() - begun - made:.0f} s",
            flush=True,
        )
        measured = []
        for night in range(before, nights):
            place.do("make", night + 1, names=[ALONE], first=night)
            measured.append(place.do("history", night + 1, names=[ALONE]))
        return min(measured, key=lambda night: night.cpu_seconds)


def print_lengths(found: dict[int, Measured]) -> None:
    print()
    print_row("CPU seconds", (f"{nights:,} nights" for nights in found))
    parts = dict.fromkeys(part for run in found.values() for part in run.parts)
    for title, of_title in (
        ("history", [part for part in parts if part not in PUBLISHING]),
        ("publishing", [part for part in parts if part in PUBLISHING]),
    ):
        for part in of_title:
            print_row(f"  {part}", (f"{run.parts.get(part, (0, 0))[0]:.2f}" for run in found.values()))
        sums = (sum(run.parts.get(part, (0, 0))[0] for part in of_title) for run in found.values())
        print_row(title, (f"{seconds:.2f}" for seconds in sums))
    print_row("both", (f"{night.cpu_seconds:.2f}" for night in found.values()))
    print()
    print_row("seconds by the clock", (f"{night.seconds:.2f}" for night in found.values()))
    print_row("CPU seconds to start", (f"{night.start_seconds:.2f}" for night in found.values()))
    peaks = [night.peak_mb for night in found.values()]
    print_row("peak memory, MB", (f"{peak:.0f}" for peak in peaks))
    print_row("  by imports alone", (f"{night.start_mb:.0f}" for night in found.values()))
    print()
    shortest, longest = min(found), max(found)
    ratio = found[longest].cpu_seconds / found[shortest].cpu_seconds
    print(f"{longest:,} nights to {shortest:,}: {ratio:.2f} times the CPU seconds (asked for: {RATIO} at most)")
    print(f"peak memory: {max(peaks):.0f} MB (asked for: less than {PEAK_MB})")


def print_row(title: str, cells: Iterable[str]) -> None:
    print(f"{title:<28}" + "".join(f"{cell:>14}" for cell in cells))


def measure_evening(features: int, nights: int, processes: int) -> None:
    """Add a night to every feature and run them all, `processes` at once, beside one feature alone."""
    names = [f"{ALONE}_{number:02}" for number in range(1, features + 1)]
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name))
        place.do("make", nights - 1, names=names, first=0)
        cores = min(os.cpu_count() or 1, processes)
        with ThreadPoolExecutor(cores) as pool:
            list(pool.map(lambda some: place.do("prepare", nights - 1, names=some), shares(names, cores)))
        place.do("publish_rest", nights - 1, names=names)
        place.do("make", nights, names=names, first=nights - 1)
        print(f"{features} features of {nights:,} nights: made in {time.perf_counter() - begun:.0f} s", flush=True)
        running = [place.start("history", nights, names=some) for some in shares(names, processes)]
        begun = time.perf_counter()
        for process in running:
            begin(process)
        runs = [result(process) for process in running]
        history_seconds = time.perf_counter() - begun
        rest = place.do("publish_rest", nights, names=names)
    alone = measure_length(nights, 1)
    wall = history_seconds + rest.seconds
    cpu = sum(run.cpu_seconds for run in runs) + rest.cpu_seconds
    print()
    print_row("", ("together", f"alone x {features}", "ratio"))
    for title, together, by_itself in (
        ("seconds by the clock", wall, features * alone.seconds),
        ("CPU seconds", cpu, features * alone.cpu_seconds),
    ):
        print_row(title, (f"{together:.1f}", f"{by_itself:.1f}", f"{together / by_itself:.2f}"))
    print(f"published at the end, for all of them: {rest.seconds:.1f} s, {rest.cpu_seconds:.1f} s of CPU")
    print(f"peak memory of a process: {max(run.peak_mb for run in [*runs, rest]):.0f} MB")
    longest = max(sum(run.waited.values()) for run in runs)
    locks = {lock for run in runs for lock in run.waited}
    waited = {lock: sum(run.waited.get(lock, 0.0) for run in runs) for lock in locks}
    print(
        f"waited for locks: {sum(waited.values()):.1f} s in all, {longest:.1f} s at most in one process of {len(runs)}"
    )
    for lock, seconds in sorted(waited.items(), key=lambda item: -item[1])[:5]:
        print(f"  {lock:<26} {seconds:.2f} s")


def shares(names: list[str], count: int) -> list[list[str]]:
    return [some for some in (names[number::count] for number in range(count)) if some]


class Place:
    """A data directory and feature files of their own, and work in processes that see no others."""

    def __init__(self, root: Path):
        self.root = root

    def do(self, what: str, nights: int, **given: Any) -> Measured:
        """Do some work of one_evening.py in a process of its own, at noon after so many nights."""
        process = self.start(what, nights, **given)
        begin(process)
        return result(process)

    def start(self, what: str, nights: int, **given: Any) -> subprocess.Popen[str]:
        """A process that is ready for the work, and waits until it may begin."""
        command = [sys.executable, str(EVENING), what, json.dumps(given | {"nights": nights})]
        directories = {name: str(self.root / name) for name in ("data", "features")}
        environment = os.environ | {f"PROD_EVALS_{name.upper()}": path for name, path in directories.items()}
        for variable in ("PROD_EVALS_LEDGER", "DAGSTER_HOME"):
            environment.pop(variable, None)
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        answer(process)
        return process


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")


def result(process: subprocess.Popen[str]) -> Measured:
    measured = Measured(**answer(process))
    process.communicate()
    return measured


def answer(process: subprocess.Popen[str]) -> Any:
    """The next line of a process; the benchmark ends when there is none, as the process has failed."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"this failed: {process.args!r}")
    return json.loads(line)


if __name__ == "__main__":
    main()
