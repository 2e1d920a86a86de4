"""Whole nights through Dagster, from log files to a decision that a gate can read."""

import json
import shutil
from datetime import date, timedelta

import duckdb
import pytest

from pipelines.clock import NOW_VARIABLE
from pipelines.data_directory import DATA_VARIABLE, data_directory
from pipelines.feature import FEATURES_VARIABLE
from tests.nights.commands import prod_evals
from tests.nights.rollout import FAULTS_A_DAY, START, make_rollout, strays, tables, write_day

LAST = START + timedelta(days=2)


def run(*arguments):
    return prod_evals("run", "drafts", "--jobs", "1", *arguments)


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Three nights, run once: the features and the data they left, and what the command printed."""
    place = tmp_path_factory.mktemp("three-nights")
    (place / "features").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FEATURES_VARIABLE, str(place / "features"))
        patch.setenv(DATA_VARIABLE, str(place / "data"))
        patch.setenv(NOW_VARIABLE, "2026-11-05T05:00:00+00:00")
        make_rollout(days=3)
        ended = run("--from", str(START))
    assert ended.exit_code == 0, ended.output
    return place, ended


@pytest.fixture
def three_nights(once, tmp_path, monkeypatch):
    place, ended = once
    shutil.copytree(place, tmp_path, dirs_exist_ok=True, symlinks=True)
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-05T05:00:00+00:00")
    return ended


def test_three_nights_end_in_a_decision_with_every_line_accounted_for(three_nights):
    assert "drafts: 3 nights" in three_nights.stdout
    with duckdb.connect(str(data_directory() / "prod_evals.duckdb"), read_only=True) as published:
        accounts = published.execute(
            "SELECT physical_lines, prod_logs, rejected, other_day, blank FROM log_files"
        ).fetchall()
        reasons = dict(published.execute("SELECT reason, count(*) FROM rejected_logs GROUP BY reason").fetchall())
        decisions = published.execute("SELECT day, decision FROM gate_decisions ORDER BY day").fetchall()
        sampled = published.execute("SELECT count(*) FROM sample").fetchone()[0]
        judged = published.execute(
            "SELECT count(*) FROM judgments WHERE item_kind = 'prod' AND status <> 'pending'"
        ).fetchone()[0]
    assert accounts == [(60 + sum(FAULTS_A_DAY.values()) + 1, 60, sum(FAULTS_A_DAY.values()), 0, 1)] * 3
    assert reasons == {reason: 3 * lines for reason, lines in FAULTS_A_DAY.items()}
    assert [day for day, _ in decisions] == [START + timedelta(days=number) for number in range(3)]
    assert (sampled, judged) == (3 * 24, 3 * 24 * 3)
    gate = json.loads((data_directory() / "ramp_gate" / "drafts.json").read_text())
    assert (gate["day"], gate["decision"]) == (str(LAST), decisions[-1][1])
    assert (data_directory() / "pages" / "drafts.html").exists()


def test_a_second_run_gives_equal_tables_and_asks_nothing(three_nights):
    before = tables("drafts")
    ledger = (data_directory() / "ledger" / "verdicts.sqlite").stat().st_mtime_ns
    assert run("--from", str(START)).exit_code == 0
    assert tables("drafts") == before
    assert (data_directory() / "ledger" / "verdicts.sqlite").stat().st_mtime_ns == ledger
    assert strays() == []


@pytest.mark.slow  # six whole nights; tests/assets/test_resumed_history.py has the law
def test_days_in_another_order_give_equal_tables(three_nights, monkeypatch, tmp_path):
    in_order = tables("drafts")
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "other"))
    for number in (2, 0, 1):
        assert run("--day", str(START + timedelta(days=number))).exit_code == 0
    backwards = tables("drafts")
    for table in in_order:
        if table != "gate_log":  # the log says what was issued when
            assert backwards[table] == in_order[table], table


def test_a_backfill_of_an_older_day_leaves_the_newest_decision_standing(three_nights):
    gate = data_directory() / "ramp_gate" / "drafts.json"
    before = json.loads(gate.read_text())
    assert run("--day", str(START)).exit_code == 0
    assert json.loads(gate.read_text())["day"] == before["day"] == str(LAST)


def test_a_day_without_its_file_fails_names_the_path_and_the_others_run(three_nights):
    missing = START + timedelta(days=1)
    log = next(path for path in (data_directory().parent / "features" / "logs" / "drafts").glob(f"{missing}*"))
    log.unlink()
    ended = run("--from", str(START))
    assert ended.exit_code == 1
    assert f"error: drafts {missing}: prod_logs:" in ended.stderr
    assert str(log) in ended.stderr.replace("\n", "")


def test_a_night_that_fails_is_a_hold_by_decide_by(three_nights, monkeypatch):
    # the logs of the 5th never come; at 11:00 of the 6th the history decides all the same
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-06T11:00:01+00:00")
    ended = run("--day", "2026-11-05")
    assert ended.exit_code == 1
    gate = json.loads((data_directory() / "ramp_gate" / "drafts.json").read_text())
    assert (gate["day"], gate["decision"], gate["reason_codes"]) == ("2026-11-05", "hold", ["day_missing"])
    with duckdb.connect(str(data_directory() / "prod_evals.duckdb"), read_only=True) as published:
        row = published.execute(
            "SELECT decision, reason_codes FROM gate_decisions WHERE day = DATE '2026-11-05'"
        ).fetchone()
    assert row == ("hold", ["day_missing"])
    assert "hold" in (data_directory() / "pages" / "drafts.html").read_text().lower()
    assert prod_evals("gate", "drafts").exit_code == 10


def test_an_empty_file_is_a_day_with_no_logs_which_passes_and_holds(three_nights, monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-06T05:00:00+00:00")
    write_day("drafts", date(2026, 11, 5)).write_text("")
    ended = run()
    assert ended.exit_code == 0, ended.stderr
    gate = json.loads((data_directory() / "ramp_gate" / "drafts.json").read_text())
    assert (gate["day"], gate["decision"], gate["reason_codes"][0]) == ("2026-11-05", "hold", "no_data")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--day", "2026-10-01"), "drafts starts on 2026-11-02; 2026-10-01 is before it"),
        (("--day", "2026-11-05"), "2026-11-05 is not over yet in UTC; the latest complete day is 2026-11-04"),
        (("--from", "2026-11-04", "--to", "2026-11-03"), "--from 2026-11-04 is after --to 2026-11-03"),
        (("--day", "yesterday"), "'yesterday' is not a day; write it as in 2026-11-23"),
    ],
)
def test_days_that_cannot_be_run_are_told_so(arguments, said, monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-05T05:00:00+00:00")
    make_rollout(days=1, logs=5)
    ended = run(*arguments)
    assert (ended.exit_code, said in ended.stderr) == (2, True), ended.stderr


def test_a_broken_feature_file_is_told_and_the_other_features_run(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T05:00:00+00:00")
    feature = make_rollout(days=1)
    (feature.directory / "broken.yaml").write_text("sampel: 3\n")
    ended = prod_evals("run", "--all")
    assert ended.exit_code == 1
    assert "broken.yaml:1: sampel is not a field; did you mean sample?" in ended.stderr
    assert "drafts: 1 night, scores by offline rules 1 (rules, no model)\n" in ended.stdout
    assert "Traceback" not in ended.stderr
