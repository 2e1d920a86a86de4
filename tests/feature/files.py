"""The least that a feature file says, and where a test writes one."""

from pathlib import Path

from pipelines.feature import features_directory

LEAST = """\
start: 2026-10-19
logs: {path: "logs/{{ day }}.jsonl"}
"""


def write(text: str, name: str = "drafts.yaml") -> Path:
    path = features_directory() / name
    path.write_text(text)
    return path
