"""The stage record: begun by the feature file, only ever added to, and asked by all; contradictions show both sides."""

import multiprocessing
import os
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from pipelines import lake
from pipelines.clock import NOW_VARIABLE
from pipelines.feature import Feature, FeatureError, features_directory, load_feature
from pipelines.ramp import record
from pipelines.ramp.record import StageChange, StageRecord, append_change, keep_stages, stages_of
from tests.nights.commands import prod_evals
from tests.nights.rollout import START, make_rollout

NOV = [date(2026, 11, 1)] + [date(2026, 11, day) for day in range(1, 31)]  # NOV[2] is the 2nd
FEATURE = """\
start: 2026-11-02
logs: {path: "{{ day }}.jsonl"}
ramp:
  stages: [{name: internal}, {name: "5%"}, {name: "25%"}]
"""
INTERNAL = "    - {stage: internal, from: 2026-11-02}\n"
FIVE = '    - {stage: "5%", from: 2026-11-06}\n'


@pytest.fixture(autouse=True)
def noon_of_the_tenth(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-10T12:00:00+00:00")


def feature(*lines: str) -> Feature:
    path = features_directory() / "drafts.yaml"
    path.write_text(FEATURE + ("  history:\n" + "".join(lines) if lines else ""))
    return load_feature(path)


def changes(found: StageRecord) -> list[tuple]:
    return [(change.entry, change.stage, change.from_day, change.actor) for change in found.changes]


def by_hand(made: Feature, entry: int, stage: str, from_day: date) -> StageChange:
    """A change that somebody else recorded, as a decision led to it."""
    at = datetime(2026, 11, 9, 8, 30, tzinfo=UTC)
    change = StageChange(stage, from_day, "ada", "errors doubled", "d1", entry, at)
    assert append_change(made, change)
    return change


def test_the_stage_of_a_day_is_the_last_change_on_or_before_it():
    stages = feature().ramp.stages
    made = StageRecord(
        stages,
        (StageChange("internal", NOV[1], "a", "r"), StageChange("5%", NOV[6], "a", "r"), StageChange("internal", NOV[6], "a", "r"),
         StageChange("5%", NOV[9], "a", "r")),
    )  # fmt: skip
    # on the 6th two changes began: the later entry counts
    assert [made.stage_on(NOV[day]).name for day in (2, 5, 6, 8, 9)] == ["internal"] * 4 + ["5%"]
    assert [made.began(stages[1], NOV[day]) for day in (5, 8, 9)] == [None, NOV[6], NOV[9]]
    assert StageRecord(stages, ()).stage_on(NOV[2]).name == "internal"


def test_the_record_is_begun_by_the_feature_file_and_a_second_night_adds_nothing():
    made = feature(INTERNAL, FIVE)
    before = stages_of(made)
    assert lake.files("stage_history") == []  # to ask writes nothing
    kept, added = keep_stages(made)
    assert changes(kept) == [(1, "internal", NOV[2], "feature file"), (2, "5%", NOV[6], "feature file")]
    assert [change.recorded_at for change in added] == [datetime(2026, 11, 10, 12, tzinfo=UTC)] * 2
    assert [before.stage_on(day) for day in NOV] == [kept.stage_on(day) for day in NOV]
    assert keep_stages(made) == (kept, [])
    assert stages_of(made) == kept


def test_without_history_the_first_stage_began_on_start():
    made = feature()
    assert changes(stages_of(made)) == [(None, "internal", NOV[2], "feature file")]
    keep_stages(made)
    assert changes(stages_of(made)) == [(1, "internal", NOV[2], "feature file")]


def test_a_line_that_is_added_later_is_imported_and_one_that_is_removed_stays_in_the_record(caplog):
    keep_stages(feature(INTERNAL))
    caplog.set_level("INFO")
    _, added = keep_stages(feature(INTERNAL, FIVE))
    assert [(change.entry, change.stage) for change in added] == [(2, "5%")]
    assert "drafts: recorded the stage 5% from 2026-11-06, a line of its file" in caplog.text
    for lines in ((FIVE,), ()):
        assert [stages_of(feature(*lines)).stage_on(NOV[day]).name for day in (5, 6)] == ["internal", "5%"]
        assert keep_stages(feature(*lines))[1] == []


def test_a_line_that_says_again_what_the_one_before_it_said_is_no_change():
    made = feature(INTERNAL, "    - {stage: internal, from: 2026-11-04}\n", FIVE)
    for _ in range(2):
        kept, _ = keep_stages(made)
        assert [(change.stage, change.from_day) for change in kept.changes] == [("internal", NOV[2]), ("5%", NOV[6])]


def test_what_a_decision_changed_is_in_force_and_the_files_lines_go_on_after_it():
    keep_stages(feature(INTERNAL, FIVE))
    by_hand(feature(INTERNAL, FIVE), 3, "internal", NOV[8])
    made = feature(INTERNAL, FIVE, '    - {stage: "5%", from: 2026-11-12}\n')
    assert [stages_of(made).stage_on(NOV[day]).name for day in (7, 8, 11, 12)] == ["5%", "internal", "internal", "5%"]
    assert [change.entry for change in keep_stages(made)[1]] == [4]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        # another date, earlier or later
        ('{stage: "5%", from: 2026-11-05}', "the stage 5% began on 2026-11-05"),
        ('{stage: "5%", from: 2026-11-07}', "the stage 5% began on 2026-11-07"),
        # another stage
        ('{stage: "25%", from: 2026-11-06}', "the stage 25% began on 2026-11-06"),
    ],
)  # fmt: skip
def test_a_line_that_contradicts_the_record_is_shown_with_what_is_recorded(line, said):
    keep_stages(feature(INTERNAL, FIVE))
    made = feature(INTERNAL, f"    - {line}\n")
    for ask in (stages_of, keep_stages):
        with pytest.raises(FeatureError) as caught:
            ask(made)
        (told,) = str(caught.value).splitlines()
        assert f"drafts.yaml:7: ramp.history says that {said}, and the record says otherwise: entry 2, " in told
        assert "the stage 5% from 2026-11-06, recorded by feature file at 2026-11-10 12:00 UTC (ramp.history)" in told
        assert "write the line as the record has it, or leave it out" in told
    assert len(lake.files("stage_history")) == 2


