"""Whatever lines a day's files hold, each ends in one place: the same that a simple reading in Python puts it."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.logs.containers.container import RAW_BYTES
from tests.logs.days import as_bytes, log, make_feature, read

DAY = date(2026, 11, 2)
# A New York day is 05:00 to 05:00 UTC in November.
NAMES = ("2026-11-01.jsonl", "2026-11-02.jsonl", "2026-11-03.jsonl")

TIMES = st.sampled_from(
    [f"2026-11-0{day}T{time}Z" for day in (1, 2, 3) for time in ("04:59:59.999999", "05:00:00", "12:00:00", "12:00:01")]
)
NO_TIMES: st.SearchStrategy = st.sampled_from(["yesterday", "", None, [], {}, True])
IDS = st.sampled_from(["a", "b", "c", 7, "é \" ' \\ \n", "", None])
TEXTS = st.sampled_from(["text", "é\u2028", "", " \n", None, ["x"]])
RECORDS = st.builds(
    lambda id_, at, input_, output, error: log(id_, at, input=input_, output=output, error=error),
    IDS,
    TIMES | TIMES | TIMES | NO_TIMES,
    TEXTS,
    TEXTS,
    st.sampled_from([None, None, "timeout"]),
)
GOOD = st.builds(log, st.sampled_from(["a", "b", "c", "d"]), TIMES)
WHOLE = (GOOD | RECORDS).map(as_bytes)
CUT = st.builds(lambda line, at: line[: at % len(line)], WHOLE, st.integers(0, 10_000))
SPLICED = st.builds(
    lambda line, at, byte: line[: at % len(line)] + byte + line[at % len(line) :],
    WHOLE,
    st.integers(0, 10_000),
    # no white space: DuckDB is laxer than Python about it in times and behind the JSON
    st.sampled_from([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\x00", b'"', b"\xc2\xa0", b"\xf4\x90\x80\x80"]),
)
OTHER = st.sampled_from(
    [b"", b" ", b"\t\r", b"\x0c", b"[]", b"{}", b"null", b'"text"', b"17", b"\x00", b"\xff", b"{} {}", b"\xc2\xa0"]
)
LINES = st.lists(
    (WHOLE | CUT | SPLICED | OTHER | st.binary(max_size=20)).map(lambda line: line.replace(b"\n", b"")), max_size=12
)


@pytest.mark.parametrize("days", [15, pytest.param(300, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])])
def test_every_line_ends_where_a_simple_reading_puts_it(days, tmp_path_factory):
    @settings(max_examples=days, deadline=None)
    @given(files=st.tuples(LINES, LINES, LINES), ended=st.booleans())
    @example(files=([], [as_bytes(log("a", "2026-11-02T05:00:00Z\xa0"))], []), ended=False)
    def holds(files, ended):
        every_line_is_where_a_simple_reading_puts_it(tmp_path_factory, files, ended)

    holds()


def every_line_is_where_a_simple_reading_puts_it(tmp_path_factory, files, ended):
    feature = make_feature(tmp_path_factory.mktemp("day"), timezone="America/New_York")
    for name, lines in zip(NAMES, files, strict=True):
        (feature.directory / "logs" / name).write_bytes(b"\n".join(lines) + (b"\n" if ended and lines else b""))
    found = read(feature, DAY)
    logs, rejected, accounts = simple_reading(files, ended)
    assert {(row["log_id"], row["ts"]) for row in found.logs} == logs
    assert len(found.logs) == len(logs)
    assert found.rejected == [place for place, _ in rejected]
    assert list(found.raw.values()) == [raw for _, raw in rejected]
    assert [
        (file.physical_lines, file.prod_logs, file.rejected, file.other_day, file.blank) for file in found.reading.files
    ] == accounts


def simple_reading(files, ended):
    """Each line by itself, in plain Python; then the duplicates."""
    begin, end = datetime(2026, 11, 2, 5, tzinfo=UTC), datetime(2026, 11, 3, 5, tzinfo=UTC)
    good, rejected, counts = [], [], []
    for name, lines in zip(NAMES, files, strict=True):
        own = name == NAMES[1]
        # the last line is none if nothing is on it
        physical = lines if ended or not lines or lines[-1] else lines[:-1]
        if not ended and lines == [b""]:
            physical = []
        count = Counter(physical=len(physical))
        counts.append(count)
        for number, line in enumerate(physical, 1):
            if not line.strip():
                count["blank"] += 1
                continue
            record, reason = parsed(line)
            ts = time_of(record.get("at"))
            if (not own and ts is None) or (ts is not None and not begin <= ts < end):
                count["other_day"] += 1
                continue
            reason = reason or reason_of(record, ts)
            if reason:
                raw = line.removesuffix(b"\r")[:RAW_BYTES].decode("utf-8", "replace")
                rejected.append(((f"logs/{name}", number, reason), raw))
                count["rejected"] += 1
            else:
                good.append((id_of(record), ts, name, number, line, count))
    stays = {}
    for id_, ts, name, number, line, count in sorted(good, key=lambda entry: entry[:4]):
        if id_ in stays:
            rejected.append(((f"logs/{name}", number, "duplicate"), line.removesuffix(b"\r").decode()))
            count["rejected"] += 1
        else:
            stays[id_] = ts
            count["logs"] += 1
    names = ("physical", "logs", "rejected", "other_day", "blank")
    return set(stays.items()), sorted(rejected), [tuple(count[name] for name in names) for count in counts]


def parsed(line):
    try:
        record = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}, "malformed"
    if not isinstance(record, dict):
        return {}, "malformed"
    try:
        line.decode()
    except UnicodeDecodeError:
        return {}, "invalid_utf8"
    return record, None


def time_of(at):
    if not isinstance(at, str):
        return None
    try:
        return datetime.fromisoformat(at.rstrip("\xa0"))  # the looser reading of times trims Unicode's spaces, too
    except ValueError:
        return None


def id_of(record):
    return None if record.get("id") in (None, "") else str(record["id"])


def is_missing(value):
    return value is None or (isinstance(value, str) and not value.strip(" \t\n\r\x0b\x0c"))


def reason_of(record, ts):
    if id_of(record) is None:
        return "missing_id"
    if ts is None:
        return "unreadable_time"
    if is_missing(record.get("error")):
        for column in ("input", "output"):
            if is_missing(record.get(column)):
                return f"empty_{column}"
    return None


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_simple_reading_knows_the_days_ends(offset):
    line = as_bytes(log("a", (datetime(2026, 11, 2, 5, tzinfo=UTC) + timedelta(microseconds=offset)).isoformat()))
    logs, _, _ = simple_reading(([], [line], []), True)
    assert bool(logs) == (offset >= 0)
