"""`prod-evals gate`: every exit code that a reader may act on, and nothing that could be taken for an advance by mistake."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from pipelines import lake
from pipelines.cli import main
from pipelines.clock import NOW_VARIABLE
from pipelines.feature import features_directory, load_feature
from pipelines.publishing.ramp_gate import publish_ramp_gate, ramp_gate_path

DAY = date(2026, 11, 9)
NEXT = "Nothing is asked of quality. On an advance, move the flag one stage up and add the day to `ramp.history`."
FEATURE = """\
start: 2026-11-01
logs: {path: "logs/{{ day }}.jsonl"}
ramp: {stages: [{name: internal}, {name: "5%"}]}
"""


@pytest.fixture(autouse=True)
def feature(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-10T05:00:00+00:00")
    path = features_directory() / "drafts.yaml"
    path.write_text(FEATURE)
    return load_feature(path)


def decide(feature, decision, day=DAY):
    query = (
        "SELECT CAST($day AS DATE) AS day, $decision AS decision, ['within_band'] AS reason_codes, 'So it is.' AS explanation, "
        "'internal' AS from_stage, '5%' AS to_stage, 'within' AS verdict, 3 AS nights, 3 AS min_nights, "
        "CAST($day AS DATE) AS window_start, CAST($day AS DATE) AS window_end, 600 AS judged, 'r' AS rubric_id, "
        "'b' AS baseline_id, 'p' AS policy_hash, 'e' AS evidence_digest, false AS restated"
    )
    with lake.connect() as connection:
        lake.write(
            connection,
            "gate_decisions",
            query,
            {"day": day, "decision": decision},
            feature=feature.name,
            month=lake.month_of(day),
        )
    publish_ramp_gate(feature)


def gate(*arguments):
    return CliRunner().invoke(main, ["gate", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(("decision", "code"), [("advance", 0), ("hold", 10), ("roll_back", 20)])
def test_each_decision_has_its_exit_code_and_its_words(feature, decision, code):
    decide(feature, decision)
    answer = gate("drafts")
    assert (answer.exit_code, answer.stdout) == (
        code,
        f"{decision}: So it is.\nNext: {NEXT}\nScores by the offline judge (rules, no model).\n",
    )


@pytest.mark.parametrize(("decision", "code"), [("advance", 0), ("hold", 0), ("roll_back", 20)])
def test_for_readers_of_pass_and_fail_only_a_roll_back_fails(feature, decision, code):
    decide(feature, decision)
    assert gate("drafts", "--fail-on", "roll_back").exit_code == code


def test_without_a_decision_it_says_so_with_30():
    answer = gate("drafts")
    assert answer.exit_code == 30
    assert "no decision about drafts has been issued yet; run `prod-evals run drafts`" in answer.stdout


def test_a_decision_that_has_expired_stands_no_more(feature, monkeypatch):
    decide(feature, "advance")
    # due again by 11:00 of the 11th, and an hour of grace
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-11T11:59:59+00:00")
    assert gate("drafts").exit_code == 0
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-11T12:00:00+00:00")
    answer = gate("drafts")
    assert answer.exit_code == 30
    assert "expired" in answer.stdout


def test_the_json_is_the_file_and_parses(feature):
    decide(feature, "advance")
    answer = gate("drafts", "--json")
    assert json.loads(answer.stdout) == json.loads(ramp_gate_path("drafts").read_text())


def test_a_gate_file_of_an_older_version_without_next_steps_is_still_read(feature):
    decide(feature, "hold")
    gate_file = ramp_gate_path("drafts")
    older = {key: value for key, value in json.loads(gate_file.read_text()).items() if key != "next_steps"}
    gate_file.write_text(json.dumps(older))
    answer = gate("drafts")
    assert (answer.exit_code, "Next:" in answer.stdout) == (10, False)


def test_an_older_day_is_answered_from_the_history_and_does_not_expire(feature, monkeypatch):
    decide(feature, "roll_back")
    monkeypatch.setenv(NOW_VARIABLE, "2027-01-01T00:00:00+00:00")
    answer = gate("drafts", "--day", str(DAY), "--json")
    decision = json.loads(answer.stdout)
    assert (answer.exit_code, decision["day"], decision["next_steps"]) == (20, str(DAY), [NEXT])
    assert gate("drafts", "--day", "2026-11-08").exit_code == 30


def test_a_damaged_gate_file_is_an_error_that_is_no_advance(feature):
    decide(feature, "advance")
    ramp_gate_path("drafts").write_text('{"schema": 1, "feature": "drafts", "decision": "ADVANCE"}')
    answer = gate("drafts")
    assert answer.exit_code == 1
    assert "decision is 'ADVANCE'; it must be one of advance, hold, roll_back" in answer.stderr


def test_an_unknown_feature_is_an_error_with_the_nearest_name():
    answer = gate("draft")
    assert answer.exit_code == 1
    assert "did you mean drafts?" in answer.stderr
