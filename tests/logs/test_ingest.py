"""A day's files become prod_logs, rejected_logs and log_files."""

import json
import os
from datetime import UTC, date, datetime

import duckdb
import pytest

from pipelines import lake
from pipelines.data_directory import private_directory
from pipelines.logs import ingest as logs_module
from pipelines.logs.account import Reason
from pipelines.logs.ingest import ingest, read_day
from pipelines.logs.paths import PathError
from pipelines.logs.sources.source import ChangedPart
from tests.lake.places import path_of
from tests.logs.days import DAY, FIELDS, as_bytes, log, make_feature, read, write_lines

OWN = "logs/2026-11-02.jsonl"


def read_own(tmp_path, *lines, **sections):
    feature = make_feature(tmp_path, **sections)
    write_lines(feature, "2026-11-02.jsonl", *lines)
    return read(feature)


def reasons(ingested):
    return {line: reason for _, line, reason in ingested.rejected}


# --- what a cell becomes


def test_every_canonical_column_is_read_in_its_type(tmp_path):
    full = log(
        "a",
        category="billing",
        cohort="internal",
        user_id=12,
        conversation_id="c1",
        locale="en-US",
        model="m",
        prompt_version=3,
        sources=[{"id": "kb", "title": "T", "text": "body"}],
        input_tokens="12",
        output_tokens=7.0,
        cost_usd="0.25",
        latency_ms=1500,
        error="none of it",
        feedback="thumbs_up",
        regenerated="yes",
        fallback=0,
        injection_flag=True,
    )
    (row,) = read_own(tmp_path, full).logs
    assert row == {
        "feature": "drafts",
        "day": DAY,
        "log_id": "a",
        "ts": datetime(2026, 11, 2, 12, tzinfo=UTC),
        "category": "billing",
        "cohort": "internal",
        "user_id": "12",
        "conversation_id": "c1",
        "locale": "en-US",
        "model": "m",
        "prompt_version": "3",
        "input": "a question",
        "output": "an answer",
        "sources": [{"id": "kb", "title": "T", "text": "body"}],
        "input_tokens": 12,
        "output_tokens": 7,
        "cost_usd": 0.25,
        "latency_ms": 1500.0,
        "error": "none of it",
        "feedback": "up",
        "regenerated": True,
        "fallback": False,
        "injection_flag": True,
    }


def test_the_file_in_the_lake_has_the_types_of_the_contract(tmp_path):
    read_own(tmp_path, log("a"), "bad")
    for table in ("prod_logs", "rejected_logs", "log_files"):
        file = path_of(table, feature="drafts", day=DAY)
        written = duckdb.execute(f"DESCRIBE FROM read_parquet('{file}', hive_partitioning = false)").fetchall()
        types = {row[0]: row[1] for row in written if not row[0].startswith("_")}
        declared = {name: type_ for name, type_ in lake.columns(table).items() if name not in ("feature", "day")}
        assert types == declared


def test_what_is_not_in_the_log_is_null_but_the_category(tmp_path):
    (row,) = read_own(tmp_path, log("a")).logs
    empty = {name for name, value in row.items() if value is None}
    assert row["category"] == "uncategorized"
    assert {"cohort", "sources", "cost_usd", "error", "feedback", "regenerated", "fallback", "injection_flag"} <= empty


def test_an_empty_text_counts_as_missing(tmp_path):
    cells = ("cohort", "error", "feedback", "cost_usd", "regenerated")
    (row,) = read_own(tmp_path, log("a", category="", **dict.fromkeys(cells, ""))).logs
    assert row["category"] == "uncategorized"
    assert [row[name] for name in cells] == [None] * 5


def test_objects_and_lists_where_a_text_is_wanted_are_their_json_text(tmp_path):
    (row,) = read_own(tmp_path, log("a", input=[{"role": "user"}], output={"text": "x"})).logs
    assert (json.loads(row["input"]), json.loads(row["output"])) == ([{"role": "user"}], {"text": "x"})


