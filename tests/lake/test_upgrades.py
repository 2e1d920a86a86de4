"""What an older version made is brought up to date and goes on; what a newer one made is refused."""

import json
import multiprocessing
import sqlite3
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from pipelines import lake
from pipelines.clock import NOW_VARIABLE
from pipelines.comparison.cold_evals import cold_evals_of
from pipelines.data_directory import DATA_VARIABLE, data_directory
from pipelines.errors import UserError
from pipelines.feature import find_feature
from pipelines.judging.ledger import Ledger
from pipelines.lake import upgrades
from pipelines.lake.local_disk import LocalDisk
from pipelines.lake.schema_version import SCHEMA_VERSION, NewerSchema
from pipelines.ramp.record import keep_stages, stages_of
from tests.lake.first_version import unpack
from tests.lake.test_tables import DAY, ROW
from tests.nights.commands import prod_evals
from tests.nights.rollout import START, strays, write_day

MARKED = {"schema_version": SCHEMA_VERSION}


def mark() -> dict | None:
    path = data_directory() / "lake" / "schema.json"
    return json.loads(path.read_text()) if path.exists() else None


def issued() -> list[tuple]:
    """What gate_log has, in the order it was issued: day, id, id of the one before."""
    with lake.connect() as connection:
        lake.read(connection, "gate_log", feature="drafts")
        query = "SELECT day, decision_id, previous_decision_id FROM gate_log ORDER BY day, issued_at"
        return connection.execute(query).fetchall()


def ledger_rows() -> list[tuple]:
    with sqlite3.connect(data_directory() / "ledger" / "verdicts.sqlite") as ledger:
        return sorted(ledger.execute("SELECT ruler_id, content_id, occasion, judged_at FROM ledger_verdicts"))


@pytest.fixture
def first(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-05T12:00:00+00:00")
    unpack()
    return data_directory()


@pytest.mark.slow  # whole nights on the first version's lake
def test_the_first_versions_stage_record_is_entries_and_the_next_night_goes_on_from_it(first, monkeypatch):
    old = first / "lake" / "stage_history" / "feature=drafts" / "data.parquet"
    written_at = datetime.fromtimestamp(old.stat().st_mtime, UTC)
    ledger_before = ledger_rows()
    for table in ("judgments", "prod_logs", "trends"):  # something of every layer to look at
        assert lake.files(table), table
    log_before = issued()
    (change,) = stages_of(find_feature("drafts")).changes
    assert (change.entry, change.stage, change.from_day) == (1, "internal", START)
    assert (change.actor, change.reason, change.decision_id) == ("feature file", "ramp.history", None)
    assert abs(change.recorded_at - written_at) < timedelta(milliseconds=1)
    assert (old.exists(), mark()) == (False, MARKED)

    # the old days are made again by another night: nothing of them is asked a second time
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-06T12:00:00+00:00")
    write_day("drafts", date(2026, 11, 5), logs=40)
    ended = prod_evals("run", "drafts", "--jobs", "1", "--from", "2026-11-04")
    assert ended.exit_code == 0, ended.output
    kept = [row for row in ledger_rows() if row in set(ledger_before)]
    assert kept == ledger_before
    with lake.connect() as connection:
        lake.read(connection, "judgments", "divergence", feature="drafts")
        asked = connection.execute(
            "SELECT count(DISTINCT (criterion, item_id)) FROM judgments WHERE day = DATE '2026-11-05'"
        )
        assert len(ledger_rows()) - len(ledger_before) <= asked.fetchone()[0]
        epochs = connection.execute(
            "SELECT DISTINCT epoch_start FROM divergence WHERE \"window\" = 'night' AND items > 0"
        )
        assert epochs.fetchall() == [(START,)]
    assert stages_of(find_feature("drafts")).changes == (change,)
    log = issued()
    assert log[:-1] == log_before and log[-1][0] == date(2026, 11, 5) and log[-1][2] == log_before[-1][1]
    assert strays() == []


def test_a_step_is_told_once_in_one_line_on_stderr(first, capsys):
    for _ in range(2):
        lake.files("judgments")
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f"{first / 'lake'}: brought from schema version 1 to {SCHEMA_VERSION}: the stage record of drafts has 1 entry; "
        "1 issued decisions of gate_log are filed by their days; divergence, gate_decisions, mix_shift will be made again "
        "from the days, by the next night or `prod-evals run`"
    )
    for _ in range(2):
        Ledger().close()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"the ledger {first / 'ledger' / 'verdicts.sqlite'}: brought from schema version 1 to")


def test_old_files_of_a_history_that_is_cut_finer_now_go_and_are_told(first, capsys):
    stale = first / "lake" / "divergence" / "feature=drafts" / "data.parquet"
    assert stale.exists()
    lake.files("divergence")
    assert not stale.exists()
    assert len(lake.days("funnel", "drafts")) == 3
    assert (first / "lake" / "trends" / "feature=drafts" / "data.parquet").exists()
    assert "mix_shift will be made again from the days, by the next night" in capsys.readouterr().err