def test_who_and_why_of_another_actor_are_shown_too():
    made = feature(INTERNAL)
    keep_stages(made)
    by_hand(made, 2, "5%", NOV[6])
    with pytest.raises(FeatureError, match=r"recorded by ada at 2026-11-09 08:30 UTC \(errors doubled\)"):
        stages_of(feature(INTERNAL, '    - {stage: "5%", from: 2026-11-08}\n'))


def test_a_recorded_stage_that_the_file_no_longer_has_is_told():
    keep_stages(feature(INTERNAL, FIVE))
    path = features_directory() / "drafts.yaml"
    path.write_text(FEATURE.replace('"5%"', '"6%"'))
    with pytest.raises(FeatureError) as caught:
        stages_of(load_feature(path))
    assert "drafts.yaml:4: ramp.stages has no stage '5%', which is in the record: entry 2" in str(caught.value)
    assert "Add it to ramp.stages again" in str(caught.value)


def test_a_history_that_begins_after_start_is_told_while_nothing_is_recorded():
    with pytest.raises(FeatureError, match=r"drafts.yaml:6: ramp.history begins on 2026-11-06, after start"):
        stages_of(feature(FIVE))


def test_of_two_that_append_the_same_entry_one_is_told_to_think_again():
    made = feature(INTERNAL)
    keep_stages(made)
    change = by_hand(made, 2, "5%", NOV[6])
    assert not append_change(made, replace(change, stage="25%"))
    assert stages_of(made).stage_on(NOV[6]).name == "5%"


def test_an_import_that_another_process_overtakes_reads_again(monkeypatch):
    """Between reading and appending, somebody else records the second entry: the line becomes the third."""
    keep_stages(feature(INTERNAL))
    made = feature(INTERNAL, '    - {stage: "25%", from: 2026-11-09}\n')
    append, overtaken = record.append_change, []

    def overtake(feature_, change):
        if not overtaken:
            overtaken.append(by_hand(made, 2, "5%", NOV[6]))
        return append(feature_, change)

    monkeypatch.setattr(record, "append_change", overtake)
    kept, added = keep_stages(made)
    assert changes(kept)[1:] == [(2, "5%", NOV[6], "ada"), (3, "25%", NOV[9], "feature file")]
    assert [change.entry for change in added] == [3]


def _append_many(made: Feature, start, written) -> None:
    start.wait()
    for number in range(2, 22):
        change = StageChange("5%", NOV[6], f"process {os.getpid()}", "race", None, number, datetime.now(UTC))
        if append_change(made, change):
            written.put(number)


def test_every_entry_is_written_by_one_process_alone():
    made = feature(INTERNAL)
    keep_stages(made)
    context = multiprocessing.get_context("fork")
    start, written = context.Event(), context.Queue()
    processes = [context.Process(target=_append_many, args=(made, start, written)) for _ in range(3)]
    for process in processes:
        process.start()
    start.set()
    won = sorted(written.get(timeout=60) for _ in range(20))
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert won == list(range(2, 22)) and written.empty()
    assert [change.entry for change in stages_of(made).changes] == list(range(1, 22))


def test_a_file_system_without_links_still_tells_one_from_the_other(monkeypatch):
    def no_links(*_):
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", no_links)
    made = feature(INTERNAL)
    keep_stages(made)
    change = by_hand(made, 2, "5%", NOV[6])
    assert not append_change(made, replace(change, stage="25%"))
    assert stages_of(made).stage_on(NOV[6]).name == "5%"


def test_check_and_a_night_say_what_contradicts_and_change_nothing(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T12:00:00+00:00")
    made = make_rollout(days=1, logs=10)
    assert prod_evals("check", "drafts").exit_code == 0
    assert lake.files("stage_history") == []
    keep_stages(made)
    path = features_directory() / "drafts.yaml"
    path.write_text(path.read_text().replace(f"stage: internal, from: {START}", f'stage: "5%", from: {START}'))
    for command in (("check", "drafts"), ("run", "drafts")):
        ended = prod_evals(*command)
        assert ended.exit_code == 1
        assert "the record says otherwise: entry 1, the stage internal from 2026-11-02" in ended.stderr
    assert len(lake.files("stage_history")) == 1
