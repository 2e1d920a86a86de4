"""gate_decisions: every day decided anew, and what was issued on other evidence says so."""

from datetime import date, timedelta
from typing import Any

import pytest

from pipelines import lake
from pipelines.assets.gate_decisions import make_gate_decisions
from pipelines.assets.nights import make_nights
from pipelines.clock import NOW_VARIABLE
from pipelines.feature import Feature, features_directory, load_feature
from tests.publishing.rows import comparison, signal, write

START = date(2026, 11, 2)
FEATURE = """\
start: 2026-11-02
logs: {path: "{{ day }}.jsonl"}
ramp: {stages: [{name: internal, min_nights: 2}, {name: "5%"}]}
"""


@pytest.fixture
def feature(monkeypatch) -> Feature:
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-10T12:00:00+00:00")  # through the 9th, the eighth day
    path = features_directory() / "drafts.yaml"
    path.write_text(FEATURE)
    return load_feature(path)


def write_divergence(feature: Feature, **late) -> None:
    """Eight nights of one epoch, none of them told; `late` changes the third."""
    rows = []
    for number in range(8):
        day = START + timedelta(days=number)
        about = {"verdict": "inconclusive", "ci_low": -0.06, "epoch_start": START, "inputs_digest": f"n{number}"}
        about |= late if number == 2 else {}
        for window in ("night", "epoch"):
            rows.append(comparison(day, window, "overall", "all", "overall", -0.01, **about))
        keys: dict[str, Any] = {"feature": feature.name, "day": day}
        write("funnel", [{"stage": "sample", "status": "scored", "items": 600}], **keys)
        write("sample", [{"log_id": "a", "stratum": "x"}], **keys)
        write("judgments", [{"item_kind": "prod", "item_id": "a", "criterion": "tone", "status": "scored"}], **keys)
    write("divergence", rows, feature=feature.name)


def made(feature: Feature) -> list[dict]:
    with lake.connect() as connection:
        make_nights(connection, feature)
        make_gate_decisions(connection, feature)
        lake.read(connection, "gate_decisions", feature=feature.name)
        result = connection.execute("FROM gate_decisions ORDER BY day")
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def issue(feature: Feature, rows: list[dict], **changed) -> None:
    """What was issued at the time: the rows as they were then."""
    for row in rows:
        known = {name: row[name] for name in ("day", "decision", "policy_hash", "evidence_digest")}
        day = known.pop("day")
        write("gate_log", [known | changed], feature=feature.name, day=day, decision_id=f"d{day}".replace("-", ""))


def test_a_late_change_restates_the_days_that_were_issued_on_what_was_known_before(feature):
    write_divergence(feature)
    issue(feature, made(feature)[:5])
    assert not any(row["restated"] for row in made(feature))
    write_divergence(feature, ci_low=-0.07)
    assert [row["restated"] for row in made(feature)] == [False, False, True, *[False] * 5]


def test_what_another_policy_issued_is_not_called_restated(feature):
    write_divergence(feature)
    issue(feature, made(feature), policy_hash="older rules")
    write_divergence(feature, ci_low=-0.07)
    assert not any(row["restated"] for row in made(feature))


def test_a_stage_that_is_held_on_and_on_says_so(feature):
    # the stage asks for 2 nights: the sixth day of hold is the fourth beyond them
    write_divergence(feature)
    assert ["held_long" in row["reason_codes"] for row in made(feature)] == [False] * 5 + [True] * 3


def test_the_check_counts_the_days_that_are_over_and_have_no_decision(feature, monkeypatch):
    def checked():
        with lake.connect() as connection:
            make_nights(connection, feature)
            return make_gate_decisions(connection, feature)["gate_decisions"].checks["decided_on_the_latest_day"]

    write_divergence(feature)  # of days through the 9th
    assert checked() == (True, "the newest decision is about 2026-11-09, and 2026-11-09 is over", {"days behind": 0})
    # the 10th is over, its night has not run, and it is decided on at 11:00
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-11T10:59:00+00:00")
    assert checked() == (False, "the newest decision is about 2026-11-09, and 2026-11-10 is over", {"days behind": 1})
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-11T11:00:00+00:00")
    assert checked()[0]


def test_days_held_at_one_stage_are_not_counted_at_the_next(feature):
    # five days at `internal`, then three at 5 %, which asks for 2 nights: its sixth day of hold would be the first
    stages = 'stages: [{name: internal, min_nights: 2}, {name: "5%", min_nights: 2}, {name: "100%"}]'
    history = f'history: [{{stage: internal, from: {START}}}, {{stage: "5%", from: {START + timedelta(days=5)}}}]'
    path = features_directory() / "drafts.yaml"
    text = path.read_text()
    path.write_text(text[: text.index("ramp:")] + f"ramp: {{{stages}, {history}}}\n")
    moved = load_feature(path)
    write_divergence(moved)
    rows = made(moved)
    assert [row["from_stage"] for row in rows] == ["internal"] * 5 + ["5%"] * 3
    assert {row["decision"] for row in rows} == {"hold"}
    assert not any("held_long" in row["reason_codes"] for row in rows)


def test_days_held_are_counted_from_the_last_day_that_was_no_hold(feature):
    # the third day is clear of the band and advances: the five days after it are the five of hold
    write_divergence(feature, verdict="within", ci_low=-0.03)
    healthy = signal("error_rate", 0.004, 0.01, None, 0.01, "healthy")
    write("signals", [healthy], feature=feature.name, day=START + timedelta(days=2))
    rows = made(feature)
    assert [row["decision"] for row in rows] == ["hold"] * 2 + ["advance"] + ["hold"] * 5
    assert not any("held_long" in row["reason_codes"] for row in rows)
