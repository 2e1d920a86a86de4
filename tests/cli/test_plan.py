"""`prod-evals plan` and `prod-evals selftest` on what the lake holds of a feature."""

import json

import pytest

from pipelines import lake
from pipelines.data_directory import DATA_VARIABLE
from pipelines.planning.scores_in_lake import night_cost
from tests.nights.commands import prod_evals
from tests.nights.rollout import make_rollout


def answered(*arguments):
    answer = prod_evals(*arguments)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_the_plan_says_nights_by_n_and_why_some_are_undecidable(drafts):
    shown = answered("plan", "drafts")
    for said in (
        "items of 3 nights",
        "24 (now)",
        "to advance",
        "undecidable: the cold eval has 60 items, this band needs more than",
    ):
        assert said in shown
    assert "each stage asks for its own nights: internal 2" in shown


def test_the_plan_as_json_has_every_n_and_divergence(drafts):
    found = json.loads(answered("plan", "drafts", "--json"))
    assert {(each["n"], each["divergence"]) for each in found["plans"]} == {
        (n, divergence) for n in (24, 50, 100, 200, 400, 800) for divergence in (0.0, 0.02, 0.03)
    }
    # three verdicts an item at $0.002
    (one,) = (each for each in found["plans"] if (each["n"], each["divergence"]) == (100, 0.0))
    assert one["cost_usd_a_night"] == pytest.approx(0.60)
    assert one["cost_usd"] == pytest.approx(0.60 * one["nights"])
    assert found["baseline"]["uncertainty"] == "sampled" and found["spread_from"] == "nights"


def test_a_cold_eval_that_is_the_yardstick_is_said_to_be_one(drafts, evaluated, monkeypatch, tmp_path):
    text = (evaluated / "features" / "drafts.yaml").read_text()
    fixed = text.replace("baseline: {", "baseline: {uncertainty: fixed, ")
    assert fixed != text
    (tmp_path / "features" / "drafts.yaml").write_text(fixed)
    monkeypatch.setenv("PROD_EVALS_FEATURES", str(tmp_path / "features"))
    assert "it is taken as the yardstick itself" in answered("plan", "drafts")
    assert (
        json.loads(answered("selftest", "drafts", "--rollouts", "20", "--nights", "2", "--json"))[
            "baseline_uncertainty"
        ]
        == "fixed"
    )


def test_the_selftest_shows_progress_and_how_often_the_rule_is_wrong(drafts):
    shown = answered("selftest", "drafts", "--rollouts", "100", "--nights", "7")
    for said in ("[4/4] 12.0% below the cold eval", "100 rollouts of 7 nights, 24 items a night in 3 strata",
                 "5.0% below (band's edge)", "by design at most 5 %"):  # fmt: skip
        assert said in shown


def test_the_selftest_as_json_is_nothing_but_json_and_the_same_for_a_seed(drafts):
    arguments = ("selftest", "drafts", "--rollouts", "50", "--nights", "7", "--seed", "3", "--json")
    found = json.loads(answered(*arguments))
    assert [each["bands"] for each in found["planted"]] == [0, 1, 1.6, 2.4]
    assert found == json.loads(answered(*arguments))


def test_where_nothing_has_been_spent_nothing_is_said_of_cost():
    with lake.connect() as connection:
        lake.read(connection, "judgments", feature="drafts")
        assert night_cost(connection, 200) is None


def test_before_the_cold_eval_is_judged_they_say_what_to_run():
    make_rollout(days=1)
    for command in ("plan", "selftest"):
        answer = prod_evals(command, "drafts")
        assert answer.exit_code == 1
        assert "run `prod-evals run drafts`, which judges it even where no logs are there yet" in answer.stderr


def test_before_any_night_the_cold_eval_stands_for_production_and_that_is_said(
    drafts, evaluated, monkeypatch, tmp_path
):
    (tmp_path / "data" / "lake").mkdir(parents=True)
    for table in ("cold_items", "cold_judgments", "rubrics"):
        (tmp_path / "data" / "lake" / table).symlink_to(evaluated / "data" / "lake" / table)
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "data"))
    shown = answered("plan", "drafts")
    # 100 items at the $0.006 that one of the cold eval has cost
    assert "from the cold eval alone" in shown and "$0.60" in shown
    assert (
        json.loads(answered("selftest", "drafts", "--rollouts", "20", "--nights", "2", "--json"))["scores_from"]
        == "cold_eval"
    )
