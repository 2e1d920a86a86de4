"""Which files are read for a day."""

from datetime import date

import pytest

from pipelines.errors import UserError
from pipelines.feature import FileFormat
from pipelines.logs.containers.encoding import Compression, Encoding, UnreadableFile
from pipelines.logs.sources import log_source
from pipelines.logs.sources.source import MissingLogs
from tests.logs.days import DAY, make_feature


def touch(feature, *names):
    for name in names:
        path = feature.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def logs_at(path, **more):
    return {"logs": {"path": path, **more}}


def test_a_utc_feature_reads_only_the_days_own_file(tmp_path):
    feature = make_feature(tmp_path)
    touch(feature, "logs/2026-11-01.jsonl", "logs/2026-11-02.jsonl", "logs/2026-11-03.jsonl")
    assert [(file.label, file.own) for file in log_source(feature).day_parts(DAY)] == [("logs/2026-11-02.jsonl", True)]


def test_another_time_zone_reads_a_neighbour_on_each_side(tmp_path):
    feature = make_feature(tmp_path, timezone="America/New_York")
    touch(feature, "logs/2026-11-01.jsonl", "logs/2026-11-02.jsonl", "logs/2026-11-03.jsonl")
    assert [(file.label, file.part_day, file.own) for file in log_source(feature).day_parts(DAY)] == [
        ("logs/2026-11-01.jsonl", date(2026, 11, 1), False),
        ("logs/2026-11-02.jsonl", date(2026, 11, 2), True),
        ("logs/2026-11-03.jsonl", date(2026, 11, 3), False),
    ]


def test_a_missing_neighbour_is_told_and_no_error(tmp_path):
    feature = make_feature(tmp_path, timezone="America/New_York")
    touch(feature, "logs/2026-11-02.jsonl", "logs/2026-11-03.jsonl")
    assert len(log_source(feature).day_parts(DAY)) == 2
    assert log_source(feature).missing_neighbours(DAY) == [str(tmp_path / "logs/2026-11-01.jsonl")]


def test_a_file_that_the_patterns_of_several_days_match_is_read_once_as_the_days_own(tmp_path):
    feature = make_feature(
        tmp_path, **logs_at("logs/{{ day.strftime('%Y-%m') }}.jsonl", read_days={"before": 1, "after": 1})
    )
    touch(feature, "logs/2026-11.jsonl")
    assert [(file.label, file.own) for file in log_source(feature).day_parts(DAY)] == [("logs/2026-11.jsonl", True)]


def test_globs_find_the_parts_of_a_day_in_folders(tmp_path):
    feature = make_feature(tmp_path, **logs_at("logs/{{ day.strftime('%Y/%m/%d') }}/**/*.jsonl"))
    touch(feature, "logs/2026/11/02/a/1.jsonl", "logs/2026/11/02/b/2.jsonl", "logs/2026/11/03/a/1.jsonl")
    found = [file.label for file in log_source(feature).day_parts(DAY)]
    assert found == ["logs/2026/11/02/a/1.jsonl", "logs/2026/11/02/b/2.jsonl"]


def test_folders_and_names_that_look_like_globs_are_taken_literally(tmp_path):
    feature = make_feature(tmp_path / "it's [odd] *", **logs_at("logs/[a] {{ day }}?'.jsonl"))
    touch(feature, "logs/[a] 2026-11-02?'.jsonl")
    assert [file.label for file in log_source(feature).day_parts(DAY)] == ["logs/[a] 2026-11-02?'.jsonl"]
    globbing = make_feature(tmp_path / "it's [odd] *", **logs_at("logs/*{{ day }}*.jsonl"))
    assert len(log_source(globbing).day_parts(DAY)) == 1


