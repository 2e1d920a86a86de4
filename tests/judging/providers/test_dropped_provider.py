"""A provider that was dropped beside ours goes the whole way, from the feature file to what a person reads."""

import re

import pytest

from pipelines.assets.judgments import make_judgments
from pipelines.assets.prod_logs import make_prod_logs
from pipelines.assets.sample import make_sample
from pipelines.data_directory import data_directory
from pipelines.feature import FeatureError
from pipelines.judging.judges import judge_label, label
from pipelines.judging.providers import provider_names
from tests.judging.providers.dropped import dropped_in
from tests.nights.commands import prod_evals
from tests.nights.judged import SAMPLED, change, judged_rollout, make_day, rows, statuses
from tests.nights.rollout import START


@pytest.fixture
def dropped():
    with dropped_in():
        yield


def rollout(**judge):
    return judged_rollout(None, kind="word_count", **{"criteria": {"tone": 1}} | judge)


def test_its_package_is_all_that_makes_it_known(dropped):
    assert provider_names() == ["offline", "anthropic", "word_count"]


def test_without_its_package_the_feature_file_is_wrong_and_says_who_there_is():
    with pytest.raises(FeatureError, match=r"judge.kind is 'word_count'; it must be 'offline' or 'anthropic' \("):
        rollout()
    assert label("word_count", "word count 1") == "word count 1"  # of a decision that it was once part of


def test_fields_of_its_own_are_validated_and_a_mistake_in_them_is_told_as_in_any_other(dropped):
    assert rollout(enough=30).judge.enough == 30
    assert rollout().judge.enough == 20
    with pytest.raises(FeatureError) as error:
        rollout(enough=0)
    assert re.search(
        r"drafts\.yaml:\d+: judge\.enough is 0; .*greater than or equal to 1 \(how many words an answer needs",
        str(error.value),
    )
    with pytest.raises(FeatureError, match=r"judge.enogh is not a field; did you mean enough\?"):
        rollout(enogh=30)


def test_fields_of_its_own_are_nobody_elses():
    with pytest.raises(FeatureError, match="judge.enough is not a field"):
        judged_rollout(None, kind="offline", enough=30)


def test_a_day_is_judged_by_it_and_a_budget_makes_its_sample_smaller(dropped):
    feature = rollout(enough=30, anchors=5)
    make_day(feature, make_prod_logs, make_sample, make_judgments)
    assert statuses() == {"scored": SAMPLED}
    judged = rows("SELECT DISTINCT judge_model, cost_usd > 0, input_tokens > 0, batch_id FROM judgments", "judgments")
    assert judged == [("word count 1", True, True, None)]
    paid = rows("SELECT sum(cost_usd) FROM judgments", "judgments")[0][0]
    assert feature.has_anchors
    assert judge_label(feature) == "word count 1 (it counts words)"
    # its bounds are dearer than what it takes, so a budget of what was paid is one for fewer logs
    make_day(change(feature, '"criteria"', f'"budget_usd": {paid}, "criteria"'), make_sample, make_judgments)
    (sampled,) = rows("SELECT count(*) FROM sample", "sample")[0]
    assert 1 <= sampled < SAMPLED


def test_another_setting_of_it_is_another_ruler(dropped):
    for enough in (30, 40):
        make_day(rollout(enough=enough), make_prod_logs, make_sample, make_judgments)
    assert rows("SELECT count(DISTINCT ruler_id) FROM judgments", "judgments") == [(1,)]
    assert rows("SELECT count(*), min(judge) FROM rulers", "rulers") == [(2, "word_count")]


def test_check_shows_what_it_is_sent_and_what_it_costs(dropped):
    rollout(anchors=5)
    shown = prod_evals("check", "drafts")
    assert shown.exit_code == 0, shown.output
    assert "tone, as word count 1 is asked" in shown.stdout
    assert "What word count 1 costs at most, live; prompts reckoned from bytes" in shown.stdout
    assert f"{START}" in shown.stdout
    assert re.search(r"its anchors, every date +5 +5 +0\.\d+", shown.stdout)


def test_whole_nights_of_it_end_in_a_decision_that_says_who_judged(dropped, monkeypatch):
    monkeypatch.setenv("PROD_EVALS_NOW", f"{START.replace(day=START.day + 1)}T05:00:00+00:00")
    rollout(anchors=5)
    ended = prod_evals("run", "drafts")
    assert ended.exit_code == 0, ended.output
    assert "scores by word count 1 (it counts words)" in ended.stdout
    assert "Scores by word count 1 (it counts words)." in prod_evals("gate", "drafts").stdout
    (page,) = data_directory().rglob("drafts.html")
    assert "Scores by the word_count judge: it counts words." in page.read_text(encoding="utf-8")