@pytest.mark.parametrize(
    ("written", "feedback", "unreadable"),
    [
        ("up", "up", 0),
        ("Thumbs-Up", "up", 0),
        ("positive", "up", 0),
        (1, "up", 0),
        (True, "up", 0),
        ("+1", "up", 0),
        ("down", "down", 0),
        ("thumbs_down", "down", 0),
        ("negative", "down", 0),
        (-1, "down", 0),
        (False, "down", 0),
        (0, None, 1),
        ("meh", None, 1),
        (None, None, 0),
    ],
)
def test_feedback_is_up_or_down_or_unreadable(tmp_path, written, feedback, unreadable):
    found = read_own(tmp_path, log("a", feedback=written))
    assert found.logs[0]["feedback"] == feedback
    assert found.reading.files[0].unreadable_cells == unreadable


def test_cells_that_are_not_of_their_columns_type_become_null_and_are_counted(tmp_path):
    cells = {
        "input_tokens": "many",
        "output_tokens": 12.5,
        "cost_usd": "NaN",
        "latency_ms": [1],
        "regenerated": "perhaps",
        "sources": 5,
    }
    found = read_own(
        tmp_path,
        log("a", **cells),
        log("b", cost_usd="Infinity"),
        log("", cost_usd="a rejected line's cells are not counted"),
    )
    assert [found.logs[0][name] for name in cells] == [None] * 6
    assert found.reading.files[0].unreadable_cells == 7


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([{"id": 1, "title": "t", "text": "x", "more": 0}], [("1", "t", "x")]),
        ([{"text": "x"}, {"id": "only"}], [(None, None, "x"), ("only", None, None)]),
        (["one", "two"], [(None, None, "one"), (None, None, "two")]),
        (["one", {"text": "two"}, None, 3], [(None, None, "one"), (None, None, "two")]),
        ("a single one", [(None, None, "a single one")]),
        ({"id": "a", "text": "alone"}, [("a", None, "alone")]),
        ('[{"text": "a list as a text"}]', [(None, None, "a list as a text")]),
        ("[1] is no list", [(None, None, "[1] is no list")]),
        ([], []),
        ("", None),
        (None, None),
    ],
)
def test_sources_are_read_in_each_of_their_forms(tmp_path, written, expected):
    (row,) = read_own(tmp_path, log("a", sources=written)).logs
    found = row["sources"]
    assert (found and [tuple(source.values()) for source in found]) == expected


@pytest.mark.parametrize("deep", [False, True])
def test_a_sources_parts_may_be_called_otherwise(tmp_path, deep):
    where = {"path": "hits[0].docs", "id": "key", "title": "meta.name" if deep else "name", "text": "the body"}
    document = {"key": 1, "meta": {"name": "n"}, "name": "n", "the body": "b"}
    fields = FIELDS | {"sources": where}
    (row,) = read_own(
        tmp_path,
        log("a", hits=[{"docs": [document]}]),
        logs={"path": "logs/{{ day }}.jsonl", "fields": fields},
    ).logs
    assert row["sources"] == [{"id": "1", "title": "n", "text": "b"}]


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-02T07:30:00.25Z",
        "2026-11-02T08:30:00.250+01:00",
        "2026-11-02 07:30:00.25+00",
        "2026-11-02T08:30:00.25+0100",
        "2026-11-02T08:30:00,25 +0100",
        "20261102T073000.25Z",
        "2026-11-02t07:30:00.25z",
        " 2026-11-02T07:30:00.25Z ",
        "2026-11-02T02:30:00.25",  # in logs.timezone, five hours behind UTC on that day
        1793604600.25,  # date -u -d 2026-11-02T07:30:00Z +%s
        "1793604600.25",
        1793604600250,
        1793604600250000,
        1793604600250000000,
    ],
)
def test_times_are_iso_8601_or_numbers_since_1970(tmp_path, at):
    logs = {"path": "logs/{{ day }}.jsonl", "fields": FIELDS, "timezone": "America/New_York"}
    (row,) = read_own(tmp_path, log("a", at), logs=logs).logs
    assert row["ts"] == datetime(2026, 11, 2, 7, 30, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "at", ["yesterday", "", None, "infinity", "epoch", True, {"s": 1}, "2026-13-01", "12:00", "now"]
)
def test_what_is_no_time_is_rejected(tmp_path, at):
    found = read_own(tmp_path, log("a", at))
    assert reasons(found) == {1: "unreadable_time"}


