"""A lake that is kept in another store than a disk is written, read, redacted and published as one on a disk."""

import duckdb
import pytest

from pipelines import clock, lake
from pipelines.data_directory import data_directory
from pipelines.lake import opening
from pipelines.lake.local_disk import LocalDisk
from pipelines.publishing.database import FILE_NAME, publish_database
from pipelines.publishing.page import publish_page
from tests.lake.sqlite_store import SqliteStore
from tests.publishing import rows


@pytest.fixture
def kept_in(tmp_path, monkeypatch):
    """Keep the lake in a store of a kind, in a place of its own."""
    monkeypatch.setenv(clock.NOW_VARIABLE, "2026-11-20T12:00:00+00:00")

    def keep(kind) -> None:
        monkeypatch.setattr(opening, "lake_store", lambda: kind(tmp_path / kind.__name__))

    return keep


def published() -> dict[str, list]:
    """Every table and view of the published file, as rows in any order."""
    with duckdb.connect(str(data_directory() / FILE_NAME), read_only=True) as connection:
        opening.lake_store().prepare(connection)
        names = connection.execute(
            "SELECT schema_name || '.' || name FROM (SELECT schema_name, table_name AS name FROM duckdb_tables() "
            "UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal) "
            "WHERE schema_name IN ('main', 'lake') AND name <> 'publication'"
        ).fetchall()
        return {name: sorted(connection.execute(f"FROM {name}").fetchall(), key=repr) for (name,) in names}


def nights_of_two_features() -> list:
    """What is published and on the page after two nights, after a third, and after a feature has gone."""
    drafts, search = rows.make_feature("drafts", text="redacted"), rows.make_feature("search")
    rows.write_rollout(drafts, days=2)
    rows.write_rollout(search, days=2)
    publish_database()
    stages = [published()]
    rows.write_rollout(drafts, days=3)
    publish_database()
    stages.append(published())
    page = publish_page(drafts).read_text(encoding="utf-8")
    lake.remove_feature("search")
    publish_database()
    return [*stages, published(), page]


@pytest.mark.slow  # a whole published file and its page, twice; the store itself is held to the contract
def test_a_lake_of_rows_is_published_as_one_of_files(kept_in):
    kept_in(SqliteStore)
    of_rows = nights_of_two_features()
    assert not (data_directory() / "lake").exists()
    assert lake.files("sample", feature="drafts")[0].redacted.is_stored()
    with pytest.raises(ValueError, match="cannot be part of a path"):
        lake.exists("sample", feature="../drafts", day="2026-11-02")
    kept_in(LocalDisk)
    of_files = nights_of_two_features()
    assert of_rows == of_files
    assert of_rows[0]["main.sample"] and of_rows[1]["lake.sample"] and of_rows[2]["main.judgments"]
    assert "my card is" in repr(of_rows[0]["main.sample"])
