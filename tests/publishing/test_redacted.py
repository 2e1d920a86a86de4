"""`publish.text: redacted`: what is shown is redacted; days that have not changed are not redacted again.

Every text of rows.py that is a secret holds the card number 4111 1111 1111 1111.
"""

import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines import lake
from pipelines.catalogue.tables import tables
from pipelines.cli import main
from pipelines.data_directory import data_directory
from pipelines.publishing import database, redacted
from pipelines.publishing.database import publish_database
from pipelines.publishing.page import publish_page
from pipelines.redaction import redactor as redaction
from pipelines.redaction.redactor import RedactionUnavailable
from tests.lake.places import path_of
from tests.publishing import rows


@pytest.fixture
def without_the_extra(monkeypatch):
    redaction.redactor.cache_clear()
    monkeypatch.setitem(sys.modules, "presidio_analyzer.predefined_recognizers", None)
    yield
    redaction.redactor.cache_clear()


def published():
    return duckdb.connect(str(data_directory() / database.FILE_NAME), read_only=True)


def query(text: str) -> list[tuple]:
    with published() as connection:
        return connection.execute(text).fetchall()


def copies() -> dict[str, int]:
    """The copies in the lake, by place, and when each was made, in nanoseconds."""
    found = (data_directory() / "lake").rglob("redacted.parquet")
    return {str(file.parent): file.stat().st_mtime_ns for file in found}


def test_what_is_published_of_a_feature_is_redacted_and_another_features_is_not():
    rows.write_rollout(rows.make_feature("drafts", text="redacted"), days=1)
    rows.write_rollout(rows.make_feature("open_one", text="full"), days=1)
    publish_database()
    publication = "SELECT text_published, text_redacted, unreadable_files FROM publication"
    assert query(publication) == [(["open_one"], ["drafts"], [])]
    with published() as connection:
        for table in (*(name for name, table in tables().items() if table.text), "divergence", "gate_decisions"):
            of_mine = connection.execute(f"FROM {table} WHERE feature = 'drafts'").fetchall()
            assert of_mine, table
            assert "4111" not in repr(of_mine), table
    mine = "WHERE feature = 'drafts'"
    texts = "count(*), count(input), count(output), count(sources)"
    assert query(f"SELECT {texts} FROM prod_logs {mine}") == [(12, 0, 0, 0)]
    assert query(f"SELECT error FROM prod_logs {mine} AND error IS NOT NULL") == [("(not published)",)]
    assert query(f"SELECT count(*), count(raw) FROM rejected_logs {mine}") == [(1, 0)]
    assert query("SELECT count(*) FROM sample WHERE feature = 'open_one' AND contains(input, '4111')") == [(12,)]


def test_each_text_stays_but_for_its_values_and_every_other_column_is_as_it_was():
    rows.write_rollout(rows.make_feature("drafts", text="redacted"), days=1)
    publish_database()
    item = rows.item(3)
    (found,) = query("SELECT input, output, sources, error FROM sample WHERE log_id = 'log-3'")
    assert found == (
        f"my card is <CARD_1> {rows.SCRIPT}",
        item["output"],  # with its control and direction characters
        [{"id": "s", "title": "T", "text": "my card is <CARD_1>"}],
        "could not bill my card is <CARD_1>",
    )
    assert query("SELECT error FROM sample WHERE log_id = 'log-4'") == [(None,)]
    rationale = ("quotes: my card is <CARD_1> " + rows.SCRIPT, "my card is <CARD_1>")
    assert query("SELECT DISTINCT rationale, evidence FROM judgments WHERE item_kind = 'prod'") == [rationale]
    text = "my card is <CARD_1>"
    assert query("SELECT rationale, evidence FROM judgments WHERE item_kind = 'cold'") == [(text, None)]
    source = [{"id": "s", "title": "T", "text": text}]
    assert query("SELECT input, output, sources FROM cold_items") == [(text, text, source)]
    others = "SELECT * EXCLUDE (input, output, sources, error) FROM sample ORDER BY log_id"
    with lake.connect() as connection:
        lake.read(connection, "sample", feature="drafts")
        assert query(others) == connection.execute(others).fetchall()


def test_a_day_is_redacted_once_until_it_or_the_rules_change(monkeypatch):
    feature = rows.make_feature("drafts", text="redacted")
    rows.write_rollout(feature, days=2)
    publish_database()
    first = copies()
    assert len(first) == 6  # sample and judgments of two days, cold items, cold judgments
    publish_database()
    assert copies() == first
    changed = path_of("sample", feature="drafts", day=rows.START)
    rows.write("sample", [rows.item(1, input="b@example.com")], feature="drafts", day=rows.START)
    publish_database()
    assert {place for place, copy in copies().items() if copy != first[place]} == {str(changed.parent)}
    assert query(f"SELECT input FROM sample WHERE day = '{rows.START}'") == [("<EMAIL_1>",)]
    monkeypatch.setattr(redacted, "VERSION", "another")
    publish_database()
    assert all(copy > first[place] for place, copy in copies().items())