# --- what happens to a line


def test_each_line_ends_with_its_number_reason_and_text(tmp_path):
    found = read_own(
        tmp_path,
        log("good"),
        "",
        '{"id": "half", "at": "2026-11-02T12:00:',
        b'{"id": "latin", "at": "2026-11-02T12:00:00Z", "input": "caf\xe9", "output": "x"}',
        " \t",
        log(""),
        log("late", at="yesterday"),
        log("asked nothing", input=" \n"),
        log("answered nothing", output=""),
        log("failed", output="", input=None, error="timeout"),
        log("good", output="again"),
        log("tomorrow", at="2026-11-03T00:00:00Z"),
    )
    assert found.rejected == [
        (OWN, 3, "malformed"),
        (OWN, 4, "invalid_utf8"),
        (OWN, 6, "missing_id"),
        (OWN, 7, "unreadable_time"),
        (OWN, 8, "empty_input"),
        (OWN, 9, "empty_output"),
        (OWN, 11, "duplicate"),
    ]
    assert found.raw[OWN, 3] == '{"id": "half", "at": "2026-11-02T12:00:'
    assert "caf\ufffd" in found.raw[OWN, 4]
    assert found.ids == ["failed", "good"]
    (account,) = found.reading.files
    assert (account.physical_lines, account.prod_logs, account.rejected) == (12, 2, 7)
    assert (account.other_day, account.blank) == (1, 2)
    assert found.reading.rejected == {reason: 1 for reason in Reason}


def test_a_line_has_the_first_reason_that_applies(tmp_path):
    found = read_own(
        tmp_path,
        b'{"id": "", "at": "no time", "x": "\xff',
        b'{"id": "", "at": "no time", "x": "\xff"}',
        {"id": "", "at": "no time"},
        {"id": "x", "at": "no time"},
        log("y", input="", output=""),
    )
    assert list(reasons(found).values()) == [
        "malformed",
        "invalid_utf8",
        "missing_id",
        "unreadable_time",
        "empty_input",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[]", "malformed"),
        ('[{"id": "a"}, {"id": "b"}]', "malformed"),
        ('"text"', "malformed"),
        ("null", "malformed"),
        ("17", "malformed"),
        ("NaN", "malformed"),
        ('{"id": "a"} {"id": "b"}', "malformed"),
        ('{"id": "a"}, ', "malformed"),
        (b"\x00", "malformed"),
        (b'{"id": "a\x00"}', "malformed"),
        (b'{"id": "a\x01"}', "malformed"),
        ('{"id": "half a surrogate \\ud83d"}', "malformed"),
        (b'{"id": "encoded surrogate \xed\xa0\x80"}', "invalid_utf8"),
        ("{}", "missing_id"),
        ('{"ID": "another field"}', "missing_id"),
        ('{"id": null, "at": 1}', "other_day"),
    ],
)
def test_odd_lines_are_accounted_for(tmp_path, line, reason):
    found = read_own(tmp_path, log("before"), line, log("behind"))
    assert found.ids == ["before", "behind"]
    if reason == "other_day":
        assert found.reading.other_day == 1
    else:
        assert found.rejected == [(OWN, 2, reason)]


def test_deep_nesting_and_long_lines_are_read(tmp_path):
    found = read_own(
        tmp_path,
        json.dumps(log("deep"))[:-1] + ', "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
        log("long", output="x" * 15_000_000),
    )
    assert found.ids == ["deep", "long"]
    assert len(found.logs[1]["output"]) == 15_000_000


def test_a_line_that_is_too_long_is_malformed_and_harms_no_other(tmp_path):
    found = read_own(tmp_path, log("before"), log("long", output="x" * 40_000_000), "", log("behind"))
    assert found.ids == ["before", "behind"]
    assert found.rejected == [(OWN, 2, "malformed")]
    assert len(found.raw[OWN, 2]) == 64 * 1024


