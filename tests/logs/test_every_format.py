"""Each format of sql/formats/ makes of its sample in formats/NAME/ the logs and the account that stand beside it.

raw.jsonl      records of 2 November 2026, as the tool wrote them (or raw.csv, raw.parquet, packed or plain)
logs.jsonl     the logs, by log_id: any canonical columns, as JSON has them
account.json   the row of log_files, without file and file_day
"""

import json
import shutil
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from pipelines.catalogue.formats import format_names
from tests.logs.days import make_feature, read

SAMPLES = Path(__file__).parent / "formats"


@pytest.mark.parametrize("name", format_names())
def test_a_sample_gives_its_logs_and_its_account(tmp_path, name):
    (sample,) = (SAMPLES / name).glob("raw.*")
    expected_account = json.loads((SAMPLES / name / "account.json").read_text())
    day = expected_account["file_day"]
    feature = make_feature(tmp_path, logs={"path": "logs/{{ day }}.*", "preset": name}, start=day)
    shutil.copy(sample, feature.directory / "logs" / sample.name.replace("raw", day))
    found = read(feature, date.fromisoformat(day))
    expected = [json.loads(line) for line in (SAMPLES / name / "logs.jsonl").read_text().splitlines()]
    assert len(found.logs) == len(expected)
    for log, wanted in zip(found.logs, expected, strict=True):
        assert {column: as_json(log[column]) for column in wanted} == wanted
    (account,) = (asdict(file) for file in found.reading.files)
    assert {field: as_json(value) for field, value in account.items() if field != "file"} == expected_account


def as_json(value):
    return value.isoformat() if hasattr(value, "isoformat") else value
