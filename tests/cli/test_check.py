"""`prod-evals check`: what a day looks like to the pipeline, without changing anything."""

import re

from pipelines import lake
from pipelines.assets.judgments import make_judgments
from pipelines.assets.prod_logs import make_prod_logs
from pipelines.assets.sample import make_sample
from pipelines.data_directory import data_directory
from pipelines.feature import load_feature
from tests.nights.commands import prod_evals
from tests.nights.rollout import START, make_rollout


def test_it_shows_a_day_and_changes_nothing():
    make_rollout(days=2)
    answer = prod_evals("check", "drafts", "--day", str(START))
    assert answer.exit_code == 0, answer.output
    for shown in ("malformed", "missing_id", "duplicate", "billing", "request.prompt", "100.0%", "Cold eval"):
        assert shown in answer.stdout
    # 24 of 60 logs on three criteria, and 60 cold items
    assert "24 x 3 = 72 verdicts" in answer.stdout
    assert "60 x 3 = 180" in answer.stdout
    assert not list((data_directory() / "lake").rglob("*"))


def test_after_some_nights_it_prints_what_each_allocation_would_make_of_the_day():
    feature = make_rollout(days=1, logs=80, poor=0.3)
    assert "Allocations" not in prod_evals("check", "drafts").stdout
    with lake.connect() as connection:
        make_prod_logs(connection, feature, START)
        make_sample(connection, feature, START)
        make_judgments(connection, feature, START)
    shown = prod_evals("check", "drafts").stdout
    assert re.search(r"stratum +spread +proportional +neyman +power", shown)
    (line,) = re.findall(r"write under sample:\n  (spread: \{.*\})", shown)
    # written down as it is printed, it is what neyman uses
    path = feature.directory / "drafts.yaml"
    path.write_text(path.read_text().replace("floor: 4}", f"floor: 4, allocation: neyman, {line}}}"))
    assert set(load_feature(path).sample.spread) == {"billing", "login", "shipping"}
    assert "floor 4, neyman" in prod_evals("check", "drafts").stdout


def test_without_a_feature_it_checks_all_and_fails_for_the_broken_one():
    feature = make_rollout(days=1)
    (feature.directory / "broken.yaml").write_text("start: 2026-11-02\nlogs: {path: x}\n")
    answer = prod_evals("check")
    assert answer.exit_code == 1
    assert "drafts, Monday 02 November 2026" in answer.stdout
    assert "broken.yaml:2: logs: path has no {{ day }}" in answer.stderr


def test_missing_logs_name_the_path_that_was_looked_for():
    feature = make_rollout(days=1)
    answer = prod_evals("check", "drafts", "--day", "2026-11-05")
    assert answer.exit_code == 1
    assert str(feature.directory / "logs" / "drafts" / "2026-11-05.jsonl") in answer.stderr


def test_a_criterion_that_the_offline_judge_has_no_rules_for_is_an_error(tmp_path):
    feature = make_rollout(days=1)
    path = feature.directory / "drafts.yaml"
    path.write_text(path.read_text() + "judge: {criteria: {brevity: 1}}\n")
    answer = prod_evals("check", "drafts")
    assert answer.exit_code == 1
    assert "judge_prompts/brevity.md: there is no such criterion" in answer.stderr


def test_without_any_feature_it_says_how_to_begin():
    answer = prod_evals("check")
    assert answer.exit_code == 1
    assert "no feature files in" in answer.stderr
    assert "prod-evals demo" in answer.stderr


def test_text_from_logs_is_no_command_to_the_terminal():
    feature = make_rollout(days=1)
    log = feature.directory / "logs" / "drafts" / f"{START}.jsonl"
    log.write_text(log.read_text().replace('"billing"', '"[red]\\u001b[2Jbilling"'))
    answer = prod_evals("check", "drafts")
    assert "\x1b[2J" not in answer.stdout
    assert "[red]·[2Jbilling" in answer.stdout


def test_human_labels_are_counted_and_a_line_that_cannot_be_used_is_told():
    feature = make_rollout(days=1)
    path = feature.directory / "drafts.yaml"
    path.write_text(path.read_text() + "human_labels: {path: labels.jsonl}\n")
    labels = feature.directory / "labels.jsonl"
    labels.write_text('{"item_id": "c1", "criterion": "tone", "label": 4}\n')
    assert "Human labels: 1 in 1 file." in prod_evals("check", "drafts").stdout
    labels.write_text('{"item_id": "c1", "criterion": "tone"}\n')
    answer = prod_evals("check", "drafts")
    assert answer.exit_code == 1
    assert "labels.jsonl:1: has no label" in answer.stderr
