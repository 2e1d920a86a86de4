"""The published file: every table of the contract, only the text that may be shown, replaced under open readers."""

import json
import os
import shutil
import subprocess
import sys
import threading
from datetime import timedelta

import duckdb
import pytest

from pipelines import lake
from pipelines.catalogue import tables as catalogue
from pipelines.catalogue.tables import Published, declaration
from pipelines.checkout import CHECKOUT, SQL
from pipelines.data_directory import data_directory
from pipelines.feature import features_directory
from pipelines.publishing import database
from pipelines.publishing.database import publish_database
from tests.lake.places import path_of
from tests.publishing import rows

OLD_CLIENT = "1.5.6"
ALL_DAYS = "SELECT view_name, comment FROM duckdb_views() WHERE schema_name = 'lake'"
TABLES = sorted(path.stem for path in (SQL / "tables").glob("*.sql"))


def published():
    return duckdb.connect(str(data_directory() / database.FILE_NAME), read_only=True)


def test_every_table_has_the_contracts_columns_types_and_comments():
    rows.write_rollout(rows.make_feature(), days=1)
    publish_database()
    declared = duckdb.connect()
    for table in TABLES:
        declared.execute(declaration(table))
    where = "WHERE database_name = current_database() AND NOT internal"
    columns = f"SELECT table_name, column_name, data_type, comment FROM duckdb_columns() {where}"
    where += " AND schema_name = 'main'"
    tables = f"SELECT table_name AS name, comment FROM duckdb_tables() {where}"
    tables += f" UNION ALL SELECT view_name, comment FROM duckdb_views() {where}"
    with published() as connection:
        contract = f"({columns} AND schema_name = 'main') WHERE table_name <> 'publication' ORDER BY ALL"
        assert connection.execute(f"FROM {contract}").fetchall() == declared.execute(f"FROM {contract}").fetchall()
        said = dict(connection.execute(tables).fetchall())
        said_in_all_days = dict(connection.execute(ALL_DAYS).fetchall())
    for table, comment in declared.execute(tables).fetchall():
        assert said[table].startswith(comment), table
    recent = {name for name, table in catalogue.tables().items() if table.published is Published.RECENT}
    assert set(said_in_all_days) == recent
    where = f"A view on the files in {data_directory()}: it works only where that folder is."
    assert all(where in comment for comment in (said["prod_logs"], *said_in_all_days.values()))
    for table in recent:
        assert said[table].endswith(f" Of each feature's last 92 days: lake.{table} has all.")


def test_the_file_says_how_it_is_laid_out_and_where_its_lake_is():
    publish_database()
    with published() as connection:
        found = connection.execute("SELECT schema_version, days_inside, data_directory FROM publication").fetchall()
    assert found == [(2, 92, str(data_directory()))]


@pytest.mark.parametrize("sidecar", [True, False])
def test_a_file_of_a_newer_program_is_refused_and_stays(sidecar):
    path = publish_database()
    with duckdb.connect(str(path)) as newer:
        newer.execute("UPDATE publication SET schema_version = 3")
    if not sidecar:
        shutil.rmtree(data_directory() / "publishing")
    before = path.read_bytes()
    for from_nothing in (False, True):
        with pytest.raises(database.NewerFile, match="has schema version 3, and this program knows up to 2"):
            publish_database(from_nothing)
    assert path.read_bytes() == before


def test_tables_of_recent_days_hold_92_and_the_views_all():
    feature = rows.make_feature()
    days = [rows.START + timedelta(days=number) for number in (0, 1, 92, 93)]
    for day in days:
        rows.write_day(feature, day)
    rows.write_cold(feature)
    publish_database()
    with published() as connection:
        for table in ("sample", "judgments", "rejected_logs"):
            inside = f"SELECT DISTINCT day FROM {table} WHERE day IS NOT NULL ORDER BY day"
            # the last of 92 days is the 94th: the first of them is the third
            assert connection.execute(inside).fetchall() == [(day,) for day in days[2:]], table
            assert connection.execute(inside.replace(table, f"lake.{table}")).fetchall() == [(day,) for day in days]
        for table in ("signals", "funnel", "prod_logs"):
            assert connection.execute(f"SELECT count(DISTINCT day) FROM {table}").fetchone() == (4,), table
        # 12 items on 3 criteria a day, and one cold verdict
        assert connection.execute("SELECT count(*) FROM judgments").fetchone() == (2 * 36 + 1,)
        assert connection.execute("SELECT count(*) FROM lake.judgments").fetchone() == (4 * 36 + 1,)


