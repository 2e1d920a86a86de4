"""What history.py measures, in the process that it is measured in: `python benchmarks/one_evening.py WHAT JSON`.

The process imports all that it needs, says on its standard output that it is ready, waits for a line on its standard
input, works, and says what that took. Everything is a line of JSON.
"""

import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import filelock

from pipelines.checkout import CHECKOUT

sys.path.insert(0, str(CHECKOUT))

from benchmarks.made_history import copy_feature, make_feature, make_nights, noon_after
from pipelines import clock
from pipelines.definitions import definitions_of
from pipelines.feature import Feature, find_feature
from pipelines.orchestration.command_line_runs import QUIET, open_instance, run_history
from pipelines.orchestration.jobs import JobKind, job_name
from pipelines.publishing import publisher
from pipelines.publishing.page import data, rendering  # noqa: F401 (what a page needs, imported beforehand)

BEGINNING = "before the first asset"


def main() -> None:
    what, given = sys.argv[1], json.loads(sys.argv[2])
    answers, sys.stdout = sys.stdout, sys.stderr
    os.environ[clock.NOW_VARIABLE] = noon_after(given["nights"])
    start_seconds, start_mb = _cpu_seconds(), _peak_mb()
    print(json.dumps("ready"), file=answers, flush=True)
    sys.stdin.readline()
    with _waiting_counted() as waited:
        parts = WORK[what](**given)
    started = {"start_seconds": start_seconds, "start_mb": start_mb}
    found = {"parts": parts, "peak_mb": _peak_mb(), "waited": waited, **started}
    print(json.dumps(found), file=answers, flush=True)


class Meter:
    """CPU seconds and seconds by the clock, by part, in the order in which the parts began."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[float, float]] = {}
        self._part = ""
        self._since = self._now()

    def begin(self, part: str) -> None:
        self.end()
        self._part = part

    def end(self) -> None:
        """What has passed since a part began is that part's."""
        now = self._now()
        if self._part:
            before = self.parts.get(self._part, (0.0, 0.0))
            cpu, clocked = (so_far + end - begin for so_far, begin, end in zip(before, self._since, now, strict=True))
            self.parts[self._part] = (cpu, clocked)
        self._part, self._since = "", now

    @staticmethod
    def _now() -> tuple[float, float]:
        return _cpu_seconds(), time.perf_counter()


def make(names: list[str], nights: int, first: int) -> dict:
    """Add nights to features, from `first` on; those that begin with it are copies of the first feature."""
    feature = make_feature(names[0])
    make_nights(feature, first, nights - first)
    for name in names[1:]:
        if first == 0:
            copy_feature(feature, name)
        else:
            make_nights(find_feature(name), first, nights - first)
    return {}


def prepare(names: list[str], nights: int) -> dict:
    """Make the history without publishing anything: of many features, that is done once."""
    with open_instance() as instance:
        for name in names:
            feature = find_feature(name)
            keys = [key for key in _keys(feature) if not key.path[-1].startswith("publish")]
            _history_job(feature).execute_in_process(run_config=QUIET, instance=instance, asset_selection=keys)
    return {}


def history(names: list[str], nights: int) -> dict:
    """Make the history as `prod-evals run` does, each asset a part; whatever the run publishes is one too."""
    meter = Meter()

    def progress(words: str) -> None:
        if words.isidentifier():  # a stage; the judge's own words are sentences
            meter.begin(words)

    for name in names:
        meter.begin(BEGINNING)
        outcome = run_history(find_feature(name), progress)
        meter.end()
        if not outcome.succeeded:
            raise SystemExit(f"{name}: {outcome.failures}")
    return meter.parts


def publish_rest(names: list[str], nights: int) -> dict:
    """Publish what no run of the last night has published itself."""
    meter = Meter()
    meter.begin("published")
    publisher.ask()
    publisher.settle()
    meter.end()
    return meter.parts


WORK: dict[str, Callable[..., dict]] = {
    "make": make,
    "prepare": prepare,
    "history": history,
    "publish_rest": publish_rest,
}


def _history_job(feature: Feature) -> dg.JobDefinition:
    return definitions_of([feature]).resolve_job_def(job_name(feature, JobKind.HISTORY))


def _keys(feature: Feature) -> list[dg.AssetKey]:
    return sorted(_history_job(feature).asset_layer.executable_asset_keys)


def _cpu_seconds() -> float:
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _peak_mb() -> float:
    peaks = (resource.getrusage(whose).ru_maxrss for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(peaks) / 1000


@contextmanager
def _waiting_counted() -> Iterator[dict[str, float]]:
    """Count how long locks between processes are waited for, by their name."""
    waited: defaultdict[str, float] = defaultdict(float)
    acquire = filelock.BaseFileLock.acquire

    def timed(lock: filelock.BaseFileLock, *args: Any, **options: Any) -> Any:
        begun = time.perf_counter()
        try:
            return acquire(lock, *args, **options)
        finally:
            waited[Path(lock.lock_file).stem] += time.perf_counter() - begun

    with patch.object(filelock.BaseFileLock, "acquire", timed):
        yield waited


if __name__ == "__main__":
    main()
