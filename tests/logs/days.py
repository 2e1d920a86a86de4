"""Days of log files for the tests of this folder, and what came of reading them."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from pipelines import lake
from pipelines.feature import Feature, load_feature
from pipelines.logs.account import DayReading
from pipelines.logs.ingest import ingest

DAY = date(2026, 11, 2)
FIELDS = {"log_id": "id", "ts": "at"}


def make_feature(folder: Path, **sections: Any) -> Feature:
    """A feature whose file is in `folder`, with logs in `logs/DAY.jsonl` unless told otherwise."""
    raw = {"start": "2026-11-01", "logs": {"path": "logs/{{ day }}.jsonl", "fields": FIELDS}} | sections
    path = folder / "drafts.yaml"
    folder.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    (folder / "logs").mkdir(exist_ok=True)
    return load_feature(path)


def log(id_: str, at: Any = "2026-11-02T12:00:00Z", **fields: Any) -> dict:
    return {"id": id_, "at": at, "input": "a question", "output": "an answer"} | fields


def write_lines(feature: Feature, name: str, *lines: dict | str | bytes, end: bytes = b"\n") -> Path:
    """Write lines to logs/NAME: objects as JSON, texts and bytes as they are."""
    path = feature.directory / "logs" / name
    path.write_bytes(b"".join(as_bytes(line) + end for line in lines))
    return path


def as_bytes(line: dict | str | bytes) -> bytes:
    if isinstance(line, dict):
        return json.dumps(line).encode()
    return line.encode() if isinstance(line, str) else line


@dataclass(frozen=True)
class Ingested:
    reading: DayReading
    logs: list[dict]
    rejected: list[tuple[str, int, str]]
    raw: dict[tuple[str, int], str]

    @property
    def ids(self) -> list[str]:
        return [row["log_id"] for row in self.logs]


def read(feature: Feature, day: date = DAY) -> Ingested:
    """Ingest a day, and read from the lake what is there then: logs and rejected lines, in order."""
    with lake.connect() as connection:
        reading = ingest(connection, feature, day)
        lake.read(connection, "prod_logs", "rejected_logs", "log_files", feature=feature.name, day=day)
        found = connection.execute("SELECT * FROM prod_logs ORDER BY log_id")
        names = [column[0] for column in found.description]
        logs = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        rejected = connection.execute(
            "SELECT file, line, reason, raw FROM rejected_logs ORDER BY file, line"
        ).fetchall()
    assert not reading.unaccounted
    return Ingested(reading, logs, [row[:3] for row in rejected], {row[:2]: row[3] for row in rejected})