def test_elsewhere_all_but_the_views_can_be_read(tmp_path):
    rows.write_rollout(rows.make_feature(), days=2)
    moved = shutil.copy(publish_database(), tmp_path / "elsewhere.duckdb")
    shutil.move(data_directory(), tmp_path / "gone")
    with duckdb.connect(str(moved), read_only=True) as connection:
        for table in TABLES:
            if table != "prod_logs":
                connection.execute(f"FROM {table}").fetchall()
        with pytest.raises(duckdb.IOException):
            connection.execute("FROM prod_logs")


def test_an_empty_lake_gives_every_table_empty():
    publish_database()
    with published() as connection:
        for table in TABLES:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_all_features_are_in_the_file_and_cold_judgments_are_judgments():
    for name in ("drafts", "search"):
        rows.write_rollout(rows.make_feature(name), days=2)
    publish_database()
    with published() as connection:
        # 12 items on 3 criteria on 2 days, and one cold verdict, of each feature
        assert connection.execute("SELECT feature, count(*) FROM judgments GROUP BY ALL ORDER BY ALL").fetchall() == [
            ("drafts", 73),
            ("search", 73),
        ]
        assert connection.execute("SELECT count(*) FROM judgments WHERE item_kind = 'cold'").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM prod_logs").fetchone() == (48,)


WITHHELD = {
    "sample": "input IS NULL AND output IS NULL AND sources IS NULL",
    "prod_logs": "input IS NULL AND output IS NULL AND sources IS NULL",
    "cold_items": "input IS NULL AND output IS NULL AND sources IS NULL",
    "judgments": "rationale IS NULL AND evidence IS NULL",
    "rejected_logs": "raw IS NULL",
}


def test_text_leaves_the_lake_only_as_each_feature_allows():
    rows.write_rollout(rows.make_feature("open_one", text="full"), days=1)
    rows.write_rollout(rows.make_feature("closed_one", text="none"), days=1)
    rows.write_rollout(rows.make_feature("broken_one", text="full"), days=1)
    rows.write_rollout(rows.make_feature("gone_one", text="full"), days=1)
    (features_directory() / "broken_one.yaml").write_text("publish: {text: full}\nstart: never\n")
    (features_directory() / "gone_one.yaml").unlink()
    publish_database()
    with published() as connection:
        assert connection.execute("SELECT text_published FROM publication").fetchone() == (["open_one"],)
        for table, withheld in WITHHELD.items():
            found = connection.execute(
                f"SELECT feature, bool_and({withheld}), count(*) > 0 FROM {table} GROUP BY ALL ORDER BY ALL"
            )
            assert found.fetchall() == [
                ("broken_one", True, True),
                ("closed_one", True, True),
                ("gone_one", True, True),
                ("open_one", False, True),
            ], table


def test_no_text_that_is_withheld_is_anywhere_in_the_file():
    rows.write_rollout(rows.make_feature(text="none"), days=1)
    publish_database()
    with published() as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_columns() WHERE NOT internal GROUP BY 1"
            ).fetchall()
        ]
        for table in tables:
            everything = connection.execute(f"FROM {table}").fetchall()
            assert rows.SECRET not in repr(everything), table


def test_of_a_withheld_error_it_stays_known_that_there_was_one():
    rows.write_rollout(rows.make_feature(text="none"), days=1)
    publish_database()
    with published() as connection:
        for table in ("prod_logs", "sample"):
            found = connection.execute(f"SELECT log_id, error FROM {table} WHERE error IS NOT NULL").fetchall()
            assert found == [("log-3", "(not published)")]


def test_the_view_on_prod_logs_sees_days_that_come_later():
    feature = rows.make_feature()
    rows.write_day(feature, rows.START)
    publish_database()
    rows.write_day(feature, rows.START + timedelta(days=1))
    with published() as connection:
        assert connection.execute("SELECT count(DISTINCT day) FROM prod_logs").fetchone() == (2,)


def test_a_file_that_cannot_be_read_is_named_and_costs_only_its_own_rows():
    rows.write_rollout(rows.make_feature("a_broken"), days=2)
    rows.write_rollout(rows.make_feature("drafts"), days=2)
    broken = [
        path_of("signals", feature="a_broken", day=rows.START),
        path_of("prod_logs", feature="a_broken", day=rows.START),
        path_of("divergence", feature="a_broken", month=lake.month_of(rows.START)),
    ]
    for path in broken:
        path.write_bytes(path.read_bytes()[:-20])
    publish_database()
    with published() as connection:
        (named,) = connection.execute("SELECT unreadable_files FROM publication").fetchone()
        assert {data_directory() / name for name in named} == set(broken)
        days = "SELECT feature, count(DISTINCT day) FROM {} GROUP BY ALL ORDER BY ALL"
        for table in ("signals", "prod_logs"):
            assert connection.execute(days.format(table)).fetchall() == [("a_broken", 1), ("drafts", 2)]
        assert connection.execute(days.format("divergence")).fetchall() == [("drafts", 2)]


