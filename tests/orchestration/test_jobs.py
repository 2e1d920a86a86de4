"""Jobs select by tags and groups: which tables each of them makes."""

import pytest

from pipelines.catalogue.tables import Layer, of_layer
from pipelines.definitions import definitions_of
from pipelines.orchestration.jobs import MAX_RUNTIME
from tests.orchestration.waiting_feature import feature_of

BASELINE = "baseline: {path: cold.jsonl}\n"
DAY = set(of_layer(Layer.DAY))
HISTORY = {*of_layer(Layer.HISTORY), "stage_history", "gate_log"} - {"calibration"}  # which needs labels
COLD_EVAL = set(of_layer(Layer.COLD_EVAL)) - {"anchor_judgments"}  # rules do not drift
BATCHES = "judge: {kind: anthropic, model: claude-haiku-5-5, redact: false, wait: 3h}\n"


def tables(feature, kind):
    job = definitions_of([feature, feature_of(name="another")]).resolve_job_def(f"drafts_{kind}")
    keys = job.asset_layer.selected_asset_keys
    assert {key.path[0] for key in keys} <= {"drafts", "published"}
    return {key.path[-1] for key in keys}


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("night", DAY | COLD_EVAL | HISTORY | {"published"}),
        ("day", DAY),
        ("collect", {"judgments", "judge_votes", "funnel", "night_summary"}),
        ("history", COLD_EVAL | HISTORY | {"published"}),
        ("decide", HISTORY | {"published"}),
    ],
)
def test_each_job_makes_the_tables_of_its_layers(kind, made):
    assert tables(feature_of(BASELINE), kind) == made


def test_a_feature_without_a_cold_eval_has_none_of_its_tables():
    assert tables(feature_of(), "night") == DAY | HISTORY | {"published"}


def test_only_where_verdicts_come_home_later_is_there_a_job_that_submits_and_ends():
    in_batches = feature_of(BASELINE + BATCHES)
    cold = COLD_EVAL | {"anchor_judgments"}
    assert tables(in_batches, "submit") == DAY | cold
    assert tables(in_batches, "cold_eval") == cold
    (schedule,) = [each for each in definitions_of([in_batches]).schedules if each.name == "drafts_nightly"]
    assert schedule.job_name == "drafts_submit"
    assert not [job for job in definitions_of([feature_of(BASELINE)]).jobs if job.name == "drafts_submit"]


def test_a_run_may_take_six_hours_more_than_its_verdicts():
    job = definitions_of([feature_of(BASELINE + BATCHES)]).resolve_job_def("drafts_night")
    assert job.tags[MAX_RUNTIME] == str((3 + 6) * 3600)