def test_the_raw_text_is_kept_up_to_64_kib(tmp_path):
    found = read_own(tmp_path, log("", output="é" * 100_000))
    assert len(found.raw[OWN, 1].encode()) <= 64 * 1024 + 3


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_line(tmp_path):
    feature = make_feature(tmp_path)
    path = write_lines(feature, "2026-11-02.jsonl", log("a"), "broken", log("b"), end=b"\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\r\n")
    found = read(feature)
    assert found.ids == ["a", "b"]
    assert found.raw == {(OWN, 2): "broken"}
    assert found.reading.blank == 1


def test_a_last_line_without_an_end_counts(tmp_path):
    feature = make_feature(tmp_path)
    path = write_lines(feature, "2026-11-02.jsonl", log("a"), log("b"))
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert read(feature).reading.physical_lines == 2
    path.write_bytes(path.read_bytes()[:-5])
    assert read(feature).rejected == [(OWN, 2, "malformed")]


def test_a_file_of_one_byte_has_one_line(tmp_path):
    feature = make_feature(tmp_path)
    write_lines(feature, "2026-11-02.jsonl", b"{", end=b"")
    assert reasons(read(feature)) == {1: "malformed"}


@pytest.mark.parametrize("tail", [b"\x00", b"\x00\x00\x00", b"\n\x00", b"{}\x00"])
def test_nul_bytes_at_the_end_as_a_crash_leaves_them_are_a_malformed_line(tmp_path, tail):
    feature = make_feature(tmp_path)
    path = write_lines(feature, "2026-11-02.jsonl", log("a"))
    path.write_bytes(path.read_bytes() + tail)
    found = read(feature)
    assert found.ids == ["a"]
    assert list(reasons(found).values()) == ["malformed"]


def test_an_empty_file_is_a_day_without_logs(tmp_path):
    found = read_own(tmp_path)
    assert (found.logs, found.rejected) == ([], [])
    assert [(file.file, file.physical_lines) for file in found.reading.files] == [(OWN, 0)]
    assert all(lake.exists(table, feature="drafts", day=DAY) for table in ("prod_logs", "rejected_logs", "log_files"))
    assert found.reading.columns[0].empty_share is None


def test_numbers_of_lines_hold_in_a_file_that_is_read_by_several_threads(tmp_path):
    """DuckDB reads 32 MB at a time; lines from different ones must not change places."""
    feature = make_feature(tmp_path)
    filler = "x" * 1000
    bad = {20_000: "broken", 45_000: log("bad-45000", at="never"), 70_001: log("n-00007")}
    lines = [bad.get(number) or log(f"n-{number:05d}", output=filler) for number in range(80_000)]
    write_lines(feature, "2026-11-02.jsonl", *lines)
    with lake.connect() as connection:
        connection.execute("SET threads = 4")
        reading = ingest(connection, feature, DAY)
        lake.read(connection, "rejected_logs", "prod_logs", feature="drafts", day=DAY)
        rejected = connection.execute("SELECT line, reason, log_id FROM rejected_logs ORDER BY line").fetchall()
        kept = connection.execute("SELECT count(*), count(DISTINCT log_id) FROM prod_logs").fetchone()
    assert rejected == [
        (20_001, "malformed", None),
        (45_001, "unreadable_time", "bad-45000"),
        # both have the same time, so the earlier line stays
        (70_002, "duplicate", "n-00007"),
    ]
    assert kept == (79_997, 79_997)
    assert not reading.unaccounted


# --- duplicates


def test_of_logs_with_one_id_the_earliest_stays(tmp_path):
    found = read_own(
        tmp_path,
        log("a", "2026-11-02T12:00:03Z", output="third"),
        log("a", "2026-11-02T12:00:01Z", output="first"),
        log("a", "2026-11-02T12:00:01Z", output="as early, further down"),
        log("b"),
    )
    assert reasons(found) == {1: "duplicate", 3: "duplicate"}
    assert [(row["log_id"], row["output"]) for row in found.logs] == [("a", "first"), ("b", "an answer")]


def test_a_line_rejected_for_another_reason_is_no_duplicate_and_makes_none(tmp_path):
    found = read_own(tmp_path, log("a", output=""), log("a"), log("a", at="2026-11-05T00:00:00Z"))
    assert reasons(found) == {1: "empty_output"}
    assert found.ids == ["a"]
    assert found.reading.other_day == 1


