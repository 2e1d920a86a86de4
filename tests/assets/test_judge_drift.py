"""judge_drift from the lake: anchors beside their first verdicts, date by date and ruler by ruler."""

from datetime import date, timedelta

import pytest

from pipelines import lake
from pipelines.assets.building import CheckedTuple
from pipelines.assets.judge_drift import make_judge_drift
from pipelines.feature import Feature, features_directory, load_feature
from tests.publishing.rows import write

FIRST = date(2026, 11, 3)
CRITERIA = ("addressed_question", "grounded_in_sources", "tone")


@pytest.fixture
def feature() -> Feature:
    path = features_directory() / "drafts.yaml"
    path.write_text('start: 2026-11-02\nlogs: {path: "{{ day }}.jsonl"}\n')
    return load_feature(path)


def judgment(number: int, criterion: str, score: float | str, kind: str, ruler: str = "1", **more) -> dict:
    outcome = {"status": score} if isinstance(score, str) else {"status": "scored", "score": score}
    known = {"item_kind": kind, "item_id": f"c{number}", "criterion": criterion, "ruler_id": criterion + ruler}
    return known | outcome | more


def write_cold(feature: Feature, scores: list[float | str], baseline_id: str = "b", ruler: str = "1") -> None:
    rows = [judgment(n, criterion, score, "cold", ruler) for criterion in CRITERIA for n, score in enumerate(scores)]
    write("cold_judgments", rows, feature=feature.name, baseline_id=baseline_id, rubric_id="r" + ruler)


def write_anchors(feature: Feature, number: int, scores: dict[str, list[float | str]], ruler: str = "1") -> None:
    judged_on = FIRST + timedelta(days=number)
    rows = [
        judgment(n, criterion, score, "anchor", ruler, day=judged_on, baseline_id="b")
        for criterion, given in scores.items()
        for n, score in enumerate(given)
    ]
    write("anchor_judgments", rows, feature=feature.name, judged_on=judged_on, rubric_id="r" + ruler)


def made(feature: Feature) -> tuple[dict[tuple[int, str], dict], CheckedTuple]:
    """The rows by date's number and ruler, and what the check says."""
    with lake.connect() as connection:
        shown = make_judge_drift(connection, feature)["judge_drift"]
        lake.read(connection, "judge_drift", feature=feature.name)
        result = connection.execute("FROM judge_drift")
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {((row["judged_on"] - FIRST).days, row["ruler_id"]): row for row in rows}, shown.checks["judge_is_steady"]


def test_without_anchors_there_is_nothing_to_say(feature):
    write_cold(feature, [1.0] * 40)
    assert made(feature) == ({}, (True, "no ruler has drifted", {"drifted": 0}))


def test_each_criterion_is_read_by_itself_against_its_first_verdicts(feature):
    write_cold(feature, [1.0, 0.75] * 20)
    same, lower = [1.0, 0.75] * 20, [0.75, 0.5] * 20
    for number in range(8):
        write_anchors(feature, number, {"addressed_question": same, "grounded_in_sources": same, "tone": lower})
    rows, check = made(feature)
    assert len(rows) == 24
    tone = rows[7, "tone1"]
    assert (tone["anchors"], tone["mean_first"], tone["mean_now"]) == (40, 0.875, 0.625)
    assert (tone["difference"], tone["status"]) == (-0.25, "drifted")
    assert tone["ci_low"] < -0.25 < tone["ci_high"] < 0
    # half of 5 % of 0.875
    assert tone["tolerance"] == pytest.approx(0.021875)
    assert rows[7, "addressed_question1"]["status"] == "steady"
    assert check == (False, "tone", {"drifted": 1})


def test_an_anchor_without_a_score_on_either_side_is_no_pair(feature):
    write_cold(feature, ["errored", 1.0, 1.0, 1.0])
    write_anchors(feature, 0, {"tone": [1.0, "refused", 0.75, 1.0]})
    rows, _ = made(feature)
    assert (rows[0, "tone1"]["anchors"], rows[0, "tone1"]["mean_now"]) == (2, 0.875)


def test_verdicts_of_another_ruler_or_of_another_cold_eval_are_not_compared(feature):
    write_cold(feature, [0.5] * 40)
    write_cold(feature, [1.0] * 40, baseline_id="other")
    write_cold(feature, [0.75] * 40, ruler="2")
    write_anchors(feature, 0, {"tone": [0.5] * 40})
    write_anchors(feature, 0, {"tone": [0.75] * 40}, ruler="2")
    rows, _ = made(feature)
    assert {ruler: row["mean_first"] for (_, ruler), row in rows.items()} == {"tone1": 0.5, "tone2": 0.75}
    assert {row["difference"] for row in rows.values()} == {0.0}


def test_a_drift_that_comes_later_leaves_the_dates_before_it_as_they_were(feature):
    write_cold(feature, [1.0, 0.75] * 20)
    for number in range(5):
        write_anchors(feature, number, {"tone": [1.0, 0.75] * 20})
    before, _ = made(feature)
    write_anchors(feature, 5, {"tone": [0.5, 0.25] * 20})
    after, check = made(feature)
    assert {key: after[key] for key in before} == before
    assert (after[5, "tone1"]["status"], check[0]) == ("drifted", False)


def test_a_date_is_read_once_and_again_when_its_verdicts_or_those_of_the_cold_eval_change(feature, monkeypatch):
    opened = []
    read = lake.read
    monkeypatch.setattr(
        lake, "read", lambda *args, days=None, **keys: (opened.append(days), read(*args, days=days, **keys))
    )

    def dates_read() -> list[int]:
        del opened[:]
        made(feature)
        return [(judged_on - FIRST).days for days in opened if days is not None for judged_on in days]

    write_cold(feature, [1.0] * 40)
    for number in range(3):
        write_anchors(feature, number, {"tone": [1.0] * 40})
    assert dates_read() == [0, 1, 2]
    write_cold(feature, [1.0] * 40)  # the same again
    write_anchors(feature, 3, {"tone": [0.75] * 40})
    assert dates_read() == [3]
    write_anchors(feature, 1, {"tone": [0.5] * 40})
    assert dates_read() == [1]
    write_cold(feature, [0.75] * 40)
    assert dates_read() == [0, 1, 2, 3]
