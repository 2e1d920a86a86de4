"""Logs in CSV and Parquet, and packed ones."""

import gzip
from datetime import UTC, datetime

import duckdb
import pytest

from pipelines.logs.containers.encoding import UnreadableFile, zstd
from tests.logs.days import FIELDS, as_bytes, log, make_feature, read

HEADER = "id,at,input,output,category\n"


def feature_of(tmp_path, ending, **logs):
    return make_feature(tmp_path, logs={"path": "logs/{{ day }}" + ending, "fields": FIELDS} | logs)


def read_csv(tmp_path, text, **logs):
    feature = feature_of(tmp_path, ".csv", **logs)
    path = tmp_path / "logs/2026-11-02.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(feature)


def rejected(ingested):
    return [(line, reason) for _, line, reason in ingested.rejected]


AT = "2026-11-02T12:00:00Z"


@pytest.mark.parametrize(("ending", "pack"), [(".jsonl.gz", gzip.compress), (".jsonl.zst", zstd.compress)])
def test_packed_lines_read_like_plain_ones(tmp_path, ending, pack):
    feature = feature_of(tmp_path, ending)
    lines = [log("a"), "", "broken", log("a")]
    (tmp_path / f"logs/2026-11-02{ending}").write_bytes(pack(b"\xef\xbb\xbf" + b"\n".join(map(as_bytes, lines))))
    found = read(feature)
    assert found.ids == ["a"]
    assert rejected(found) == [(3, "malformed"), (4, "duplicate")]
    assert (found.reading.physical_lines, found.reading.blank) == (4, 1)


@pytest.mark.parametrize(("ending", "pack"), [(".jsonl.gz", gzip.compress), (".jsonl.zst", zstd.compress)])
def test_a_packed_file_that_is_cut_off_is_an_error_that_names_it(tmp_path, ending, pack):
    feature = feature_of(tmp_path, ending)
    path = tmp_path / f"logs/2026-11-02{ending}"
    path.write_bytes(pack(b"\n".join(as_bytes(log(str(index))) for index in range(1000)))[:-20])
    with pytest.raises(UnreadableFile, match=path.name):
        read(feature)


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst", ".parquet"])
def test_a_file_that_is_something_else_is_an_error_that_names_it(tmp_path, ending):
    feature = feature_of(tmp_path, ending)
    path = tmp_path / f"logs/2026-11-02{ending}"
    path.write_bytes(b"plain text, whatever its name says\n")
    with pytest.raises(UnreadableFile, match=path.name):
        read(feature)


def test_csv_with_quoted_delimiters_newlines_and_quotes(tmp_path):
    found = read_csv(
        tmp_path,
        HEADER + f'a,{AT},"one, two","said ""yes""\non two lines",billing\r\n' + f"b,{AT},x,y,\n",
    )
    first, second = found.logs
    assert (first["input"], first["output"], first["category"]) == ("one, two", 'said "yes"\non two lines', "billing")
    assert (second["log_id"], second["category"]) == ("b", "uncategorized")
    assert found.reading.physical_lines == 2


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_the_one_the_header_has_most_of(tmp_path, delimiter):
    text = (HEADER + f"a,{AT},x,y,z\n").replace(",", delimiter)
    assert read_csv(tmp_path, text).ids == ["a"]


def test_records_that_do_not_fit_the_header_are_malformed_and_kept_as_they_stand(tmp_path):
    found = read_csv(
        tmp_path,
        HEADER + f"a,{AT},x,y,z\n" + f"b,{AT},x\n" + "\n" + f"c,{AT},x,y,z,more\n" + f"d,{AT},x,y,z\n",
    )
    assert found.ids == ["a", "d"]
    assert rejected(found) == [(2, "malformed"), (4, "malformed")]
    assert found.raw["logs/2026-11-02.csv", 2] == f"b,{AT},x"
    assert (found.reading.physical_lines, found.reading.blank) == (5, 1)


def test_a_quote_that_is_never_closed_takes_the_rest_of_the_file(tmp_path):
    found = read_csv(tmp_path, HEADER + f"a,{AT},x,y,z\n" + f'b,{AT},"x,y,z\n' + f"c,{AT},x,y,z\n")
    assert found.ids == ["a"]
    assert rejected(found) == [(2, "malformed")]
    assert found.raw["logs/2026-11-02.csv", 2].startswith(f'b,{AT},"x')