def test_a_repeated_id_that_needs_escaping_stays_once(tmp_path):
    odd = 'it\'s "odd" \\ \u2028 é \n$1'
    found = read_own(tmp_path, log(odd), log(odd), log("plain"))
    assert sorted(found.ids) == sorted([odd, "plain"])
    assert reasons(found) == {2: "duplicate"}


# --- days and neighbouring files


def new_york(tmp_path):
    return make_feature(tmp_path, timezone="America/New_York")


def test_a_local_day_is_gathered_from_files_named_by_utc(tmp_path):
    # New York is 5 hours behind UTC on 2 November 2026: its day is 05:00 UTC to 05:00 UTC of the 3rd.
    feature = new_york(tmp_path)
    write_lines(feature, "2026-11-01.jsonl", log("other", "2026-11-01T12:00:00Z"))
    write_lines(
        feature,
        "2026-11-02.jsonl",
        log("before", "2026-11-02T04:59:59.999Z"),
        log("first", "2026-11-02T05:00:00Z"),
    )
    write_lines(
        feature,
        "2026-11-03.jsonl",
        log("last", "2026-11-03T04:59:59.999999Z"),
        log("behind", "2026-11-03T05:00:00Z"),
    )
    found = read(feature)
    assert found.ids == ["first", "last"]
    assert [(file.prod_logs, file.other_day) for file in found.reading.files] == [(0, 1), (1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 11, 1), 25), (date(2027, 3, 14), 23)],  # the clocks go back, and forward
)
def test_a_day_has_all_its_hours_when_the_clocks_change(tmp_path, day, hours):
    feature = make_feature(tmp_path, timezone="America/New_York")
    begin, end = feature.bounds(day)
    first = int(begin.timestamp()) - 3600
    every_hour = [log(f"{index:02d}", first + 3600 * index) for index in range(30)]
    write_lines(feature, f"{day}.jsonl", *every_hour)
    found = read(feature, day)
    assert found.ids == [f"{index:02d}" for index in range(1, hours + 1)]
    assert (end - begin).total_seconds() == hours * 3600


def test_a_neighbours_line_that_cannot_be_dated_is_left_to_its_own_day(tmp_path):
    feature = new_york(tmp_path)
    bad = ("broken", b"\xff", log("x", at="never"), {"id": ""}, "")
    write_lines(feature, "2026-11-02.jsonl", log("a"))
    write_lines(feature, "2026-11-03.jsonl", *bad)
    found = read(feature)
    assert found.rejected == []
    assert [(file.other_day, file.blank) for file in found.reading.files] == [(0, 0), (4, 1)]
    write_lines(feature, "2026-11-04.jsonl")
    own = read(feature, date(2026, 11, 3))
    assert list(reasons(own).values()) == ["malformed", "malformed", "unreadable_time", "missing_id"]


def test_a_bad_line_that_can_be_dated_is_rejected_on_the_day_it_falls_on(tmp_path):
    feature = new_york(tmp_path)
    write_lines(feature, "2026-11-02.jsonl", log("", "2026-11-02T01:00:00Z"))  # the evening of the 1st in New York
    write_lines(feature, "2026-11-01.jsonl")
    assert read(feature).rejected == []
    assert read(feature, date(2026, 11, 1)).rejected == [("logs/2026-11-02.jsonl", 1, "missing_id")]


def test_a_log_delivered_again_in_a_neighbouring_file_is_a_duplicate(tmp_path):
    feature = new_york(tmp_path)
    same = log("a", "2026-11-03T01:00:00Z")
    write_lines(feature, "2026-11-02.jsonl", log("b"), same)
    write_lines(feature, "2026-11-03.jsonl", same)  # further up in its file, and yet the later one
    found = read(feature)
    assert found.ids == ["a", "b"]
    assert found.rejected == [("logs/2026-11-03.jsonl", 1, "duplicate")]


def test_the_neighbours_that_were_not_there_are_told(tmp_path):
    feature = new_york(tmp_path)
    write_lines(feature, "2026-11-02.jsonl", log("a"))
    assert read(feature).reading.missing_neighbours == tuple(
        str(tmp_path / f"logs/2026-11-0{day}.jsonl") for day in (1, 3)
    )


