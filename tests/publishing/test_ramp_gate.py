"""The gate's file: the newest day's decision and no older one's, strict JSON, and a log of what was issued."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from pipelines import lake
from pipelines.clock import NOW_VARIABLE
from pipelines.data_directory import DATA_VARIABLE
from pipelines.publishing.ramp_gate import (
    FIELDS,
    RampGateError,
    is_stale,
    publish_ramp_gate,
    ramp_gate_path,
    read_ramp_gate,
)
from tests.publishing import rows

DAY = rows.START + timedelta(days=7)


def gate_log(feature):
    with lake.connect() as connection:
        lake.read(connection, "gate_log", feature=feature.name)
        return connection.execute(
            "SELECT decision_id, previous_decision_id, day, decision FROM gate_log ORDER BY issued_at, day"
        ).fetchall()


def test_the_file_says_what_is_decided_why_on_what_evidence_and_until_when(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-16T15:30:00+00:00")
    feature = rows.make_feature()
    day = rows.write_rollout(feature, days=14)
    path = publish_ramp_gate(feature)
    gate = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert tuple(gate) == FIELDS
    assert (gate["schema"], gate["feature"], gate["day"], gate["decision"]) == (1, "drafts", str(day), "advance")
    assert (gate["flag"], gate["environment"], gate["runbook"]) == ("drafts", "production", "docs/runbook.md")
    assert (gate["from_stage"], gate["to_stage"], gate["reason_codes"]) == ("5%", "25%", ["within_band"])
    assert [step.split(".")[0] for step in gate["next_steps"]] == ["Nothing is asked of quality"]
    assert gate["computed_at"] == "2026-11-16T15:30:00+00:00"
    # the day is the 15th; the 16th is decided on the 17th at 11:00 in New York, 16:00 UTC, and an hour of grace
    assert gate["expires_at"] == "2026-11-17T17:00:00+00:00"
    assert gate["judge"] == {"kind": "offline", "model": "offline rules 1"}
    assert gate["ruler_ids"] == ["ruler_addressed_question", "ruler_grounded_in_sources", "ruler_tone"]
    assert gate["quality"]["verdict"] == "within"
    assert gate["quality"]["relative_difference"] == pytest.approx(-0.015 / 0.86)
    assert gate["quality"]["epoch_start"] == "2026-11-09"
    # of all cohorts only
    assert [signal["name"] for signal in gate["signals"]].count("p95_latency_ms") == 1
    assert {
        "name": "error_rate",
        "value": 0.004,
        "reference": 0.01,
        "limit_low": None,
        "limit": 0.01,
        "status": "healthy",
    } in gate["signals"]


def test_without_a_decision_there_is_no_file():
    feature = rows.make_feature()
    assert publish_ramp_gate(feature) is None
    assert read_ramp_gate("drafts") is None


def test_a_backfill_never_puts_an_older_day_in_its_place():
    feature = rows.make_feature()
    rows.write_decisions(feature, rows.decision(DAY, "hold"))
    before = publish_ramp_gate(feature).read_bytes()
    rows.write_decisions(feature, rows.decision(DAY - timedelta(days=1), "advance"))
    assert publish_ramp_gate(feature).read_bytes() == before
    assert len(gate_log(feature)) == 1


def test_of_several_days_the_newest_is_published():
    feature = rows.make_feature()
    older = [rows.decision(DAY - timedelta(days=number), "advance") for number in (2, 1)]
    rows.write_decisions(feature, rows.decision(DAY, "roll_back"), *older)
    publish_ramp_gate(feature)
    assert read_ramp_gate("drafts")["decision"] == "roll_back"


def test_a_repeat_is_not_issued_again_and_a_change_names_the_one_before_it(monkeypatch):
    feature = rows.make_feature()
    hours = iter(range(24))

    def publish(*decided):
        monkeypatch.setenv(NOW_VARIABLE, f"2026-11-10T{next(hours):02}:00:00+00:00")
        rows.write_decisions(feature, *decided)
        publish_ramp_gate(feature)
        return read_ramp_gate("drafts")["decision_id"]

    hold, advance = rows.decision(DAY, "hold"), rows.decision(DAY, "advance")
    first = publish(hold)
    assert publish(hold) == first
    second = publish(advance)
    third = publish(hold)  # as the first was, but issued after another
    fourth = publish(hold, rows.decision(DAY + timedelta(days=1), "hold"))
    assert gate_log(feature) == [
        (first, None, DAY, "hold"),
        (second, first, DAY, "advance"),
        (third, second, DAY, "hold"),
        (fourth, third, DAY + timedelta(days=1), "hold"),
    ]


def test_the_id_follows_from_what_was_decided_on_what_and_after_what():
    ids = set()
    for name, more in (("a", {}), ("b", {}), ("c", {"evidence_digest": "other"}), ("d", {"policy_hash": "other"})):
        feature = rows.make_feature(name)
        rows.write_decisions(feature, rows.decision(DAY, **more))
        publish_ramp_gate(feature)
        ids.add(read_ramp_gate(name)["decision_id"])
    assert len(ids) == 4


def test_the_time_at_which_it_was_issued_is_not_part_of_the_id(monkeypatch, tmp_path):
    ids = []
    for number in range(2):
        monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / f"data{number}"))
        monkeypatch.setenv(NOW_VARIABLE, f"2026-11-1{number}T06:00:00+00:00")
        feature = rows.make_feature()
        rows.write_decisions(feature, rows.decision(DAY))
        publish_ramp_gate(feature)
        ids.append(read_ramp_gate("drafts")["decision_id"])
    assert ids[0] == ids[1]


def test_numbers_that_are_none_are_null_in_strict_json():
    feature = rows.make_feature()
    rows.write_decisions(feature, rows.decision(DAY))
    broken = rows.comparison(
        DAY, "epoch", "overall", "all", "overall", 0.0, prod_mean=float("nan"), ci_low=float("-inf")
    )
    rows.write("divergence", [broken], feature=feature.name)
    gate = json.loads(publish_ramp_gate(feature).read_text(), parse_constant=pytest.fail)
    assert (gate["quality"]["prod_mean"], gate["quality"]["ci_low"]) == (None, None)


def test_a_day_that_was_never_judged_is_published_without_evidence():
    feature = rows.make_feature()
    missing = rows.decision(DAY, "hold", "day_missing", rubric_id=None, baseline_id=None, verdict=None, judged=0)
    rows.write_decisions(feature, missing)
    publish_ramp_gate(feature)
    gate = read_ramp_gate("drafts")
    assert (gate["decision"], gate["quality"], gate["signals"], gate["ruler_ids"]) == ("hold", None, [], [])
    assert gate["judge"] == {"kind": "offline", "model": None}


def test_it_is_for_everyone_to_read():
    os.umask(0o022)
    feature = rows.make_feature()
    rows.write_decisions(feature, rows.decision(DAY))
    path = publish_ramp_gate(feature)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o644, 0o755)


def test_a_decision_is_stale_from_the_moment_it_expires():
    gate = {"expires_at": "2026-11-17T17:00:00+00:00"}
    assert not is_stale(gate, datetime(2026, 11, 17, 16, 59, 59, tzinfo=UTC))
    assert is_stale(gate, datetime(2026, 11, 17, 17, 0, 0, tzinfo=UTC))


def valid():
    return {
        "schema": 1,
        "feature": "drafts",
        "decision": "hold",
        "day": "2026-11-09",
        "expires_at": "2026-11-11T17:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "cannot be read"),
        ('{"schema": 1, "deci', "cannot be read"),
        ("[]", "it holds list"),
        (json.dumps(valid() | {"schema": 2}), "schema is 2; this version reads 1"),
        (json.dumps(valid() | {"feature": "search"}), "feature is 'search'"),
        (
            json.dumps(valid() | {"decision": "ADVANCE"}),
            "decision is 'ADVANCE'; it must be one of advance, hold, roll_back",
        ),
        (json.dumps(valid() | {"decision": None}), "decision is None"),
        (json.dumps(valid() | {"day": "yesterday"}), "day is 'yesterday'"),
        (json.dumps(valid() | {"expires_at": "2026-11-11T17:00:00"}), "needs an offset"),
        (json.dumps({key: value for key, value in valid().items() if key != "expires_at"}), "expires_at is None"),
    ],
)
def test_a_file_that_is_malformed_is_an_error_and_never_a_decision(content, says):
    path = ramp_gate_path("drafts")
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(RampGateError, match="prod-evals publish") as error:
        read_ramp_gate("drafts")
    assert says in str(error.value)
    assert str(path) in str(error.value)


def test_a_file_that_is_malformed_is_written_anew_by_the_next_night():
    feature = rows.make_feature()
    rows.write_decisions(feature, rows.decision(DAY))
    path = ramp_gate_path("drafts")
    path.parent.mkdir(parents=True)
    path.write_text("{")
    publish_ramp_gate(feature)
    assert read_ramp_gate("drafts")["day"] == str(DAY)
