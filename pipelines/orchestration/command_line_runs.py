"""Run nights from the command line, by Dagster's own execution and in its own instance, so that the UI shows them."""

import atexit
import logging
import multiprocessing
import multiprocessing.connection
import os
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import (
    InstanceRef,  # the one way to open an instance with other settings than its file's
)

from pipelines.assets.building import PUBLISHED, waiting_until
from pipelines.catalogue.tables import Layer, of_layer
from pipelines.checkout import CHECKOUT
from pipelines.data_directory import lock, private_directory
from pipelines.definitions import definitions_of
from pipelines.errors import UserError
from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.judge import ItemKind
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers import provider_of
from pipelines.orchestration.abandoned import watched_run
from pipelines.orchestration.jobs import JobKind, job_name
from pipelines.publishing.publisher import settle

WITHOUT_POOLS = {"concurrency": {"pools": {"granularity": "run"}}}  # of runs in the daemon's queue, and no others
# Dagster's own log of a run is in its instance; on a terminal the progress display takes its place.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Outcome:
    """How one run ended. `failures` are (step, what went wrong) in the order they happened; none when it succeeded."""

    run_id: str
    failures: tuple[tuple[str, str], ...]

    @property
    def succeeded(self) -> bool:
        return not self.failures


Progress = Callable[[str], None]


def dagster_home() -> Path:
    """The folder of the Dagster instance: DAGSTER_HOME, else one in the data directory with the checkout's settings."""
    if os.environ.get("DAGSTER_HOME"):
        return Path(os.environ["DAGSTER_HOME"])
    home = private_directory("dagster")
    settings = home / "dagster.yaml"
    if not settings.exists():
        with lock("dagster"):
            if not settings.exists():
                settings.unlink(missing_ok=True)  # a link whose target is gone
                settings.symlink_to(CHECKOUT / "dagster.yaml")
    return home


@contextmanager
def open_instance() -> Iterator[dg.DagsterInstance]:
    """The Dagster instance; one that this process has open is given again. One process at a time opens it: the first one
    makes its databases.

    Pools are the daemon's: a command takes no place in them. No daemon may be there to free the place of a run that was
    killed, and a command would wait for it for ever. Locks of files, which end with their process, guard what pools do.
    """
    home = dagster_home()
    if home in _open_instances:
        yield _open_instances[home]
        return
    with lock("dagster"):
        instance = dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=WITHOUT_POOLS))
    _open_instances[home] = instance
    try:
        with instance:
            yield instance
    finally:
        del _open_instances[home]


_open_instances: dict[Path, dg.DagsterInstance] = {}  # by their homes


def run_days(
    feature: Feature, days: Sequence[date], begin_day: Callable[[date], None], progress: Progress, jobs: int = 1
) -> dict[date, Outcome]:
    """Run each day by itself, `jobs` at a time. A day that fails is an outcome, and the others run.

    One at a time they run in this process, in order, and `progress` hears of each stage; else in processes of their own,
    and `begin_day` hears of a day when it is done.
    """
    if min(jobs, len(days)) > 1:
        return _run_days_at_once(feature, days, begin_day, min(jobs, len(days)))
    outcomes = {}
    with open_instance() as instance:
        job = definitions_of([feature]).resolve_job_def(job_name(feature, JobKind.DAY))
        for day in days:
            begin_day(day)
            outcomes[day] = _execute(job, instance, progress, partition_key=day.isoformat())
    return outcomes


def _run_days_at_once(
    feature: Feature, days: Sequence[date], begin_day: Callable[[date], None], jobs: int
) -> dict[date, Outcome]:
    outcomes = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_the_parent) as pool:
        running = {pool.submit(_run_one_day, feature, day): day for day in days}
        for done in as_completed(running):
            day = running[done]
            begin_day(day)
            try:
                outcomes[day] = done.result()
            except BrokenProcessPool:
                outcomes[day] = Outcome("", (("night", "the process that ran it was killed; run the day again"),))
    return dict(sorted(outcomes.items()))


def _run_one_day(feature: Feature, day: date) -> Outcome:
    (outcome,) = run_days(feature, [day], lambda day: None, lambda stage: None).values()
    return outcome


def _end_with_the_parent() -> None:
    """A worker whose parent was killed would wait for work for ever. Its watch ends before the worker itself does: with a
    thread left, the interpreter cannot take DuckDB's objects down, and DuckDB says so at length."""
    process = multiprocessing.parent_process()
    assert process is not None  # this runs in workers only
    parent = process.sentinel
    over, end = multiprocessing.Pipe(duplex=False)

    def watch() -> None:
        if parent in multiprocessing.connection.wait([parent, over]):
            os._exit(1)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    atexit.register(watching.join)
    atexit.register(end.close)  # the last registered is the first to run