# --- around it


def test_a_second_run_gives_the_same_tables(tmp_path):
    lines = (log("b"), log("a", sources=["s"]), "broken", log("a"))
    assert read_own(tmp_path, *lines) == read_own(tmp_path, *lines)


def test_reading_a_day_elsewhere_leaves_the_lake_alone(tmp_path):
    feature = make_feature(tmp_path)
    write_lines(feature, "2026-11-02.jsonl", log("a", category="billing"), "broken")
    directory = tmp_path / "elsewhere"
    directory.mkdir()
    with lake.connect() as connection:
        reading = read_day(connection, feature, DAY, directory)
    assert (reading.prod_logs, reading.rejected) == (1, {Reason.MALFORMED: 1})
    assert duckdb.execute(f"SELECT category FROM '{directory / 'prod_logs.parquet'}'").fetchall() == [("billing",)]
    assert not lake.exists("prod_logs", feature="drafts", day=DAY)


def test_a_reading_says_what_each_column_was_filled_from_and_how_often_it_is_empty(tmp_path):
    found = read_own(tmp_path, log("a", cohort="x", category="c"), log("b", sources=[]))
    fills = {fill.column.value: (fill.path, fill.empty_share) for fill in found.reading.columns}
    assert fills["log_id"] == ("id", 0.0)
    assert fills["cohort"] == ("cohort", 0.5)
    assert fills["category"] == ("category", 0.5)
    assert fills["sources"] == ("sources", 1.0)


def test_a_run_that_fails_leaves_the_day_as_it_was(tmp_path, monkeypatch):
    before = read_own(tmp_path, log("a"))
    feature = make_feature(tmp_path)
    write_lines(feature, "2026-11-02.jsonl", log("b"))

    def fail(*_):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(logs_module, "_write_log_files", fail)
    with lake.connect() as connection:
        with pytest.raises(RuntimeError):
            ingest(connection, feature, DAY)
        lake.read(connection, "prod_logs", feature="drafts", day=DAY)
        assert connection.execute("SELECT log_id FROM prod_logs").fetchall() == [(before.ids[0],)]
    assert os.listdir(private_directory("staging")) == []


def test_a_file_that_is_written_to_while_it_is_read_is_refused_before_the_day_is_touched(tmp_path, monkeypatch):
    before = read_own(tmp_path, log("a"))
    feature = make_feature(tmp_path)
    path = write_lines(feature, "2026-11-02.jsonl", log("b"))

    def append(session, directory, write=logs_module._write_log_files):
        write(session, directory)
        path.write_bytes(path.read_bytes() + as_bytes(log("c")) + b"\n")

    monkeypatch.setattr(logs_module, "_write_log_files", append)
    with lake.connect() as connection:
        with pytest.raises(ChangedPart, match=r"2026-11-02\.jsonl: was written to while it was read"):
            ingest(connection, feature, DAY)
        lake.read(connection, "prod_logs", feature="drafts", day=DAY)
        assert connection.execute("SELECT log_id FROM prod_logs").fetchall() == [(before.ids[0],)]


def test_ingesting_leaves_the_connections_settings_as_they_were(tmp_path):
    feature = make_feature(tmp_path, logs={"path": "logs/{{ day }}.jsonl", "fields": FIELDS, "timezone": "Asia/Tokyo"})
    write_lines(feature, "2026-11-02.jsonl", log("a"))
    settings = "SELECT current_setting('TimeZone'), current_setting('preserve_insertion_order')"
    with lake.connect() as connection:
        before = connection.execute(settings).fetchone()
        ingest(connection, feature, DAY)
        assert connection.execute(settings).fetchone() == before


def test_a_wrong_path_is_an_error_that_names_the_field(tmp_path):
    feature = make_feature(tmp_path, logs={"path": "logs/{{ day }}.jsonl", "fields": {"input": "request..prompt"}})
    write_lines(feature, "2026-11-02.jsonl", log("a"))
    told = r"drafts: logs.fields.input is 'request\.\.prompt'"
    with lake.connect() as connection, pytest.raises(PathError, match=told):
        ingest(connection, feature, DAY)
