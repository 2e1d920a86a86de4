"""Formats whose records hold no log or several: each log is found, and every line is still accounted for."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines import lake
from pipelines.assets.funnel import make_funnel
from pipelines.catalogue import formats
from pipelines.catalogue.headers import CatalogueError
from pipelines.feature import FeatureError
from pipelines.logs.formats import FormatError
from pipelines.logs.ingest import ingest
from tests.logs.days import DAY, make_feature, read, write_lines
from tests.logs.nested import BATCHES, batch, call

OWN = "logs/2026-11-02.jsonl"


@pytest.fixture(autouse=True)
def formats_folder(tmp_path, monkeypatch):
    """A folder of formats with the one of the checkout, and batches."""
    folder = tmp_path / "formats"
    folder.mkdir()
    (folder / "canonical.sql").write_text((formats.DIRECTORY / "canonical.sql").read_text())
    (folder / "batches.sql").write_text(BATCHES)
    monkeypatch.setattr(formats, "DIRECTORY", folder)
    return folder


def nested_feature(tmp_path, fields=None, preset="batches", **sections):
    logs = {"path": "logs/{{ day }}.jsonl", "preset": preset, "fields": fields or {}}
    return make_feature(tmp_path / "features", logs=logs, **sections)


def read_lines(tmp_path, *lines, **more):
    feature = nested_feature(tmp_path, **more)
    write_lines(feature, "2026-11-02.jsonl", *lines)
    return read(feature)


def test_each_log_of_a_line_is_one_by_the_formats_fields_and_statement(tmp_path):
    documents = [{"id": "kb", "body": "b"}]
    found = read_lines(tmp_path, batch(call("a", seconds=1.5, documents=documents), call("b"), release="v7"))
    first, second = found.logs
    assert (first["log_id"], second["log_id"]) == ("a", "b")
    assert (first["input"], first["output"], first["latency_ms"]) == ("q", "a", 1500)
    assert first["ts"] == datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert first["sources"] == [{"id": "kb", "title": None, "text": "b"}]
    assert [row["prompt_version"] for row in found.logs] == ["v7", "v7"]
    assert second["latency_ms"] is None
    (account,) = found.reading.files
    assert (account.physical_lines, account.prod_logs, account.further_logs, account.left_out) == (1, 2, 1, 0)


def test_a_users_fields_override_the_formats_column_by_column(tmp_path):
    fields = {"output": "answers[-1].text", "latency_ms": "ms"}
    line = batch(call("a", seconds=1.5, ms=7, answers=[{"text": "first"}, {"text": "last"}]))
    found = read_lines(tmp_path, line, fields=fields)
    (row,) = found.logs
    assert (row["input"], row["output"], row["latency_ms"]) == ("q", "last", 7)
    filled_from = {fill.column.value: fill.path for fill in found.reading.columns}
    assert filled_from["input"] == "request.prompt"
    assert filled_from["output"] == "answers[-1].text"
    assert filled_from["prompt_version"] == "sql/formats/batches.sql"
    assert filled_from["latency_ms"] == "ms"


def test_records_without_a_log_are_left_out_and_lines_that_are_no_objects_are_rejected(tmp_path):
    found = read_lines(
        tmp_path,
        batch(),
        "broken",
        batch({"kind": "tool"}, {"kind": "tool"}),
        "",
        {"calls": "none"},
        b'{"calls": "\xff"}',
        "[1]",
        batch(call("a")),
    )
    assert found.ids == ["a"]
    assert found.rejected == [(OWN, 2, "malformed"), (OWN, 6, "invalid_utf8"), (OWN, 7, "malformed")]
    (account,) = found.reading.files
    assert (account.physical_lines, account.left_out, account.blank, account.rejected) == (8, 3, 1, 3)


def test_each_bad_log_of_a_line_is_rejected_by_itself_with_the_line_as_it_stands(tmp_path):
    line = batch(
        call("a"),
        call(""),
        call("b", answer=" "),
        call("a", at="2026-11-02T12:00:01Z"),
        call("c", at="never"),
        call("d", at="2026-11-05T00:00:00Z"),
        filler="x" * 100_000,  # too long to be kept whole, and yet no malformed line
    )
    feature = nested_feature(tmp_path)
    write_lines(feature, "2026-11-02.jsonl", "", line)
    found = read(feature)
    assert found.ids == ["a"]
    with lake.connect() as connection:
        lake.read(connection, "rejected_logs", feature="drafts", day=DAY)
        rows = connection.execute(
            "SELECT line, log_of_line, reason, log_id, raw FROM rejected_logs ORDER BY log_of_line"
        ).fetchall()
    assert [row[:4] for row in rows] == [
        (2, 2, "missing_id", None),
        (2, 3, "empty_output", "b"),
        (2, 4, "duplicate", "a"),
        (2, 5, "unreadable_time", "c"),
    ]
    assert {raw for *_, raw in rows} == {json.dumps(line)[: 64 * 1024]}
    (account,) = found.reading.files
    # six logs of one record: five further ones
    assert (account.physical_lines, account.further_logs, account.other_day, account.rejected) == (2, 5, 1, 4)


def test_of_repeated_logs_the_earliest_stays_whichever_record_it_is_in(tmp_path):
    early, late = call("a", answer="early"), call("a", at="2026-11-02T13:00:00Z", answer="late")
    found = read_lines(
        tmp_path, batch(late, call("b")), batch(call("c"), early, early | {"answer": "as early, further on"})
    )
    assert [(row["log_id"], row["output"]) for row in found.logs] == [("a", "early"), ("b", "a"), ("c", "a")]
    assert found.rejected == [(OWN, 1, "duplicate"), (OWN, 2, "duplicate")]


def test_a_format_that_loses_records_or_makes_them_up_does_not_add_up(tmp_path, formats_folder):
    """One that says that a record is a log is held to it."""
    (formats_folder / "batches.sql").write_text(BATCHES.replace("none to many", "one"))
    feature = nested_feature(tmp_path)
    write_lines(feature, "2026-11-02.jsonl", batch(call("a")), batch(), batch(), batch())
    with pytest.raises(AssertionError):
        read(feature)
    invented = BATCHES.replace("FROM raw", "FROM (SELECT file, record + 10 AS record, json FROM raw)")
    (formats_folder / "batches.sql").write_text(invented.replace("none to many", "one"))
    write_lines(feature, "2026-11-02.jsonl", batch(call("a"), call("b")))
    with pytest.raises(AssertionError):
        read(feature)


def test_numbers_of_records_hold_in_files_that_are_read_by_several_threads(tmp_path):
    """DuckDB reads 32 MB at a time; records from different ones must not change places."""
    feature = nested_feature(tmp_path, timezone="America/New_York")
    filler = "x" * 1000
    names = ("2026-11-02.jsonl", "2026-11-03.jsonl")
    for name in names:
        lines = [batch(call(f"{name}-{number}", at="2026-11-02T12:00:00Z", answer=filler)) for number in range(40_000)]
        lines[20_000], lines[39_000] = "", batch(call("", at="2026-11-02T12:00:00Z"))
        write_lines(feature, name, *lines)
    with lake.connect() as connection:
        connection.execute("SET threads = 4")
        reading = ingest(connection, feature, DAY)
        lake.read(connection, "rejected_logs", feature="drafts", day=DAY)
        rejected = connection.execute("SELECT file, line, reason, raw FROM rejected_logs ORDER BY file").fetchall()
    raw = json.dumps(batch(call("", at="2026-11-02T12:00:00Z")))
    assert rejected == [(f"logs/{name}", 39_001, "missing_id", raw) for name in names]
    assert not reading.unaccounted
    assert reading.prod_logs == 2 * 39_998


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT file, record FROM raw", "gives file, record; it must give file, record and json"),
        ("SELECT file, record, json ->> 'calls' AS json FROM raw", "gives json as VARCHAR"),
        ("SELECT file, record, jason AS json FROM raw", "jason"),
        ("SELECT FROM", "syntax error"),
        ("SELECT file, record, CAST(CAST(json ->> 'release' AS INTEGER) AS JSON) AS json FROM raw", "release"),
    ],
)
def test_a_statement_that_does_not_give_what_it_must_is_an_error_that_names_its_file(
    tmp_path, formats_folder, statement, said
):
    header = BATCHES[: BATCHES.index("WITH")]
    (formats_folder / "batches.sql").write_text(header + statement)
    with pytest.raises(FormatError, match=said) as raised:
        read_lines(tmp_path, batch(call("a"), release="release"))
    assert str(raised.value).startswith(f"{formats_folder}/batches.sql: ")


def test_a_format_of_fields_brings_paths_of_its_own_and_may_change_cells(tmp_path, formats_folder):
    (formats_folder / "flat.sql").write_text(
        "-- Title: A call a line.\n-- Logs a record: one.\n-- Reads: fields.\n"
        "-- Fields: log_id = id, ts = at, input = request.prompt, output = answer.\n"
        "SELECT * REPLACE (CAST(CAST(latency_ms AS DOUBLE) * 1000 AS VARCHAR) AS latency_ms) FROM records -- seconds\n"
    )
    lines = [call("a", s=1.5, answer="x"), "broken", call("a", s=2, answer="y"), call("b", answer="")]
    found = read_lines(tmp_path, *lines, preset="flat", fields={"latency_ms": "s"})
    assert [(row["log_id"], row["output"], row["latency_ms"]) for row in found.logs] == [("a", "x", 1500)]
    assert found.rejected == [(OWN, 2, "malformed"), (OWN, 3, "duplicate"), (OWN, 4, "empty_output")]


def test_a_preset_that_is_no_file_is_an_error_of_the_feature_file_that_lists_those_there_are(tmp_path):
    with pytest.raises(FeatureError, match=r"logs\.preset is 'batch'; it must be .*: batches, canonical; did you mean"):
        nested_feature(tmp_path, preset="batch")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("log_id = id", "log = id"), "its Fields name 'log', which is no column of a log"),
        (("sources.text = body", "sources.body = body"), "its Fields name 'sources.body', which is no column"),
        (("log_id = id", "id"), "'id' must be as in `input = request.prompt`"),
        (("log_id = id", "log_id = id, log_id = key"), "log_id stands there twice"),
        (("none to many", "some"), "batches.sql:2: Logs a record is 'some'; it must be one of one, none to many"),
        (("Reads: raw", "Reads: fields"), "a format that reads `fields` has one"),
        (("-- Reads: raw.\n", ""), "its header has no Reads"),
    ],
)
def test_a_mistake_in_a_formats_header_is_told_where_the_preset_is_named(tmp_path, formats_folder, change, said):
    (formats_folder / "batches.sql").write_text(BATCHES.replace(*change))
    with pytest.raises(FeatureError, match=r"drafts.yaml:\d+: logs.preset is 'batches'; ") as raised:
        nested_feature(tmp_path)
    assert said in str(raised.value)
    assert not isinstance(raised.value, CatalogueError)


# --- any mixture of them

CALLS = st.builds(
    call,
    st.sampled_from(["a", "b", "c", "d", "e", "", None]),
    # a New York day is 05:00 to 05:00 UTC in November
    st.sampled_from(["2026-11-02T04:59:59Z", *["2026-11-02T05:00:00Z", "2026-11-02T12:00:00Z"] * 2, "never"]),
    kind=st.sampled_from(["chat", "chat", "chat", "tool", None]),
    answer=st.sampled_from(["a", "a", "", None]),
    error=st.sampled_from([None, None, "timeout"]),
)
RECORDS = st.lists(CALLS, max_size=4).map(lambda calls: json.dumps(batch(*calls)).encode())
OTHER = st.sampled_from([b"", b" ", b"broken", b"{}", b"[]", b"null", b'{"calls": 5}', b'{"calls": [5]}', b"\xff"])
LINES = st.lists(RECORDS | RECORDS | OTHER, max_size=6)


@pytest.mark.parametrize("days", [15, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])])
def test_the_account_of_any_mixture_adds_up_in_log_files_and_funnel(days, tmp_path_factory):
    @settings(max_examples=days, deadline=None)
    @given(files=st.tuples(LINES, LINES, LINES))
    @example(files=([b"broken"], [json.dumps(batch(call("a"), call("a"), call(""))).encode(), b"{}"], [b"{}"]))
    def holds(files):
        the_account_adds_up(tmp_path_factory.mktemp("day"), files)

    holds()


def the_account_adds_up(tmp_path, files):
    feature = nested_feature(tmp_path, timezone="America/New_York")
    for offset, lines in enumerate(files):
        write_lines(feature, f"2026-11-0{1 + offset}.jsonl", *lines)
    found = read(feature)  # asserts that each file's account adds up
    expected, logs = simple_account(files)
    assert sorted(found.ids) == sorted(logs)
    assert [
        {
            "lines": file.physical_lines,
            "prod_logs": file.prod_logs,
            "rejected": file.rejected,
            "other_day": file.other_day,
            "blank": file.blank,
            "left_out": file.left_out,
            "further_logs": file.further_logs,
        }
        for file in found.reading.files
    ] == expected
    with lake.connect() as connection:
        make_funnel(connection, feature, DAY)
        lake.read(connection, "funnel", feature="drafts", day=DAY)
        ended = dict(connection.execute("SELECT status, items FROM funnel WHERE stage = 'lines'").fetchall())
    total = Counter()
    for account in expected:
        total.update(account)
    assert sum(ended.values()) == total["lines"] + total["further_logs"]
    assert ended.get("left_out", 0) == total["left_out"]
    assert ended["prod_logs"] == len(logs)


def simple_account(files):
    """Each record by itself, in plain Python; then the duplicates."""
    begin, end = datetime(2026, 11, 2, 5, tzinfo=UTC), datetime(2026, 11, 3, 5, tzinfo=UTC)
    accounts, good = [], []
    names = ("lines", "prod_logs", "rejected", "other_day", "blank", "left_out", "further_logs")
    for offset, lines in enumerate(files):
        own = offset == 1
        account = dict.fromkeys(names, 0) | {"lines": len(lines)}
        accounts.append(account)
        for number, line in enumerate(lines):
            if not line.strip():
                account["blank"] += 1
                continue
            try:
                record = json.loads(line)
            except ValueError:
                record = None
            if not isinstance(record, dict):
                account["rejected" if own else "other_day"] += 1
                continue
            calls = record.get("calls")
            calls = [each for each in calls if isinstance(each, dict)] if isinstance(calls, list) else []
            chats = [each for each in calls if each["kind"] == "chat"]
            account["left_out"] += not chats
            account["further_logs"] += max(len(chats) - 1, 0)
            for position, chat in enumerate(chats):
                ts = None if chat["at"] == "never" else datetime.fromisoformat(chat["at"])
                if (ts is None and not own) or (ts is not None and not begin <= ts < end):
                    account["other_day"] += 1
                elif not chat["id"] or ts is None or not (chat.get("error") or chat["answer"]):
                    account["rejected"] += 1
                else:
                    good.append((chat["id"], ts, offset, number, position, account))
    stays = set()
    for id_, *_, account in sorted(good, key=lambda log: log[:5]):
        account["rejected" if id_ in stays else "prod_logs"] += 1
        stays.add(id_)
    return accounts, stays
