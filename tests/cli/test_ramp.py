"""`prod-evals ramp show`: the record, the decision and the flag side by side, and what is not known said so."""

import json
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from pipelines import lake
from pipelines.cli import main
from pipelines.clock import NOW_VARIABLE
from pipelines.feature import features_directory, load_feature
from pipelines.publishing.ramp_gate import ramp_gate_path
from pipelines.ramp.record import StageChange, append_change, keep_stages
from tests.cli.test_gate import decide

FEATURE = """\
start: 2026-11-01
timezone: America/New_York
logs: {path: "logs/{{ day }}.jsonl"}
ramp:
  flag: new-drafts
  stages: [{name: internal}, {name: "5%"}, {name: "25%"}]
  history: [{stage: internal, from: 2026-11-01}, {stage: "5%", from: 2026-11-06}]
"""
FLAG = "flag: {service: flagd_file, path: flags.json}\n"


def feature(text=FEATURE + FLAG):
    path = features_directory() / "drafts.yaml"
    path.write_text(text)
    return load_feature(path)


@pytest.fixture(autouse=True)
def noon_of_the_tenth(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-10T17:00:00+00:00")
    feature()


def give(share, **fields):
    rule = {"fractional": [["on", share], ["off", 100 - share]]}
    flag = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off", "targeting": rule}
    (features_directory() / "flags.json").write_text(json.dumps({"flags": {"new-drafts": flag | fields}}))


def show(*arguments):
    return CliRunner().invoke(main, ["ramp", "show", "drafts", *arguments], catch_exceptions=False)


def line(answer, title):
    (found,) = [text for text in answer.stdout.splitlines() if text.startswith(f"{title}:")]
    return found.removeprefix(f"{title}:").strip()


def test_all_is_shown_side_by_side():
    made = feature()
    keep_stages(made)
    decide(made, "advance")
    give(5)
    answer = show()
    assert answer.exit_code == 0
    # decided by 11:00 in New York of the 11th, which is 16:00 UTC, and an hour of grace
    assert answer.stdout.splitlines() == [
        "stage:     5% since 2026-11-06, recorded by feature file at 2026-11-10 17:00 UTC (ramp.history)",
        "decision:  advance about 2026-11-09, at the stage internal, until 2026-11-11T17:00:00+00:00: So it is.",
        "flag:      new-drafts (production, flagd_file) is on, for 5 % of users",
        "agreement: agrees: the flag gives 5 %, as the record says",
    ]


def test_the_json_has_the_same():
    made = feature()
    keep_stages(made)
    decide(made, "hold")
    give(25)
    answer = show("--json")
    shown = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert shown["stage"] == {
        "stage": "5%",
        "from_day": "2026-11-06",
        "actor": "feature file",
        "reason": "ramp.history",
        "decision_id": None,
        "entry": 2,
        "recorded_at": "2026-11-10T17:00:00+00:00",
    }
    assert (shown["decision"]["decision"], shown["decision"]["expired"]) == ("hold", False)
    assert shown["flag"] == {
        "key": "new-drafts",
        "environment": "production",
        "service": "flagd_file",
        "on": True,
        "share": 25.0,
        "named_apart": False,
    }
    assert (shown["agreement"], shown["errors"]) == ("differs", {})


@pytest.mark.parametrize(
    ("share", "fields", "agreement"),
    [
        (5, {}, "agrees: the flag gives 5 %, as the record says"),
        (25, {}, "differs: the flag gives 25 % and the record says 5%"),
        (4, {}, "differs: the flag gives 4 % and the record says 5%"),
        (5, {"state": "DISABLED"}, "differs: the flag gives 0 % and the record says 5%"),
    ],
)
def test_the_flags_share_is_held_against_the_stage(share, fields, agreement):
    give(share, **fields)
    assert line(show(), "agreement") == agreement


def test_thirds_agree_with_a_stage_that_is_written_with_two_decimals():
    feature(FEATURE.replace('"5%"', '"33.33%"') + FLAG)
    give(0, targeting={"fractional": [["on", 1], ["off", 2]]})
    assert line(show(), "agreement") == "agrees: the flag gives 33.33 %, as the record says"


@pytest.mark.parametrize("stage", ["beta", "500%", "5% of beta"])
def test_a_stage_that_is_no_percentage_is_compared_with_nothing(stage):
    feature(FEATURE.replace('"5%"', f'"{stage}"') + FLAG)
    give(5)
    answer = show()
    assert answer.exit_code == 0
    assert line(answer, "agreement").startswith(f"unknown: the stage {stage} is no percentage")


def test_the_stage_is_that_of_today_where_the_feature_is(monkeypatch):
    give(5)
    # 04:30 UTC of the 6th is 23:30 of the 5th in New York
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-06T04:30:00+00:00")
    assert line(show(), "stage").startswith("internal since 2026-11-01")
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-06T05:30:00+00:00")
    assert line(show(), "stage").startswith("5% since 2026-11-06")


def test_who_set_a_stage_by_hand_and_why_is_shown():
    made = feature()
    keep_stages(made)
    at = datetime(2026, 11, 9, 8, 30, tzinfo=UTC)
    append_change(made, StageChange("internal", date(2026, 11, 9), "ada", "errors doubled", "d1", 3, at))
    assert (
        line(show(), "stage") == "internal since 2026-11-09, recorded by ada at 2026-11-09 08:30 UTC (errors doubled)"
    )


def test_it_writes_nothing_and_says_which_line_is_not_recorded_yet():
    give(5)
    answer = show()
    assert line(answer, "stage") == "5% since 2026-11-06, by feature file (ramp.history); the next night records it"
    assert lake.files("stage_history") == []


def test_before_the_first_stage_begins_none_is_recorded(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-10-01T12:00:00+00:00")
    give(5)
    answer = show()
    assert (answer.exit_code, line(answer, "stage")) == (0, "none is recorded for today")
    assert line(answer, "agreement") == "unknown: what stage is recorded for today is not known"


def test_without_a_decision_or_a_flag_section_it_says_so_plainly():
    feature(FEATURE)
    answer = show()
    assert answer.exit_code == 0
    assert line(answer, "decision") == "none has been issued yet; run `prod-evals run drafts`"
    assert line(answer, "flag").startswith("not known: add a section `flag` to the feature file")
    assert "the feature file has no section `flag`" in line(answer, "agreement")
    assert json.loads(show("--json").stdout)["flag"] is None


def test_a_decision_that_has_expired_does_not_stand(monkeypatch):
    decide(feature(), "advance")
    give(5)
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-11T17:00:00+00:00")
    said = line(show(), "decision")
    assert said.startswith(
        "none stands: the last, advance about 2026-11-09, at the stage internal, expired at 2026-11-11"
    )
    assert json.loads(show("--json").stdout)["decision"]["expired"] is True


def test_a_flag_that_cannot_be_read_exits_with_1_and_all_else_is_shown():
    decide(feature(), "hold")
    answer = show()  # there is no flags.json
    assert answer.exit_code == 1
    assert line(answer, "flag") == "not known, for the error below"
    assert line(answer, "decision").startswith("hold about 2026-11-09")
    assert line(answer, "agreement") == "unknown: what the flag says is not known"
    assert "flags.json: it is not known what the flag 'new-drafts' gives: there is no such file" in answer.stderr
    as_json = show("--json")
    shown = json.loads(as_json.stdout)
    assert (as_json.exit_code, list(shown["errors"]), shown["agreement"]) == (1, ["flag"], "unknown")
    assert shown["flag"] == {"key": "new-drafts", "environment": "production", "service": "flagd_file"}


def test_a_damaged_gate_file_and_a_record_that_the_file_contradicts_hide_nothing_else():
    keep_stages(feature())
    decide(feature(), "advance")
    ramp_gate_path("drafts").write_text("{")
    feature(FEATURE.replace("from: 2026-11-06", "from: 2026-11-05") + FLAG)
    give(5)
    answer = show()
    assert answer.exit_code == 1
    assert [line(answer, title) for title in ("stage", "decision")] == ["not known, for the error below"] * 2
    assert line(answer, "flag").endswith("is on, for 5 % of users")
    assert "ramp.history says that the stage 5% began on 2026-11-05" in answer.stderr
    assert "do not advance" in answer.stderr


def test_users_whom_rules_name_apart_are_said():
    give(5)
    path = features_directory() / "flags.json"
    flags = json.loads(path.read_text())
    lot = flags["flags"]["new-drafts"]["targeting"]
    give(5, targeting={"if": [{"==": [{"var": "cohort"}, "internal"]}, "on", lot]})
    assert line(show(), "flag").endswith("is on, for 5 % of users but for those whom its rules name")


def test_what_others_wrote_is_no_command_to_the_terminal():
    made = feature()
    keep_stages(made)
    at = datetime(2026, 11, 9, 8, 30, tzinfo=UTC)
    append_change(made, StageChange("5%", date(2026, 11, 9), "a\x1b[2Jda", "[red]why\u202e", None, 3, at))
    give(5, defaultVariant="\x1b[2J\u202e", targeting={})
    answer = show()
    assert "recorded by a·[2Jda at 2026-11-09 08:30 UTC ([red]why·)" in answer.stdout
    as_json = show("--json")
    assert not {"\x1b", "\u202e"} & set(answer.output + as_json.output)


def test_an_unknown_feature_is_an_error_with_the_nearest_name():
    answer = CliRunner().invoke(main, ["ramp", "show", "draft"])
    assert (answer.exit_code, "did you mean drafts?" in answer.stderr) == (1, True)
