"""What every source of a day's logs promises. A new source is a `World` of its own beside that of the files."""

from abc import ABC, abstractmethod
from datetime import date, timedelta

import pytest

from pipelines.logs.containers.encoding import UnreadableFile
from pipelines.logs.sources import cold_source, label_source, log_source
from pipelines.logs.sources.source import ChangedPart, DaySource, MissingLogs
from tests.logs.days import DAY, make_feature


class World(ABC):
    """Somewhere that parts can be put, and the source that reads them there. It reads a neighbour on each side."""

    @abstractmethod
    def source(self) -> DaySource: ...

    @abstractmethod
    def put(self, day: date, name: str, content: bytes) -> None: ...

    @abstractmethod
    def remove(self, day: date, name: str) -> None: ...


class FileWorld(World):
    def __init__(self, tmp_path):
        logs = {"path": "logs/{{ day }}/*.jsonl", "read_days": {"before": 1, "after": 1}}
        self.feature = make_feature(tmp_path, logs=logs)

    def source(self):
        return log_source(self.feature)

    def put(self, day, name, content):
        path = self._path(day, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def remove(self, day, name):
        self._path(day, name).unlink()

    def _path(self, day, name):
        return self.feature.directory / f"logs/{day}/{name}.jsonl"


@pytest.fixture(params=[FileWorld])
def world(request, tmp_path):
    return request.param(tmp_path / "world")


BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def test_a_day_without_parts_of_its_own_is_an_error_that_says_what_was_looked_for(world):
    world.put(AFTER, "a", b"")
    with pytest.raises(MissingLogs) as raised:
        world.source().day_parts(DAY)
    assert str(raised.value).startswith(f"drafts: no logs of {DAY}: looked for {world.source().looked_for(DAY)}; ")


def test_parts_come_sorted_by_label_each_with_its_day_and_whether_it_is_the_days_own(world):
    for day, name in ((AFTER, "a"), (DAY, "b"), (DAY, "a"), (BEFORE, "a"), (DAY - timedelta(days=2), "a")):
        world.put(day, name, b"{}\n")
    parts = world.source().day_parts(DAY)
    assert [(part.part_day, part.own) for part in parts] == [
        (BEFORE, False),
        (DAY, True),
        (DAY, True),
        (AFTER, False),
    ]
    assert [part.label for part in parts] == sorted({part.label for part in parts})
    assert len({part.place for part in parts}) == 4


def test_listing_twice_gives_the_same(world):
    world.put(DAY, "a", b"{}\n")
    world.put(DAY, "b", b"{}\n")
    assert world.source().day_parts(DAY) == world.source().day_parts(DAY)


def test_a_part_is_brought_with_all_its_bytes(world, tmp_path):
    contents = {"a": b'{"id": 1}\n', "b": b"", "c": bytes(range(256)) * 5000}
    for name, content in contents.items():
        world.put(DAY, name, content)
    directory = tmp_path / "staging"
    directory.mkdir()
    source = world.source()
    brought = [source.bring(part, directory).read_bytes() for part in source.day_parts(DAY)]
    assert brought == list(contents.values())


def test_what_is_written_to_has_another_version_and_is_refused(world):
    world.put(DAY, "a", b'{"id": 1}\n')
    source = world.source()
    (part,) = source.day_parts(DAY)
    source.refuse_changed(part)
    world.put(DAY, "a", b'{"id": 1}\n{"id": 2}\n')
    assert source.version(part) != part.version
    with pytest.raises(ChangedPart, match="written to while it was read"):
        source.refuse_changed(part)


def test_a_part_that_is_gone_is_an_error_that_names_it(world):
    world.put(DAY, "a", b"{}\n")
    source = world.source()
    (part,) = source.day_parts(DAY)
    world.remove(DAY, "a")
    with pytest.raises(UnreadableFile) as raised:
        source.refuse_changed(part)
    assert part.place in str(raised.value)


def test_neighbours_that_are_missing_are_named_and_only_the_later_one_is_waited_for(world):
    source = world.source()
    world.put(DAY, "a", b"")
    assert source.missing_neighbours(DAY) == [source.looked_for(BEFORE), source.looked_for(AFTER)]
    assert not source.is_ready(DAY)
    world.put(AFTER, "a", b"")
    assert source.missing_neighbours(DAY) == [source.looked_for(BEFORE)]
    assert source.is_ready(DAY)
    world.remove(DAY, "a")
    assert not source.is_ready(DAY)


# --- parts that belong to no day


def fixed(tmp_path, **sections):
    feature = make_feature(tmp_path, **sections)
    return cold_source(feature) if "baseline" in sections else label_source(feature)


@pytest.mark.parametrize("section", ["baseline", "human_labels"])
def test_a_source_of_no_day_lists_its_parts_or_says_where_it_looked(tmp_path, section):
    source = fixed(tmp_path, **{section: {"path": "items.jsonl"}})
    assert source.parts() == []
    assert source.looked_for == str(tmp_path / "items.jsonl")
    (tmp_path / "items.jsonl").write_bytes(b"{}\n")
    (part,) = source.parts()
    assert part.label == "items.jsonl"
    assert source.bring(part, tmp_path).read_bytes() == b"{}\n"
    (tmp_path / "items.jsonl").write_bytes(b"{}\n{}\n")
    with pytest.raises(ChangedPart):
        source.refuse_changed(part)


def test_labels_may_be_many_files_and_a_cold_eval_is_one_whatever_characters_its_name_has(tmp_path):
    for name in ("b.jsonl", "a.jsonl"):
        (tmp_path / name).touch()
    labels, cold = (fixed(tmp_path, **{section: {"path": "[ab].jsonl"}}) for section in ("human_labels", "baseline"))
    assert [part.label for part in labels.parts()] == ["a.jsonl", "b.jsonl"]
    assert cold.parts() == []
