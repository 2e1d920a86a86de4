"""The small rollout with a model that judges it: the test server for the Messages API, over HTTP."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date

import dagster as dg

from pipelines import lake
from pipelines.definitions import definitions_of
from pipelines.feature import Feature, load_feature
from pipelines.orchestration.command_line_runs import QUIET, open_instance
from pipelines.orchestration.jobs import JobKind, job_name
from tests.messages_server import MessagesServer, content_digest
from tests.messages_server.answers import answer_text, message
from tests.nights.rollout import START, make_rollout

COLD_ITEMS, SAMPLED = 60, 24  # of the rollout; a day's sample


def judged_rollout(url: str | None, days: int = 1, *, more: str = "", sample: str = "", **judge) -> Feature:
    """A rollout whose judge is the model at a URL.

    `judge` changes its section of the feature file, `sample` is put in place of the rollout's, `more` is added.
    """
    feature = make_rollout(days=days)
    section = {
        "kind": "anthropic",
        "model": "claude-haiku-5-5",
        "mode": "live",
        "redact": False,
        "anchors": 0,
        "criteria": {"addressed_question": 1, "tone": 0.5},
    }
    path = feature.directory / "drafts.yaml"
    text = path.read_text()
    if sample:
        text = text.replace("sample: {n: 24, floor: 4}", f"sample: {sample}")
    base_url = {"base_url": url} if url else {}
    path.write_text(f"{text}judge: {json.dumps(section | base_url | judge)}\n{more}")
    return load_feature(path)


def change(feature: Feature, old: str, new: str) -> Feature:
    """The feature after an edit of its file."""
    path = feature.directory / "drafts.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    return load_feature(path)


def rows(query: str, *tables: str) -> list[tuple]:
    """What a query says about tables of the lake."""
    with lake.connect() as connection:
        lake.read(connection, *tables, feature="drafts")
        return connection.execute(query).fetchall()


def statuses(table: str = "judgments") -> Counter[str]:
    return Counter(dict(rows(f"SELECT status, count(*) FROM {table} GROUP BY status", table)))


def asked(server: MessagesServer) -> Counter[str]:
    """How often each question was put to the server, live or in batches."""
    counts = server.counts()
    return counts.asked + counts.batched


def sensed(feature: Feature):
    """What the collecting sensor says now."""
    repository = definitions_of([feature]).get_repository_def()
    with open_instance() as instance:
        context = dg.build_sensor_context(instance=instance, repository_def=repository)
        return repository.get_sensor_def("collecting").evaluate_tick(context)


def followed(feature: Feature, cursor: str | None = None):
    """What the sensor that follows runs says now."""
    repository = definitions_of([feature]).get_repository_def()
    with open_instance() as instance:
        context = dg.build_sensor_context(instance=instance, repository_def=repository, cursor=cursor)
        return repository.get_sensor_def("after_days").evaluate_tick(context)


def execute(feature: Feature, kind: JobKind, day: date | None = None) -> None:
    """Run one of the feature's jobs, as the daemon does but in this process."""
    job = definitions_of([feature]).resolve_job_def(job_name(feature, kind))
    with open_instance() as instance:
        assert job.execute_in_process(QUIET, instance, partition_key=str(day) if day else None).success


def launch(feature: Feature, requests) -> None:
    """Run what a sensor asks for: days first, and the history at last, which makes the cold eval too, as the sensor `after_days` asks for it."""
    definitions = definitions_of([feature])
    days = [request.partition_key for request in requests if request.partition_key]
    kinds = (JobKind.COLLECT, JobKind.COLD_EVAL)
    assert {request.job_name for request in requests} <= {job_name(feature, kind) for kind in kinds}
    jobs = [(JobKind.COLLECT, day) for day in days] + [(JobKind.HISTORY, None)]
    with open_instance() as instance:
        for kind, day in jobs:
            job = definitions.resolve_job_def(job_name(feature, kind))
            assert job.execute_in_process(QUIET, instance, partition_key=day).success


def make_day(feature: Feature, *stages, day=START) -> None:
    """Make tables of a day without Dagster, each by the function that its asset is made by."""
    with lake.connect() as connection:
        for stage in stages:
            stage(connection, feature, day)


def make(feature: Feature, *stages) -> None:
    """Make tables of the cold eval and of the history, in the order given."""
    with lake.connect() as connection:
        for stage in stages:
            stage(connection, feature)


def saying(level) -> Callable[[dict], dict]:
    """What the server answers: the level that `level(params, times)` gives a question asked for the n-th time."""
    times: Counter[str] = Counter()

    def answer(params: dict) -> dict:
        content = content_digest(params)
        times[content] += 1
        text = answer_text(params, score=level(params, times[content]))
        return message(params, content=[{"type": "text", "text": text}])

    return answer
