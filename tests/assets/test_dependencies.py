"""Dagster's dependencies are the tables that an asset really reads: no more, and none in secret."""

import json

import pytest

from pipelines import lake
from pipelines.catalogue.tables import Layer, folders
from pipelines.clock import NOW_VARIABLE
from pipelines.definitions import of_feature
from pipelines.feature import Feature, features_directory, load_feature
from pipelines.running import run_days, run_history
from tests.messages_server import KEY, MessagesServer
from tests.nights.judged import judged_rollout
from tests.nights.rollout import START

# Records that no asset makes: they are appended to by whoever has something to add.
WITHOUT_ASSET = {
    name for name, folder in folders().items() if folder.layer is Layer.RECORD and name not in ("stage_history", "gate_log")
}


@pytest.fixture
def watched(monkeypatch) -> dict[str, set[str]]:
    """The tables that each step has read by now, by the first table that it makes."""
    read: dict[str, set[str]] = {}
    scan, at = lake.scan, ["before"]

    def watching(table, found):
        read.setdefault(at[0], set()).add(table)
        return scan(table, found)

    monkeypatch.setattr(lake, "scan", watching)
    read["step"] = set()
    monkeypatch.setattr("tests.assets.test_dependencies.begin", lambda step: at.__setitem__(0, step))
    return read


def begin(step: str) -> None:
    """Called at each step's start; `watched` takes its place."""


def everything(url: str) -> Feature:
    """A feature with anchors and labels, so that no asset is left out."""
    feature = judged_rollout(url)
    path = features_directory() / f"{feature.name}.yaml"
    path.write_text(path.read_text() + "human_labels: {path: labels.jsonl}\n")
    label = {"day": str(START), "item_id": f"{START}-0", "criterion": "tone", "level": 4, "rater": "a"}
    (features_directory() / "labels.jsonl").write_text(json.dumps(label) + "\n")
    return load_feature(path)


def test_every_asset_depends_on_what_it_reads(monkeypatch, watched):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T12:00:00+00:00")
    with MessagesServer() as server:
        feature = everything(server.url)
        run_days(feature, [START], lambda day: None, lambda step: begin(step))
        history = run_history(feature, lambda step: begin(step))
    assert history.succeeded, history.failures
    declared, differences = {}, {}
    for asset in of_feature(feature).assets:
        made = {spec.key.path[-1] for spec in asset.specs}
        deps = {dep.asset_key.path[-1] for spec in asset.specs for dep in spec.deps} - made
        step = asset.op.name.rpartition("__")[2]
        declared[step] = deps
        if (read := watched.get(step, set()) - made - WITHOUT_ASSET) != deps:
            differences[step] = f"reads {sorted(read - deps)} undeclared; declares {sorted(deps - read)} unread"
    assert set(declared) <= set(watched) | {"cold_items", "prod_logs"}  # which read files
    assert differences == {}
