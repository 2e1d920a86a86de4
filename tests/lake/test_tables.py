"""Files appear whole or not at all, and a table reads as it is declared, with files or without."""

import os
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines import lake
from pipelines.catalogue import tables as catalogue
from pipelines.checkout import SQL
from pipelines.data_directory import data_directory
from tests.lake.places import path_of

DAY = date(2026, 11, 2)
ROW = "SELECT 'logs' AS stage, 'sampled' AS status, 3 AS items"


def test_what_is_written_reads_back_with_its_keys_and_declared_types():
    with lake.connect() as connection:
        assert lake.write(connection, "funnel", ROW, feature="f", day=DAY) == 1
        lake.read(connection, "funnel", feature="f")
        assert connection.execute("FROM funnel").fetchall() == [("f", DAY, "logs", "sampled", 3)]


def test_a_table_without_files_reads_as_an_empty_one():
    with lake.connect() as connection:
        lake.read(connection, "sample", feature="f", day=DAY)
        described = connection.execute("DESCRIBE sample").fetchall()
        assert connection.execute("FROM sample").fetchall() == []
    assert [row[0] for row in described] == list(lake.columns("sample"))


def test_reading_is_cut_to_the_keys_that_are_given():
    with lake.connect() as connection:
        for feature, day in (("f", DAY), ("f", date(2026, 11, 3)), ("g", DAY)):
            lake.write(connection, "funnel", ROW, feature=feature, day=day)
        lake.read(connection, "funnel", feature="f")
        assert connection.execute("SELECT count(*) FROM funnel").fetchone() == (2,)
        lake.read(connection, "funnel", day=DAY)
        assert connection.execute("SELECT list(feature ORDER BY feature) FROM funnel").fetchone() == (["f", "g"],)
    assert lake.days("funnel", "f") == [DAY, date(2026, 11, 3)]


def test_a_query_that_fails_leaves_the_old_file_and_nothing_beside_it():
    with lake.connect() as connection:
        lake.write(connection, "funnel", ROW, feature="f", day=DAY)
        before = path_of("funnel", feature="f", day=DAY).read_bytes()
        with pytest.raises(Exception, match="boom"):
            lake.write(
                connection,
                "funnel",
                "SELECT 'logs' AS stage, 'x' AS status, error('boom') AS items",
                feature="f",
                day=DAY,
            )
    target = path_of("funnel", feature="f", day=DAY)
    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_what_a_killed_process_left_is_removed_by_the_next_write_and_a_living_ones_is_not():
    target = path_of("funnel", feature="f", day=DAY)
    target.parent.mkdir(parents=True)
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    dead = target.with_name(f".{target.name}.{child}-abc.tmp")
    living = target.with_name(f".{target.name}.{os.getppid()}-abc.tmp")
    dead.touch()
    living.touch()
    with lake.connect() as connection:
        lake.write(connection, "funnel", ROW, feature="f", day=DAY)
    assert not dead.exists()
    assert living.exists()


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "", "a'b"])
def test_a_key_that_could_leave_its_folder_is_refused(name):
    with pytest.raises(ValueError, match="cannot be part of a path"):
        path_of("funnel", feature=name, day=DAY)


def test_the_lake_is_for_its_owner_alone():
    with lake.connect() as connection:
        lake.write(connection, "funnel", ROW, feature="f", day=DAY)
    assert stat.S_IMODE((data_directory() / "lake").stat().st_mode) == 0o700


def test_every_declared_table_has_a_comment_on_itself_and_on_every_column():
    with duckdb.connect() as connection:
        for declaration in (SQL / "tables").glob("*.sql"):
            connection.execute(declaration.read_text())
        bare = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal "
            "UNION ALL SELECT table_name, NULL FROM duckdb_tables() WHERE comment IS NULL"
        ).fetchall()
    assert bare == []


def test_every_declaration_is_a_table_of_the_lake_and_the_other_way_round():
    assert {path.stem for path in (SQL / "tables").glob("*.sql")} == set(catalogue.tables())


def test_removing_a_feature_leaves_the_others():
    with lake.connect() as connection:
        for feature in ("f", "g"):
            lake.write(connection, "funnel", ROW, feature=feature, day=DAY)
            lake.write(
                connection,
                "stage_history",
                "SELECT 'a' AS stage, DATE '2026-11-02' AS from_day, '' AS actor, '' AS reason, "
                "TIMESTAMPTZ '2026-11-02 05:00:00+00' AS recorded_at, NULL AS decision_id",
                feature=feature,
                entry="0001",
            )
    lake.remove_feature("f")
    assert lake.files("funnel", feature="f") == lake.files("stage_history", feature="f") == []
    assert lake.days("funnel", "g") == [DAY]


def test_a_file_named_by_its_content_is_never_replaced():
    row = (
        "SELECT 'tone' AS criterion, 'offline' AS judge, 'rules' AS judge_model, '{}' AS parameters, 'Is it?' AS prompt"
    )
    with lake.connect() as connection:
        lake.write(connection, "rulers", row, ruler_id="r")
        inode = path_of("rulers", ruler_id="r").stat().st_ino
        lake.write(connection, "rulers", row, ruler_id="r")
    assert path_of("rulers", ruler_id="r").stat().st_ino == inode
    assert len(list(path_of("rulers", ruler_id="r").parent.iterdir())) == 1


def test_nothing_is_replaced_while_somebody_keeps_the_feature_unchanging():
    program = (
        "from pipelines import lake\n"
        "with lake.connect() as connection:\n"
        f"    lake.write(connection, 'funnel', {ROW!r}.replace('3', '4'), feature='f', day='{DAY}')\n"
    )
    with lake.connect() as connection:
        lake.write(connection, "funnel", ROW, feature="f", day=DAY)
        with lake.unchanging("f"):
            writer = subprocess.Popen([sys.executable, "-c", program])
            with pytest.raises(subprocess.TimeoutExpired):
                writer.wait(timeout=3)
            lake.read(connection, "funnel", feature="f")
            assert connection.execute("SELECT items FROM funnel").fetchone() == (3,)
        assert writer.wait(timeout=30) == 0
        assert connection.execute("SELECT items FROM funnel").fetchone() == (4,)


def test_who_keeps_a_feature_unchanging_may_write_to_it():
    with lake.connect() as connection, lake.unchanging("f"):
        for _ in range(2):
            lake.write(connection, "funnel", ROW, feature="f", day=DAY)


def test_a_note_is_read_back_by_file_though_another_file_is_damaged():
    with lake.connect() as connection:
        for month in ("2026-10", "2026-11"):
            columns = ", ".join(f'NULL AS "{name}"' for name in catalogue.own_columns("divergence"))
            lake.write(connection, "divergence", f"SELECT {columns}", note=f"of {month}", feature="f", month=month)
        lake.write(connection, "funnel", ROW, feature="f", day=DAY)
        first, second = lake.files("divergence", feature="f")
        without = lake.partition("funnel", feature="f", day=DAY)
        assert lake.notes(connection, [first, second, without]) == {first.key: "of 2026-10", second.key: "of 2026-11"}
        Path(first.location).write_bytes(first.read()[:-20])
        assert lake.notes(connection, [first, second, without]) == {second.key: "of 2026-11"}
        assert lake.notes(connection, []) == {}