def waiting_for(feature: Feature) -> list[tuple[ItemKind, date | None]]:
    """Which of the feature's tables have judgments that are pending in a batch."""
    if not provider_of(feature).collects(feature):
        return []
    with Ledger() as ledger:
        return list(BatchBook(ledger).waiting(feature.name))


def collect_days(
    feature: Feature, until: datetime, begin: Callable[[str], None], progress: Progress
) -> dict[date, Outcome]:
    """Wait for the batches that days have pending judgments in, until a moment (real time) at most, and collect them."""
    outcomes = {}
    with open_instance() as instance:
        job = definitions_of([feature]).resolve_job_def(job_name(feature, JobKind.COLLECT))
        for kind, day in waiting_for(feature):
            if kind is ItemKind.PROD and day is not None:
                begin(f"verdicts of {day}")
                tags = waiting_until(until)
                outcomes[day] = _execute(job, instance, progress, partition_key=day.isoformat(), tags=tags)
    return outcomes


def run_night(
    feature: Feature, day: date, begin_history: Callable[[], None], progress: Progress
) -> tuple[Outcome, Outcome]:
    """One day, the cold eval and the history in one run, which costs less than two: the day's outcome, and that of all
    else. Where something fails, the history is made all the same, by a run of its own."""
    of_day, of_history = of_layer(Layer.DAY), of_layer(Layer.HISTORY)
    has_begun = False

    def begin(stage: str) -> None:
        nonlocal has_begun
        if stage in of_history and not has_begun:
            begin_history()
            has_begun = True
        progress(stage)

    with open_instance() as instance:
        definitions = definitions_of([feature])
        job = definitions.resolve_job_def(job_name(feature, JobKind.NIGHT))
        night = _execute(job, instance, begin, partition_key=day.isoformat())
        about_day = tuple(failure for failure in night.failures if failure[0] in of_day)
        about_history = [failure for failure in night.failures if failure[0] not in of_day]
        if not night.succeeded:
            decide = definitions.resolve_job_def(job_name(feature, JobKind.DECIDE))
            decided = _execute(decide, instance, begin)
            about_history += [failure for failure in decided.failures if failure not in about_history]
    progress(PUBLISHED.path[-1])
    return replace(night, failures=about_day), _published(replace(night, failures=tuple(about_history)))


def run_history(feature: Feature, progress: Progress, until: datetime | None = None) -> Outcome:
    """Judge the cold eval and make the history; when the former fails, make the history all the same.

    With `until`, verdicts about the cold eval are waited for until that moment (real time).
    """
    tags = waiting_until(until) if until else {}
    with open_instance() as instance:
        definitions = definitions_of([feature])
        job = definitions.resolve_job_def(job_name(feature, JobKind.HISTORY))
        outcome = _execute(job, instance, progress, tags=tags)
        if not outcome.succeeded:
            _execute(definitions.resolve_job_def(job_name(feature, JobKind.DECIDE)), instance, progress)
    progress(PUBLISHED.path[-1])
    return _published(outcome)


def _published(outcome: Outcome) -> Outcome:
    """Wait until what was asked to be published is: another run may be at it. An outcome with what went wrong."""
    stage = PUBLISHED.path[-1]
    if any(step == stage for step, _ in outcome.failures):
        return outcome  # it would go wrong again
    try:
        settle()
    except UserError as error:
        return replace(outcome, failures=(*outcome.failures, (stage, str(error))))
    return outcome


def _execute(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    progress: Progress,
    partition_key: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Outcome:
    run_id = str(uuid.uuid4())

    def tell(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is not None and event.event_type_value == dg.DagsterEventType.STEP_START.value:
            progress(_stage(event))

    instance.add_event_listener(run_id, tell)
    listener = _JudgeLog(progress)
    judging = logging.getLogger("pipelines.judging")
    judging.setLevel(logging.INFO)
    judging.addHandler(listener)
    try:
        with watched_run() as watched:
            result = job.execute_in_process(
                run_config=QUIET,
                instance=instance,
                partition_key=partition_key,
                raise_on_error=False,
                run_id=run_id,
                tags={**watched, **(tags or {})},
            )
    finally:
        judging.removeHandler(listener)
    failures = [(_stage(event), _what_went_wrong(event)) for event in result.all_events if event.is_step_failure]
    return Outcome(run_id, tuple(failures))


class _JudgeLog(logging.Handler):
    """What the judge logs, as words of the progress display."""

    def __init__(self, progress: Progress):
        super().__init__(logging.INFO)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        self._progress(record.getMessage())


def _stage(event: dg.DagsterEvent) -> str:
    """The table that a step makes first: its feature is known."""
    return (event.step_key or "").rpartition("__")[2]


def _what_went_wrong(event: dg.DagsterEvent) -> str:
    """The message of a failure that we raised; of any other, the error that was at its root."""
    failure = event.step_failure_data
    if failure.user_failure_data is not None and failure.user_failure_data.description:
        return failure.user_failure_data.description
    error = failure.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error is not None else "it failed without saying why"
