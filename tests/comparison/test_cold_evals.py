"""Which cold eval a day is compared with: one that changes cuts no epoch of days that were judged before."""

import json
import multiprocessing
from datetime import date, timedelta

import pytest

from pipelines import lake
from pipelines.clock import NOW_VARIABLE
from pipelines.comparison import cold_evals
from pipelines.comparison.cold_evals import ColdEvals, InForce, cold_evals_of, note_cold_eval
from pipelines.feature import Feature, features_directory, load_feature
from tests.assets.test_divergence import (  # noqa: F401
    START,
    day,
    feature,
    items,
    made,
    overall,
    write_baseline,
    write_night,
)
from tests.nights.commands import prod_evals
from tests.nights.rollout import make_rollout, write_day
from tests.publishing.rows import write


def night(feature: Feature, number: int, baseline_id: str | None) -> None:  # noqa: F811
    """A night as the judgments asset makes it: what is there is noted, and the rows carry what the record says."""
    note_cold_eval(feature, baseline_id, day(number))
    write_night(feature, number, items([1.0, 0.25] * 15), baseline_id=cold_evals_of(feature).on(day(number)))


def rows_only(feature: Feature, *ids: str | None) -> None:  # noqa: F811
    """Days as the version without a record left them: rows with the cold eval of the moment; a gap for `gap`."""
    for number, baseline_id in enumerate(ids):
        if baseline_id != "gap":
            judgment = {"item_kind": "prod", "item_id": "a", "criterion": "tone", "baseline_id": baseline_id}
            write("judgments", [judgment], feature=feature.name, day=day(number))


def by_day(feature: Feature, days: int) -> list[str | None]:  # noqa: F811
    found = cold_evals_of(feature)
    return [found.on(day(number)) for number in range(days)]


@pytest.fixture
def until_the_12th(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-13T12:00:00+00:00")


def test_an_old_day_made_again_after_the_cold_eval_changed_keeps_its_epoch_whole(feature, until_the_12th):  # noqa: F811
    path = features_directory() / "drafts.yaml"  # one stage: nothing but the cold eval could cut the epoch
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "history" not in line))
    one_stage = load_feature(path)
    for baseline_id in ("b", "newer"):
        write_baseline(one_stage, baseline_id=baseline_id)
    for number in range(7):
        night(one_stage, number, "b")
    night(one_stage, 2, "newer")  # the fault: day 3 is made again
    rows = made(one_stage)
    assert [overall(rows, number)["epoch_start"] for number in range(7)] == [day(0)] * 7
    assert overall(rows, 6)["nights"] == 7
    assert {overall(rows, number)["baseline_id"] for number in range(7)} == {"b"}
    night(one_stage, 7, "newer")  # and the next night begins a new one
    rows = made(one_stage)
    assert [(overall(rows, n)["epoch_start"], overall(rows, n)["baseline_id"]) for n in (6, 7)] == [
        (day(0), "b"),
        (day(7), "newer"),
    ]
    assert (overall(rows, 6)["nights"], overall(rows, 7)["nights"]) == (7, 1)


def test_the_cold_eval_counts_that_the_record_names_whatever_the_rows_say(feature):  # noqa: F811
    write_baseline(feature, baseline_id="b", mean=0.8)
    note_cold_eval(feature, "b", day(0))
    write_night(feature, 0, items([1.0] * 30), baseline_id="another")
    rows = made(feature)
    assert (overall(rows, 0)["baseline_id"], overall(rows, 0)["baseline_mean"]) == ("b", 0.8)


def test_without_its_baseline_under_the_days_rubric_a_day_made_again_has_none(feature):  # noqa: F811
    write_baseline(feature, rubric_id="r", baseline_id="b")
    write_baseline(feature, rubric_id="newer", baseline_id="newer")
    night(feature, 0, "b")
    note_cold_eval(feature, "newer", day(0))
    write_night(feature, 0, items([1.0] * 30), rubric_id="newer", baseline_id=cold_evals_of(feature).on(day(0)))
    assert overall(made(feature), 0)["verdict"] == "no_baseline"


def test_the_first_stands_from_start_and_the_next_from_the_day_after_the_last_that_was_judged(feature):  # noqa: F811
    rows_only(feature)
    note_cold_eval(feature, "b", day(4))
    assert by_day(feature, 3) == ["b"] * 3
    rows_only(feature, *["b"] * 19)
    note_cold_eval(feature, "newer", day(9))  # day 10 is made again, with days 1 to 19 judged
    assert by_day(feature, 22) == ["b"] * 19 + ["newer"] * 3
    for number in (3, 19):
        note_cold_eval(feature, "newer", day(number))
    assert len(lake.files("cold_eval_history")) == 2


def test_a_gap_that_is_filled_later_belongs_to_the_days_around_it(feature):  # noqa: F811
    note_cold_eval(feature, "b", day(0))
    rows_only(feature, "b", "gap", "b")
    note_cold_eval(feature, "newer", day(1))
    assert by_day(feature, 4) == ["b", "b", "b", "newer"]


def test_a_cold_eval_that_never_judged_a_day_gives_way_to_the_one_after_it(feature):  # noqa: F811
    note_cold_eval(feature, "b", day(0))
    rows_only(feature, "b")
    for baseline_id in ("mistaken", "newer"):  # the night of the first was killed before it wrote its judgments
        note_cold_eval(feature, baseline_id, day(1))
    assert by_day(feature, 3) == ["b", "newer", "newer"]


def test_an_old_cold_eval_may_come_back(feature):  # noqa: F811
    for number, baseline_id in enumerate(("b", "newer", "newer", "b")):
        night(feature, number, baseline_id)
    assert by_day(feature, 5) == ["b", "newer", "newer", "b", "b"]