@pytest.mark.parametrize("moment", ["after an entry", "before the mark"])
def test_a_step_that_is_killed_is_run_again(first, monkeypatch, moment):
    with lake.connect() as connection:
        old = first / "lake" / "stage_history" / "feature=drafts" / "data.parquet"
        two = "SELECT 'internal' AS stage, DATE '2026-11-02' AS from_day, 'feature file' AS actor, 'ramp.history' AS reason"
        two += " UNION ALL SELECT '5%', DATE '2026-11-04', 'feature file', 'ramp.history'"
        connection.execute(f"COPY ({two}) TO '{old}' (FORMAT parquet)")
    if moment == "after an entry":
        put_first = LocalDisk.put_first
        keys = []

        def killed(store, key, file):
            keys.append(key)
            if len(keys) == 2:
                raise KeyboardInterrupt
            return put_first(store, key, file)

        monkeypatch.setattr(LocalDisk, "put_first", killed)
    else:

        def no_mark(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(upgrades, "_mark", no_mark)
    with pytest.raises(KeyboardInterrupt):
        lake.files("stage_history")
    monkeypatch.undo()
    monkeypatch.setenv(DATA_VARIABLE, str(first))
    monkeypatch.setenv("PROD_EVALS_FEATURES", str(first.parent / "features"))
    found = stages_of(find_feature("drafts"))
    assert [(change.entry, change.stage) for change in found.changes] == [(1, "internal"), (2, "5%")]
    assert (mark(), old.exists(), strays()) == (MARKED, False, [])


def _first_access(start, told) -> None:
    start.wait()
    said = []
    upgrades.tell_upgrade = lambda *arguments: said.append(arguments)
    told.put((len(said), len(lake.files("judgments")), len(said)))


def test_of_processes_that_come_at_once_one_takes_the_step(first):
    context = multiprocessing.get_context("fork")
    start, told = context.Event(), context.Queue()
    processes = [context.Process(target=_first_access, args=(start, told)) for _ in range(4)]
    for process in processes:
        process.start()
    start.set()
    found = [told.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert [files for _, files, _ in found] == [3] * 4
    assert sum(said for *_, said in found) == 1


def test_a_new_lake_is_marked_with_its_first_table_and_tells_nothing(capsys):
    assert lake.files("funnel") == []
    assert mark() is None
    with lake.connect() as connection:
        lake.write(connection, "funnel", ROW, feature="f", day=DAY)
    Ledger().close()
    assert mark() == MARKED
    assert capsys.readouterr().err == ""


def test_a_lake_of_a_newer_version_is_refused_and_left_alone():
    with lake.connect() as connection:
        lake.write(connection, "funnel", ROW, feature="f", day=DAY)
    path = data_directory() / "lake" / "schema.json"
    path.write_text(json.dumps({"schema_version": SCHEMA_VERSION + 1}))
    said = f"{path} has schema version {SCHEMA_VERSION + 1}, and this program knows versions up to {SCHEMA_VERSION}; "
    said += "upgrade prod-evals, or point PROD_EVALS_DATA elsewhere"
    with pytest.raises(NewerSchema) as caught:
        lake.files("funnel")
    assert str(caught.value) == said
    with lake.connect() as connection, pytest.raises(NewerSchema):
        lake.write(connection, "funnel", ROW, feature="f", day=DAY)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": "two"}', '{"schema_version": 0}'])
def test_a_mark_that_is_none_is_told(text):
    path = data_directory() / "lake" / "schema.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(UserError, match="schema.json"):
        lake.files("funnel")


def test_a_command_on_a_newer_data_directory_is_a_sentence(first):
    (first / "lake" / "schema.json").write_text('{"schema_version": 99}')
    ended = prod_evals("publish")
    assert ended.exit_code == 1
    assert "has schema version 99" in ended.stderr and "Traceback" not in ended.stderr


def test_a_ledger_of_a_newer_version_is_refused(monkeypatch):
    Ledger().close()
    place = data_directory() / "ledger" / "verdicts.sqlite"
    with sqlite3.connect(place) as ledger:
        ledger.execute("UPDATE ledger_schema SET schema_version = 3")
    with pytest.raises(UserError, match=f"the ledger {place} has schema version 3.*point PROD_EVALS_DATA elsewhere"):
        Ledger()
    monkeypatch.setenv("PROD_EVALS_LEDGER", f"sqlite:///{place}")
    with pytest.raises(UserError, match="point PROD_EVALS_LEDGER elsewhere"):
        Ledger()


def test_a_feature_file_that_changed_between_the_versions_is_imported_or_told(first):
    path = first.parent / "features" / "drafts.yaml"
    text = path.read_text()
    path.write_text(text.replace(f"from: {START}}}]", f'from: {START}}}, {{stage: "5%", from: 2026-11-05}}]'))
    _, added = keep_stages(find_feature("drafts"))
    assert [(change.entry, change.stage) for change in added] == [(2, "5%")]


def test_a_stage_record_that_cannot_be_read_begins_anew_with_the_feature_file(first, capsys):
    (first / "lake" / "stage_history" / "feature=drafts" / "data.parquet").write_bytes(b"damaged")
    assert [change.entry for change in stages_of(find_feature("drafts")).changes] == [None]
    assert "so the stage record of drafts begins anew" in capsys.readouterr().err


def test_the_first_versions_days_have_a_cold_eval_in_force(first):
    with duckdb.connect() as connection:
        files = str(first / "lake" / "judgments" / "*" / "*" / "data.parquet")
        ids = connection.execute(f"SELECT DISTINCT baseline_id FROM '{files}'").fetchall()
    found = cold_evals_of(find_feature("drafts"))
    assert [(found.on(START + timedelta(days=number)),) for number in (0, 2, 9)] == ids * 3