def test_a_copy_that_cannot_be_read_is_made_again():
    rows.write_day(rows.make_feature("drafts", text="redacted"), rows.START)
    publish_database()
    copy = Path(lake.partition("sample", feature="drafts", day=rows.START).redacted.location)
    copy.write_bytes(copy.read_bytes()[:-20])
    publish_database()
    assert query("SELECT count(*) FROM sample") == [(12,)]


def test_a_row_that_cannot_be_redacted_has_no_text_and_the_others_have_theirs(monkeypatch):
    monkeypatch.setattr(redaction, "LONGEST", 2_000)
    rows.make_feature("drafts", text="redacted")
    long = "my card is 4111 1111 1111 1111 " + "x" * 2_000
    items = [rows.item(1), rows.item(2, sources=[{"id": "s", "title": None, "text": long}], error="late")]
    rows.write("sample", items, feature="drafts", day=rows.START)
    publish_database()
    assert query("SELECT log_id, input IS NULL, sources, error FROM sample WHERE log_id = 'log-2'") == [
        ("log-2", True, None, "(not published)")
    ]
    assert query("SELECT input IS NULL FROM sample WHERE log_id = 'log-1'") == [(False,)]


def test_a_file_that_cannot_be_read_is_named_and_nothing_of_it_is_published():
    feature = rows.make_feature("drafts", text="redacted")
    for day in (rows.START, rows.START + timedelta(days=1)):
        rows.write_day(feature, day)
    broken = path_of("sample", feature="drafts", day=rows.START)
    broken.write_bytes(broken.read_bytes()[:-20])
    publish_database()
    (named,) = query("SELECT unreadable_files FROM publication")[0]
    assert [data_directory() / name for name in named] == [broken]
    assert query("SELECT DISTINCT day - DATE '2026-11-02' FROM sample") == [(1,)]


def test_nothing_is_published_of_a_file_that_cannot_be_redacted(monkeypatch):
    def full_disk(*_):
        raise OSError("no space left")

    rows.write_day(rows.make_feature("drafts", text="redacted"), rows.START)
    monkeypatch.setattr(redacted, "_copy", full_disk)
    publish_database()
    assert query("SELECT count(*) FROM sample") == [(0,)]
    (named,) = query("SELECT unreadable_files FROM publication")[0]
    assert len(named) == 2  # sample and judgments of the day


def test_the_page_shows_redacted_text_and_says_so():
    feature = rows.make_feature("drafts", text="redacted")
    rows.write_rollout(feature, days=1)
    html = publish_page(feature).read_text()
    assert "4111" not in html
    assert "my card is &lt;CARD_1&gt;" in html
    assert "Their text is redacted; names and postal addresses are not recognised, so they stay." in html


def test_without_the_extra_publishing_says_so_shows_no_text_and_goes_on_with_other_features(without_the_extra, caplog):
    feature = rows.make_feature("drafts", text="redacted")
    rows.write_rollout(feature, days=1)
    rows.write_rollout(rows.make_feature("open_one", text="full"), days=1)
    with pytest.raises(RedactionUnavailable, match=r"--editable '\.\[redaction\]'"):
        publish_page(feature)
    ended = CliRunner().invoke(main, ["publish"])
    assert ended.exit_code == 1
    assert "error: redacting needs the extra `redaction`" in ended.output
    assert "no text of drafts is published: redacting needs the extra `redaction`" in caplog.text
    assert (data_directory() / "pages" / "open_one.html").exists()
    assert (data_directory() / "ramp_gate" / "drafts.json").exists()
    assert not (data_directory() / "pages" / "drafts.html").exists()
    assert query("SELECT text_published, text_redacted FROM publication") == [(["open_one"], [])]
    found = "SELECT feature, count(*), count(input), count(sources) FROM sample GROUP BY ALL ORDER BY ALL"
    assert query(found) == [("drafts", 12, 0, 0), ("open_one", 12, 12, 12)]


def test_the_check_of_a_feature_says_that_the_extra_is_missing(without_the_extra):
    rows.make_feature("drafts", text="redacted")
    ended = CliRunner().invoke(main, ["check", "drafts"])
    assert ended.exit_code == 1
    assert "error: redacting needs the extra `redaction`" in ended.output