def test_a_build_that_fails_leaves_the_old_file_and_nothing_beside_it(monkeypatch):
    rows.write_rollout(rows.make_feature(), days=1)
    before = publish_database().read_bytes()
    monkeypatch.setattr(database, "features_with_text", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish_database()
    assert (data_directory() / database.FILE_NAME).read_bytes() == before
    assert [path.name for path in data_directory().glob("*prod_evals*")] == [database.FILE_NAME]


def test_the_file_is_complete_by_itself():
    rows.write_rollout(rows.make_feature(), days=1)
    path = publish_database()
    assert [found.name for found in path.parent.glob("*prod_evals*")] == [path.name]  # no write-ahead log


READER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
count = lambda: connection.execute("SELECT count(*) FROM sample").fetchone()[0]
print(count(), flush=True)
sys.stdin.readline()
print(count(), flush=True)
"""


def test_a_reader_in_another_process_keeps_the_file_it_opened():
    feature = rows.make_feature()
    rows.write_day(feature, rows.START)
    path = publish_database()
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with reader:
        assert reader.stdout.readline() == "12\n"
        rows.write_day(feature, rows.START + timedelta(days=1))
        publish_database()
        output, _ = reader.communicate("\n", timeout=30)
    assert (output, reader.returncode) == ("12\n", 0)
    with published() as connection:
        assert connection.execute("SELECT count(*) FROM sample").fetchone() == (24,)


def test_of_builders_at_once_the_later_sees_what_the_earlier_did_not_and_ends_last(monkeypatch):
    feature = rows.make_feature()
    rows.write_day(feature, rows.START)
    built, go_on = threading.Event(), threading.Event()
    build = database.make_views

    def build_and_wait(*arguments):
        build(*arguments)
        if not built.is_set():  # the first builder stops between building and renaming
            built.set()
            go_on.wait(30)

    monkeypatch.setattr(database, "make_views", build_and_wait)
    first, second = (threading.Thread(target=publish_database) for _ in range(2))
    first.start()
    built.wait(30)
    rows.write_day(feature, rows.START + timedelta(days=1))
    second.start()
    second.join(1.5)  # time enough to overtake the first, if it could
    go_on.set()
    first.join()
    second.join()
    with published() as connection:
        assert connection.execute("SELECT count(DISTINCT day) FROM sample").fetchone() == (2,)


OLD_READER = """
import json, sys
sys.path.insert(0, sys.argv[1])
import duckdb
connection = duckdb.connect(sys.argv[2], read_only=True)
found = connection.execute(
    "SELECT DISTINCT CASE WHEN schema_name <> 'main' THEN schema_name || '.' ELSE '' END || table_name "
    "FROM duckdb_columns() WHERE NOT internal"
).fetchall()
tables = [row[0] for row in found]
counts = {table: connection.execute(f"SELECT count(*) FROM (FROM {table})").fetchone()[0] for table in tables}
comment = connection.execute("SELECT comment FROM duckdb_views() WHERE view_name = 'prod_logs'").fetchone()[0]
print(json.dumps({"version": duckdb.__version__, "counts": counts, "comment": comment}))
"""


@pytest.fixture(scope="module")
def old_client():
    """A folder with an older DuckDB, installed once and kept."""
    folder = CHECKOUT / ".cache" / f"duckdb-{OLD_CLIENT}-py{sys.version_info.major}{sys.version_info.minor}"
    if not (folder / "duckdb").exists():
        install = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            str(folder),
            f"duckdb=={OLD_CLIENT}",
        ]
        done = subprocess.run(install, check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"duckdb {OLD_CLIENT} cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    return folder


def test_a_client_of_duckdb_1_5_reads_every_table(old_client):
    rows.write_rollout(rows.make_feature(), days=2)
    path = publish_database()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", OLD_READER, str(old_client), str(path)],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["version"] == OLD_CLIENT
    assert {table for table in found["counts"] if "." not in table} == {*TABLES, "publication"}
    assert (found["counts"]["lake.sample"], found["counts"]["lake.judgments"]) == (24, 73)
    assert (found["counts"]["prod_logs"], found["counts"]["sample"], found["counts"]["gate_decisions"]) == (24, 24, 2)
    assert found["comment"].startswith(
        "Every production log of a day that could be read, once. A view on the files in "
    )
