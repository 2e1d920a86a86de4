"""However many ask at once, what is published is built once or twice, loses none, and survives its builder's end."""

import os
import random
import subprocess
import sys
import threading
import time
from datetime import timedelta

import dagster as dg
import duckdb
import pytest

from pipelines import lake
from pipelines.assets.building import PUBLISHED
from pipelines.data_directory import data_directory
from pipelines.definitions import all_features, definitions_of
from pipelines.orchestration import publish_requests
from pipelines.publishing import database, publisher
from pipelines.publishing.page import page_path
from pipelines.publishing.publisher import ask, serve, settle, waiting
from tests.lake.places import path_of
from tests.publishing import rows
from tests.publishing.test_copied import contents

DAY = rows.START


def published_days() -> int:
    path = data_directory() / database.FILE_NAME
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("SELECT count(DISTINCT day) FROM sample").fetchall()[0][0]


@pytest.fixture
def builds(monkeypatch):
    """The builds there have been, each with the requests that were there when it began; no page is made."""
    begun = []
    build = publisher.build_database

    def noted(from_nothing):
        begun.append(waiting())
        return build(from_nothing)

    monkeypatch.setattr(publisher, "build_database", noted)
    monkeypatch.setattr(publisher, "publish_page", lambda feature: data_directory() / f"{feature.name}.html")
    return begun


def test_a_request_is_served_and_gone_and_without_one_nothing_is_built(builds):
    rows.write_day(rows.make_feature(), DAY)
    assert serve() is None
    ask()
    assert serve().database == data_directory() / database.FILE_NAME
    assert (waiting(), published_days(), len(builds)) == ([], 1, 1)


def test_requests_that_come_while_one_builds_are_all_served_by_its_second_build(builds, monkeypatch):
    feature = rows.make_feature()
    rows.write_day(feature, DAY)
    listing, go_on = threading.Event(), threading.Event()
    finish = database._Build._finish

    def wait_and_finish(self):
        if not listing.is_set():  # the first build has read the lake
            listing.set()
            go_on.wait(60)
        return finish(self)

    monkeypatch.setattr(database._Build, "_finish", wait_and_finish)
    ask()
    first = threading.Thread(target=serve)
    first.start()
    assert listing.wait(60)
    for number in range(1, 8):  # seven nights end while it is at it
        rows.write_day(feature, DAY + timedelta(days=number))
        ask()
        assert serve() is None  # and go on at once
    go_on.set()
    first.join()
    assert [len(requests) for requests in builds] == [1, 7]
    assert (waiting(), published_days()) == ([], 8)


def test_who_waits_returns_when_another_has_published_it(builds, monkeypatch):
    rows.write_day(rows.make_feature(), DAY)
    with publisher.publishing_lock():  # somebody is at it
        ask()
        ended = threading.Event()
        waiter = threading.Thread(target=lambda: (settle(), ended.set()))
        waiter.start()
        assert not ended.wait(0.5)
        for name in waiting():  # that one served it
            (data_directory() / "publishing" / name).unlink()
        assert ended.wait(30)
    assert builds == []


def test_who_waits_publishes_when_the_other_was_killed(builds):
    rows.write_day(rows.make_feature(), DAY)
    with publisher.publishing_lock():
        ask()
        waiter = threading.Thread(target=settle)
        waiter.start()
        time.sleep(0.3)
    waiter.join(60)  # the lock is free, and the request still there
    assert (waiting(), len(builds), published_days()) == ([], 1, 1)