def test_an_error_names_the_missing_file_and_what_is_there_instead(tmp_path):
    feature = make_feature(tmp_path)
    touch(feature, "logs/2026-11-05.jsonl", "logs/2026-11-04.jsonl")
    with pytest.raises(MissingLogs) as raised:
        log_source(feature).day_parts(DAY)
    message = str(raised.value)
    assert str(tmp_path / "logs/2026-11-02.jsonl") in message
    assert "holds 2 other files, the last of them 2026-11-05.jsonl" in message
    assert "correct logs.path" in message


def test_an_error_names_a_missing_folder(tmp_path):
    feature = make_feature(tmp_path, **logs_at("nowhere/{{ day }}.jsonl"))
    with pytest.raises(MissingLogs, match="there is no folder .*nowhere"):
        log_source(feature).day_parts(DAY)


def test_neighbours_alone_are_not_the_days_logs(tmp_path):
    feature = make_feature(tmp_path, timezone="America/New_York")
    touch(feature, "logs/2026-11-03.jsonl")
    with pytest.raises(MissingLogs):
        log_source(feature).day_parts(DAY)


def test_logs_are_there_once_the_later_neighbour_is(tmp_path):
    feature = make_feature(tmp_path, timezone="America/New_York")
    touch(feature, "logs/2026-11-02.jsonl")
    assert not log_source(feature).is_ready(DAY)
    touch(feature, "logs/2026-11-03.jsonl")
    assert log_source(feature).is_ready(DAY)  # the earlier one may be before the first day


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x.jsonl", (FileFormat.JSONL, Compression.NONE)),
        ("x.ndjson.gz", (FileFormat.JSONL, Compression.GZIP)),
        ("x.json.zst", (FileFormat.JSONL, Compression.ZSTD)),
        ("x.CSV", (FileFormat.CSV, Compression.NONE)),
        ("x.csv.gz", (FileFormat.CSV, Compression.GZIP)),
        ("x.parquet", (FileFormat.PARQUET, Compression.NONE)),
    ],
)
def test_a_files_ending_tells_its_format_and_compression(tmp_path, name, expected):
    feature = make_feature(tmp_path, **logs_at("logs/{{ day }}/" + name))
    touch(feature, f"logs/2026-11-02/{name}")
    (file,) = log_source(feature).day_parts(DAY)
    assert file.encoding == Encoding(*expected)


def test_an_unknown_ending_is_an_error_that_lists_the_known_ones(tmp_path):
    feature = make_feature(tmp_path, **logs_at("logs/{{ day }}.log"))
    touch(feature, "logs/2026-11-02.log")
    with pytest.raises(UnreadableFile, match=r"\.jsonl, \.ndjson, \.json, \.csv, \.parquet"):
        log_source(feature).day_parts(DAY)


def test_logs_format_tells_what_an_ending_does_not(tmp_path):
    feature = make_feature(tmp_path, **logs_at("logs/{{ day }}.log.gz", format="jsonl"))
    touch(feature, "logs/2026-11-02.log.gz")
    (file,) = log_source(feature).day_parts(DAY)
    assert file.encoding == Encoding(FileFormat.JSONL, Compression.GZIP)


def test_parquet_that_is_packed_again_is_an_error(tmp_path):
    feature = make_feature(tmp_path, **logs_at("logs/{{ day }}.parquet.gz"))
    touch(feature, "logs/2026-11-02.parquet.gz")
    with pytest.raises(UnreadableFile, match="compressed inside"):
        log_source(feature).day_parts(DAY)


@pytest.mark.parametrize("path", ["{{ day.nothing() }}", "{{ day", "{{ day }}{{ month }}", "{{ day / 0 }}"])
def test_a_path_that_cannot_be_rendered_is_an_error_that_names_the_field(tmp_path, path):
    feature = make_feature(tmp_path)
    feature.logs.__dict__["path"] = path
    with pytest.raises(UserError, match="logs.path is"):
        log_source(feature).day_parts(DAY)


def test_a_path_cannot_reach_into_python(tmp_path):
    feature = make_feature(tmp_path, **logs_at("{{ day.__class__.__mro__ }}"))
    with pytest.raises(UserError):
        log_source(feature).day_parts(DAY)