def test_text_behind_a_closing_quote_is_malformed(tmp_path):
    found = read_csv(tmp_path, HEADER + f'a,{AT},"x"yz,y,z\n' + f'b,{AT},5" pipe,y,z\n')
    assert rejected(found) == [(1, "malformed")]
    assert found.logs[0]["input"] == '5" pipe'


def test_csv_bytes_that_are_not_utf8_are_rejected_with_the_record(tmp_path):
    found = read_csv(tmp_path, (HEADER + f"a,{AT},x,y,z\n").encode() + f"b,{AT},caf\xe9,y,z\n".encode("latin-1"))
    assert found.ids == ["a"]
    assert rejected(found) == [(2, "invalid_utf8")]
    assert "caf\ufffd" in found.raw["logs/2026-11-02.csv", 2]


def test_csv_records_are_judged_like_lines(tmp_path):
    found = read_csv(
        tmp_path, HEADER + f"a,{AT},x,y,z\n,{AT},x,y,z\nb,never,x,y,z\nc,{AT},,y,z\nd,{AT},x,,z\na,{AT},x,y,z\n"
    )
    assert rejected(found) == [
        (2, "missing_id"),
        (3, "unreadable_time"),
        (4, "empty_input"),
        (5, "empty_output"),
        (6, "duplicate"),
    ]


def test_a_csv_without_records_is_a_day_without_logs(tmp_path):
    assert read_csv(tmp_path, HEADER).reading.physical_lines == 0
    assert read_csv(tmp_path, "").reading.physical_lines == 0


def test_a_csv_column_with_a_dot_in_its_name_is_quoted_in_its_path(tmp_path):
    found = read_csv(
        tmp_path,
        f'id,at,gen_ai.prompt,output,docs\na,{AT},x,y,"[{{""text"": ""t""}}]"\n',
        fields=FIELDS | {"input": '"gen_ai.prompt"', "sources": "docs"},
    )
    assert found.logs[0]["input"] == "x"
    assert found.logs[0]["sources"] == [{"id": None, "title": None, "text": "t"}]


def test_parquet_rows_are_read_with_their_types_and_nested_fields(tmp_path):
    feature = feature_of(tmp_path, ".parquet", fields=FIELDS | {"input": "request.prompt"})
    duckdb.execute(
        f"""
        COPY (
            SELECT
                i AS id,
                TIMESTAMPTZ '2026-11-02 12:00:00+01' + INTERVAL (i) SECOND AS at,
                {{'prompt': 'question ' || i}} AS request,
                CASE WHEN i <> 1 THEN 'answer' END AS output,
                [{{'id': 'kb', 'text': 'body'}}] AS sources,
                i / 4 AS cost_usd,
                CAST('nan' AS DOUBLE) AS latency_ms
            FROM range(3) AS rows (i)
        ) TO '{tmp_path}/logs/2026-11-02.parquet' (FORMAT parquet)
        """
    )
    found = read(feature)
    assert found.ids == ["0", "2"]
    assert rejected(found) == [(2, "empty_output")]
    row = found.logs[1]
    assert row["ts"] == datetime(2026, 11, 2, 11, 0, 2, tzinfo=UTC)
    assert (row["input"], row["cost_usd"], row["latency_ms"]) == ("question 2", 0.5, None)
    assert row["sources"] == [{"id": "kb", "title": None, "text": "body"}]
    assert found.reading.physical_lines == 3


def test_files_of_several_formats_make_one_day(tmp_path):
    feature = feature_of(tmp_path, ".*")
    (tmp_path / "logs/2026-11-02.csv").write_text(HEADER + f"a,{AT},x,y,z\n", encoding="utf-8")
    (tmp_path / "logs/2026-11-02.jsonl.gz").write_bytes(gzip.compress(as_bytes(log("b")) + b"\n" + as_bytes(log("a"))))
    found = read(feature)
    assert found.ids == ["a", "b"]
    assert found.rejected == [("logs/2026-11-02.jsonl.gz", 2, "duplicate")]
