"""Dagster's dependencies are the tables that an asset really reads: no more, and none in secret."""

import json

import pytest

from pipelines import lake
from pipelines.clock import NOW_VARIABLE
from pipelines.definitions import of_feature
from pipelines.feature import Feature, features_directory, load_feature
from pipelines.lake import tables
from pipelines.orchestration.command_line_runs import run_days, run_history
from tests.messages_server import KEY, MessagesServer
from tests.nights.judged import judged_rollout
from tests.nights.rollout import START

# What an asset does not read and yet comes after.
COMES_AFTER = {
    "cold_judgments": {"cold_items"},  # they read the same file, and a mistake in it is told once
    "anchor_judgments": {"cold_items"},
    "judge_costs": {"judgments", "cold_judgments", "anchor_judgments"},  # which fill the ledger
    "funnel": {"signals"},  # its file says that the day is complete
}
LOOKS_BACK = {"gate_decisions": {"gate_log"}}  # at what was issued before


@pytest.fixture
def watched(monkeypatch) -> dict[str, set[str]]:
    """The tables that each step has read by now, by the first table that it makes."""
    read: dict[str, set[str]] = {}
    files, at = tables.files, ["before"]

    def watching(table, *arguments, **keys):
        read.setdefault(at[0], set()).add(table)
        return files(table, *arguments, **keys)

    for module in (lake, tables):
        monkeypatch.setattr(module, "files", watching)
    monkeypatch.setattr("tests.assets.test_dependencies.begin", lambda step: at.__setitem__(0, step))
    return read


def begin(step: str) -> None:
    """Called at each step's start; `watched` takes its place."""


def everything(url: str) -> Feature:
    """A feature with anchors and labels, so that no asset is left out."""
    feature = judged_rollout(url, anchors=5)
    path = features_directory() / f"{feature.name}.yaml"
    path.write_text(path.read_text() + "human_labels: {path: labels.jsonl}\n")
    label = {"day": str(START), "item_id": f"{START}-0", "criterion": "tone", "label": 4, "rater": "a"}
    (features_directory() / "labels.jsonl").write_text(json.dumps(label) + "\n")
    return load_feature(path)


def test_every_asset_depends_on_what_it_reads(monkeypatch, watched):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-03T12:00:00+00:00")
    with MessagesServer() as server:
        feature = everything(server.url)
        assets = {asset.op.name.rpartition("__")[2]: asset for asset in of_feature(feature).assets}

        def progress(said: str) -> None:
            if said in assets or said == "published":  # and not what the judge says meanwhile
                begin(said)

        run_days(feature, [START], lambda day: None, progress)
        history = run_history(feature, progress)
    assert history.succeeded, history.failures
    made_by_assets = {spec.key.path[-1] for asset in assets.values() for spec in asset.specs}
    differences = []
    for step, asset in assets.items():
        made = {spec.key.path[-1] for spec in asset.specs}
        declared = {dep.asset_key.path[-1] for spec in asset.specs for dep in spec.deps} - made
        read = (watched.get(step, set()) & made_by_assets) - made - LOOKS_BACK.get(step, set())
        differences += [f"{step} reads {table}, and does not say so" for table in sorted(read - declared)]
        unread = declared - read - COMES_AFTER.get(step, set())
        differences += [f"{step} says that it reads {table}, and does not" for table in sorted(unread)]
    assert not differences, "\n".join(differences)