def test_a_build_that_fails_leaves_its_requests(builds, monkeypatch):
    ask()
    monkeypatch.setattr(publisher, "build_database", lambda from_nothing: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        serve()
    assert len(waiting()) == 1


def test_the_builder_keeps_no_two_features_unchanging_and_waits_for_nothing_while_it_holds_one(monkeypatch):
    for name in ("drafts", "search"):
        rows.write_day(rows.make_feature(name), DAY)
    held, most = [], []
    unchanging = lake.unchanging

    class Noted:
        def __init__(self, feature):
            self.feature = feature

        def __enter__(self):
            assert held == [], f"{self.feature} while {held} is held"
            held.append(self.feature)
            most.append(self.feature)
            return unchanging(self.feature).__enter__()

        def __exit__(self, *error):
            held.remove(self.feature)
            return unchanging(self.feature).__exit__(*error)

    monkeypatch.setattr(lake, "unchanging", Noted)
    ask()
    serve()
    assert set(most) == {"drafts", "search"}


def test_pages_are_made_again_only_of_features_that_changed(monkeypatch):
    made = []
    monkeypatch.setattr(publisher, "publish_page", lambda feature: (made.append(feature.name), page(feature))[1])

    def page(feature):
        path = page_path(feature)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a page")
        return path

    def publish(from_nothing=False):
        del made[:]
        ask(from_nothing)
        serve()
        return made

    for name in ("drafts", "search"):
        rows.write_day(rows.make_feature(name), DAY)
    assert publish() == ["drafts", "search"]
    assert publish() == []
    rows.write_day(rows.make_feature("search"), DAY, items=3)
    assert publish() == ["search"]
    rows.make_feature("drafts", description="another")
    assert publish() == ["drafts"]
    page_path(rows.make_feature("search")).unlink()
    assert publish() == ["search"]
    assert publish(from_nothing=True) == ["drafts", "search"]


def test_a_page_that_cannot_be_made_keeps_nothing_else_from_being_published_and_is_tried_again(monkeypatch):
    for name in ("drafts", "search"):
        rows.write_day(rows.make_feature(name), DAY)
    broken = path_of("signals", feature="drafts", day=DAY)
    broken.write_bytes(broken.read_bytes()[:-20])
    for _ in range(2):
        ask()
        publication = serve()
        assert set(publication.errors) == {"drafts"}
        assert (page_path(rows.make_feature("search")).exists(), waiting()) == (True, [])


def test_the_check_counts_the_pages_that_could_not_be_made_for_other_features():
    for name in ("drafts", "search"):
        rows.write_day(rows.make_feature(name), DAY)
    broken = path_of("signals", feature="drafts", day=DAY)
    broken.write_bytes(broken.read_bytes()[:-20])
    asset = next(
        asset for asset in all_features().assets if isinstance(asset, dg.AssetsDefinition) and PUBLISHED in asset.keys
    )
    (checked,) = dg.materialize([asset], selection=[PUBLISHED]).get_asset_check_evaluations()
    numbers = {name: value.value for name, value in checked.metadata.items()}
    assert (checked.passed, checked.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert (numbers["pages made"], numbers["pages that could not be made"]) == (1, 1)


def test_the_asset_says_when_it_left_the_build_to_another_run(builds):
    feature = rows.make_feature()
    definitions = definitions_of([feature])
    asset = next(asset for asset in definitions.assets if PUBLISHED in asset.keys)
    with publisher.publishing_lock():
        found = []
        other = threading.Thread(target=lambda: found.append(dg.materialize([asset], selection=[PUBLISHED])))
        other.start()
        other.join(60)
        (result,) = found
    assert result.success
    (event,) = result.asset_materializations_for_node("published")
    assert event.metadata["built"].value.startswith("by the run that is publishing")
    assert len(waiting()) == 1


def test_the_sensor_publishes_what_a_killed_run_left(monkeypatch):
    rows.make_feature()
    repository = all_features().get_repository_def()
    sensor = repository.get_sensor_def("publishing")

    def asked():
        return sensor.evaluate_tick(dg.build_sensor_context(repository_def=repository))

    assert asked().skip_message == "nobody waits to be published"
    ask()
    assert asked().skip_message == "nobody waits to be published"  # its run has only just asked
    monkeypatch.setattr(publish_requests, "REQUEST_SECONDS", 0)
    first, second = asked(), asked()
    assert len(first.run_requests) == 1
    assert first.run_requests[0].run_key == second.run_requests[0].run_key
    with publisher.publishing_lock():
        others = []
        thread = threading.Thread(target=lambda: others.append(asked().skip_message))
        thread.start()
        thread.join()
    assert others == ["somebody is publishing, and will look again"]


def test_there_is_one_asset_for_all_features_after_the_history_of_each():
    for name in ("drafts", "search"):
        rows.make_feature(name)
    graph = all_features().resolve_asset_graph()
    parents = graph.get(PUBLISHED).parent_keys
    for name in ("drafts", "search"):
        tables = ("gate_log", "gate_decisions", "divergence", "mix_shift", "trends", "judge_costs", "stage_history")
        assert {dg.AssetKey([name, table]) for table in tables} <= parents
        # the decision waits for nothing of another feature, nor for what is published
        above = graph.get(dg.AssetKey([name, "gate_log"])).parent_keys
        assert above == {dg.AssetKey([name, table]) for table in ("gate_decisions", "divergence", "signals")}


BUILDER = """
import sys, time
from pipelines.publishing import page, publisher
publisher.publish_page = page.page_path
print("begins", flush=True)
publisher.ask()
publisher.serve()
"""


def builder() -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-c", BUILDER], stdout=subprocess.PIPE, text=True, env=os.environ)
    assert process.stdout is not None and process.stdout.readline() == "begins\n"
    return process


def test_a_builder_killed_at_any_moment_leaves_the_old_file_and_its_requests_to_the_next(monkeypatch):
    feature = rows.make_feature()
    for number in range(3):
        rows.write_day(feature, DAY + timedelta(days=number), items=60)
    whole = builder()
    begun = time.monotonic()
    assert whole.wait(120) == 0
    lasted = time.monotonic() - begun
    moments = random.Random(3)
    for number in range(3, 8):
        before = published_days()
        rows.write_day(feature, DAY + timedelta(days=number), items=60)
        killed = builder()
        time.sleep(lasted * moments.uniform(0.0, 1.0))
        killed.kill()
        killed.wait()
        assert published_days() in (before, number + 1)  # the file before, or the new one: whole
    ask()
    monkeypatch.setattr(publisher, "publish_page", page_path)
    serve()
    assert (waiting(), published_days()) == ([], 8)
    assert list(data_directory().glob(".*")) == []
    copied = contents()
    database.publish_database(from_nothing=True)
    assert contents() == copied