def test_a_feature_that_loses_its_cold_eval_is_compared_with_none(feature):  # noqa: F811
    for number, baseline_id in enumerate(("b", "b", None)):
        night(feature, number, baseline_id)
    assert by_day(feature, 4) == ["b", "b", None, None]
    write_baseline(feature)
    rows = made(feature)
    assert [overall(rows, number)["verdict"] == "no_baseline" for number in range(3)] == [False, False, True]


def test_the_first_cold_eval_is_what_the_days_before_it_are_compared_with_too(feature):  # noqa: F811
    for number, baseline_id in enumerate((None, None, "b")):
        night(feature, number, baseline_id)
    assert by_day(feature, 4) == ["b", "b", "b", "b"]


def test_a_day_before_a_start_that_was_moved_back_has_the_first():
    found = ColdEvals((InForce(date(2026, 11, 2), "b"), InForce(date(2026, 11, 5), "newer")))
    assert [found.on(date(2026, 11, number)) for number in (1, 4, 5)] == ["b", "b", "newer"]
    assert ColdEvals(()).on(date(2026, 11, 1)) is None


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ("bbbnnn", "bbbnnn"),
        ("bbnbbnn", "bbbbbnn"),  # one old day was made again with the newer: healed
        ("bbnbb", "bbbbb"),  # and so before a new night has come
        ("bb-bnn", "bbbbnn"),  # the gap belongs to the one before
        ("bbb--n", "bbbnnn"),
        ("aabbcc", "aabbcc"),
        ("00bb", "00bb"),
        ("", ""),
    ],
)
def test_a_lake_without_a_record_gets_it_from_its_rows(feature, ids, expected):  # noqa: F811
    names = {"0": None, "-": "gap"}
    rows_only(feature, *(names.get(name, name) for name in ids))
    wanted = [names.get(name, name) for name in expected]
    assert by_day(feature, len(ids)) == wanted
    assert lake.files("cold_eval_history") == []  # to ask writes nothing
    note_cold_eval(feature, "z", day(len(ids)))
    assert by_day(feature, len(ids) + 1) == [*wanted, "z"]


def test_a_record_whose_beginning_was_killed_is_begun_again(feature, monkeypatch):  # noqa: F811
    rows_only(feature, "a", "b", "c")
    append, appended = cold_evals.append_entry, []

    def killed(*arguments):
        appended.append(append(*arguments))
        if len(appended) == 2:
            raise KeyboardInterrupt
        return appended[-1]

    monkeypatch.setattr(cold_evals, "append_entry", killed)
    with pytest.raises(KeyboardInterrupt):
        note_cold_eval(feature, "c", day(3))
    assert len(lake.files("cold_eval_history")) == 2
    assert by_day(feature, 4) == ["a", "b", "c", "c"]
    monkeypatch.setattr(cold_evals, "append_entry", append)
    note_cold_eval(feature, "d", day(3))
    assert by_day(feature, 4) == ["a", "b", "c", "d"]
    assert len(lake.files("cold_eval_history")) == 4


def _night_of(feature: Feature, number: int, start) -> None:  # noqa: F811
    start.wait()
    note_cold_eval(feature, "newer", day(number))
    judgment = {"item_kind": "prod", "item_id": "a", "criterion": "tone"}
    write("judgments", [judgment | {"baseline_id": cold_evals_of(feature).on(day(number))}], feature=feature.name, day=day(number))  # fmt: skip


def test_days_at_once_record_a_change_once(feature):  # noqa: F811
    note_cold_eval(feature, "b", day(0))
    rows_only(feature, "b", "b", "b")
    context = multiprocessing.get_context("fork")
    start = context.Event()
    processes = [context.Process(target=_night_of, args=(feature, number, start)) for number in (1, 3, 4, 5)]
    for process in processes:
        process.start()
    start.set()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert by_day(feature, 6) == ["b", "b", "b", "newer", "newer", "newer"]
    assert len(lake.files("cold_eval_history")) == 2


@pytest.mark.slow  # whole nights; the same is held to rows above
def test_nights_keep_their_epoch_when_one_is_run_again_with_another_cold_eval(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-04T12:00:00+00:00")
    rollout = make_rollout(days=2, logs=20)
    first = rollout.start

    def epochs() -> list[tuple]:
        with lake.connect() as connection:
            lake.read(connection, "divergence", feature=rollout.name)
            return connection.execute(
                "SELECT day, epoch_start, baseline_id FROM divergence WHERE \"window\" = 'night' "
                "AND slice_kind = 'overall' AND criterion = 'overall' ORDER BY day"
            ).fetchall()

    assert prod_evals("run", "drafts", "--jobs", "1", "--from", str(first)).exit_code == 0
    before = epochs()
    cold = rollout.directory / "cold.jsonl"
    lines = cold.read_text().splitlines()
    cold.write_text("\n".join([*lines[:-1], json.dumps(json.loads(lines[-1]) | {"id": "another"})]))
    assert prod_evals("run", "drafts", "--day", str(first)).exit_code == 0
    assert epochs() == before
    with lake.connect() as connection:
        lake.read(connection, "judgments", feature=rollout.name)
        assert connection.execute("SELECT DISTINCT baseline_id FROM judgments").fetchall() == [(before[0][2],)]
    third = first + timedelta(days=2)
    write_day("drafts", third, 20)
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-05T12:00:00+00:00")
    assert prod_evals("run", "drafts").exit_code == 0
    *old, (newest, begun, baseline_id) = epochs()
    assert old == before
    assert (newest, begun) == (third, third) and baseline_id not in (None, before[0][2])
