"""divergence from the lake: which nights count, what is pooled with what, and a row for all that is missing."""

import shutil
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from pipelines import lake
from pipelines.assets.divergence import make_divergence
from pipelines.assets.nights import make_nights
from pipelines.clock import NOW_VARIABLE
from pipelines.feature import Feature, features_directory, load_feature
from pipelines.statistics.confidence_sequence import student
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.verdict import Estimate, p_below
from tests.lake.places import path_of
from tests.publishing.rows import write

START = date(2026, 11, 2)
CRITERIA = {"addressed": 1.0, "tone": 0.5}
FEATURE = """\
start: 2026-11-02
logs: {path: "{{ day }}.jsonl"}
ramp:
  stages: [{name: internal}, {name: "5%"}]
  history: [{stage: internal, from: 2026-11-02}, {stage: "5%", from: 2026-11-06}]
"""


@pytest.fixture
def feature(monkeypatch) -> Feature:
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-08T12:00:00+00:00")  # through the 7th, the sixth day
    path = features_directory() / "drafts.yaml"
    path.write_text(FEATURE)
    made = load_feature(path)
    rubric = [{"criterion": name, "ruler_id": name, "weight": weight} for name, weight in CRITERIA.items()]
    for rubric_id in ("r", "newer"):
        write("rubrics", rubric, feature=made.name, rubric_id=rubric_id)
    return made


def day(number: int) -> date:
    return START + timedelta(days=number)


def item(score: float | str, category: str = "billing", tone: float | str = 1.0, **more) -> dict:
    return {"category": category, "cohort": "internal", "addressed": score, "tone": tone, "prompt_version": "v1"} | more


def items(scores: list[float], **more) -> list[dict]:
    return [item(score, **more) for score in scores]


def write_night(feature: Feature, number: int, judged: list[dict], rubric_id="r", baseline_id="b", funnel=True) -> None:
    """A night of items, one stratum per category, all of it sampled; a judgment is a score or a status."""
    keys: dict[str, Any] = {"feature": feature.name, "day": day(number)}
    sizes = {each["category"]: sum(other["category"] == each["category"] for other in judged) for each in judged}
    sampled, judgments = [], []
    for place, each in enumerate(judged):
        size = sizes[each["category"]]
        about = {
            "log_id": f"log-{place:03}",
            "stratum": each["category"],
            "stratum_size": size,
            "stratum_sampled": size,
        }
        sampled.append({"weight": 1.0} | {name: value for name, value in each.items() if name not in CRITERIA} | about)
        for criterion in CRITERIA:
            found = each[criterion]
            outcome = {"status": found} if isinstance(found, str) else {"status": "scored", "score": found}
            known = {"item_kind": "prod", "item_id": about["log_id"], "criterion": criterion, "ruler_id": criterion}
            judgments.append(known | outcome | {"rubric_id": rubric_id, "baseline_id": baseline_id})
    write("sample", sampled, **keys)
    write("judgments", judgments, **keys)
    if funnel:
        write("funnel", [{"stage": "sample", "status": "scored", "items": len(judged)}], **keys)


def write_baseline(
    feature: Feature, mean=0.8, rubric_id="r", baseline_id="b", categories=("billing",), standard_error=0.0
) -> None:
    known = {"mean": mean, "standard_error": standard_error, "items": 600}
    slices = [("overall", "all"), *(("category", category) for category in categories)]
    rows = [
        known | {"slice_kind": kind, "slice": slice_, "criterion": criterion}
        for kind, slice_ in slices
        for criterion in (*CRITERIA, "overall")
    ]
    write("baseline", rows, feature=feature.name, baseline_id=baseline_id, rubric_id=rubric_id)


def fixed_yardstick(feature: Feature) -> Feature:
    path = features_directory() / f"{feature.name}.yaml"
    path.write_text(FEATURE + "baseline: {path: cold.jsonl, uncertainty: fixed}\n")
    return load_feature(path)


def made(feature: Feature) -> dict[tuple, dict]:
    """The rows of divergence, by day's number, window, slice_kind, slice and criterion."""
    with lake.connect() as connection:
        make_nights(connection, feature)
        make_divergence(connection, feature)
        lake.read(connection, "divergence", feature=feature.name)
        result = connection.execute("FROM divergence")
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    keyed = {
        ((row["day"] - START).days, row["window"], row["slice_kind"], row["slice"], row["criterion"]): row
        for row in rows
    }
    assert len(keyed) == len(rows)
    return keyed


def overall(rows: dict[tuple, dict], number: int, window: str = "epoch") -> dict:
    return rows[number, window, "overall", "all", "overall"]


def test_a_feature_without_any_night_has_a_row_for_every_day_that_is_due(feature):
    rows = made(feature)
    assert set(rows) == {(n, window, "overall", "all", "overall") for n in range(6) for window in ("night", "epoch")}
    assert {row["verdict"] for row in rows.values()} == {"no_data"}
    assert [overall(rows, n)["stage"] for n in (3, 4)] == ["internal", "5%"]


def test_nights_are_pooled_over_the_epoch_each_counting_once(feature):
    # the overall score of addressed a and tone 1: (a + 0.5) / 1.5
    write_baseline(feature)
    write_night(feature, 0, items([1.0, 0.25] * 20))  # 1 and 0.5: mean 0.75
    write_night(feature, 1, items([1.0] * 10 + [0.25] * 30))  # mean 0.625
    rows = made(feature)
    assert overall(rows, 1, "night")["prod_mean"] == pytest.approx(0.625)
    pooled = overall(rows, 1)
    assert (pooled["prod_mean"], pooled["nights"], pooled["items"]) == (pytest.approx(0.6875), 2, 80)
    assert pooled["difference"] == pytest.approx(-0.1125)
    assert (pooled["epoch_start"], pooled["rubric_id"], pooled["baseline_id"]) == (day(0), "r", "b")
    # 20 of each of 1 and 0.5: s^2 = 0.25^2 * 40/39; v = s^2 / 40 = 0.0625 / 39. And 10 and 30: 0.1875 * 0.25 / 39.
    # Two nights show no spread of their own: tau^2 = (0.02 * 0.6875)^2, of which the mean of two has half
    tau2 = (0.02 * 0.6875) ** 2
    assert pooled["prod_standard_error"] ** 2 == pytest.approx((0.0625 / 39 + 0.1875 * 0.25 / 39) / 4 + tau2 / 2)
    # Wilson with t of 39 degrees = 1.6849 and n = 0.625 * 0.375 / (0.1875 * 0.25 / 39) = 195:
    # (0.625 + 0.00728) / 1.01456 -+ 0.0580
    night = overall(rows, 1, "night")
    assert (night["prod_low"], night["prod_high"]) == pytest.approx((0.5652, 0.6812), abs=1e-4)


def test_a_missing_and_an_incomplete_day_neither_count_nor_end_the_epoch(feature):
    write_baseline(feature)
    write_night(feature, 0, items([1.0] * 30))
    write_night(feature, 2, items([0.0] * 30), funnel=False)
    write_night(feature, 3, items([1.0] * 30))
    rows = made(feature)
    assert [overall(rows, n)["verdict"] for n in (1, 2)] == ["no_data", "no_data"]
    assert (overall(rows, 3)["nights"], overall(rows, 3)["epoch_start"]) == (2, day(0))
    assert overall(rows, 3)["prod_mean"] == 1.0


def test_a_sampled_log_that_lacks_a_judgment_makes_the_day_incomplete(feature):
    write_baseline(feature)
    write_night(feature, 0, items([1.0] * 30))
    extra = [{"log_id": "unjudged", "stratum": "billing", "weight": 1.0, "category": "billing"}]
    keys = {"feature": feature.name, "day": day(0)}
    with lake.connect() as connection:
        lake.read(connection, "sample", **keys)
        kept = connection.execute("SELECT log_id, stratum, weight, category FROM sample").fetchall()
    kept = [dict(zip(("log_id", "stratum", "weight", "category"), row, strict=True)) for row in kept]
    write("sample", kept + extra, **keys)
    assert overall(made(feature), 0)["verdict"] == "no_data"


@pytest.mark.parametrize(
    "changed", [{"rubric_id": "newer"}, {"baseline_id": "newer"}, {"prompt_version": "v2"}, {"stage": "5%"}]
)
def test_what_is_not_comparable_is_not_pooled(feature, changed):
    first, second = (0, 4) if "stage" in changed else (0, 1)
    write_baseline(feature)
    write_night(feature, first, items([1.0] * 30))
    version = {name: value for name, value in changed.items() if name == "prompt_version"}
    ids = {name: value for name, value in changed.items() if name.endswith("_id")}
    write_night(feature, second, items([0.0] * 30, **version), **ids)
    pooled = overall(made(feature), second)
    assert (pooled["nights"], pooled["epoch_start"]) == (1, day(second))


def test_a_day_of_two_prompt_versions_stays_in_the_epoch_it_ends(feature):
    write_baseline(feature)
    write_night(feature, 0, items([1.0] * 30))
    write_night(feature, 1, items([1.0] * 20) + items([1.0] * 10, prompt_version="v2"))
    write_night(feature, 2, items([1.0] * 5) + items([1.0] * 25, prompt_version="v2"))
    rows = made(feature)
    assert [overall(rows, n)["epoch_start"] for n in range(3)] == [day(0), day(0), day(2)]


def test_scores_of_an_old_ruler_compare_with_the_cold_eval_by_that_ruler_or_with_nothing(feature):
    write_baseline(feature, mean=0.8)
    write_night(feature, 0, items([1.0] * 30))
    write_night(feature, 1, items([1.0] * 30), rubric_id="newer")
    rows = made(feature)
    assert overall(rows, 0)["baseline_mean"] == 0.8
    assert (overall(rows, 1)["verdict"], overall(rows, 1)["baseline_mean"]) == ("no_baseline", None)
    assert overall(rows, 1)["prod_mean"] == 1.0


def test_categories_on_one_side_only_are_rows_too(feature):
    write_baseline(feature, categories=("billing", "only cold"))
    write_night(feature, 0, items([1.0] * 30) + items([0.5] * 30, category="only prod"))
    rows = made(feature)
    for window in ("night", "epoch"):
        only_prod = rows[0, window, "category", "only prod", "overall"]
        only_cold = rows[0, window, "category", "only cold", "overall"]
        assert (only_prod["verdict"], only_prod["items"]) == ("no_baseline", 30)
        assert (only_cold["verdict"], only_cold["items"], only_cold["baseline_mean"]) == ("no_data", 0, 0.8)


def test_a_cohort_compares_with_the_whole_cold_eval_and_a_category_with_its_own(feature):
    write_baseline(feature)
    write_night(feature, 0, items([1.0] * 30, cohort=None))
    rows = made(feature)
    assert rows[0, "night", "cohort", "(none)", "overall"]["baseline_mean"] == 0.8
    assert rows[0, "night", "category", "billing", "overall"]["baseline_mean"] == 0.8


def test_locale_and_model_are_slices_where_there_are_two_of_them(feature):
    write_baseline(feature)
    write_night(feature, 0, items([1.0] * 30, model="m1", locale="en") + items([1.0] * 30, model="m2", locale="en"))
    kinds = {kind for _, _, kind, _, _ in made(feature)}
    assert kinds == {"overall", "category", "cohort", "model"}


def test_items_without_a_score_on_a_criterion_are_left_out_of_it_alone(feature):
    write_baseline(feature)
    write_night(
        feature, 0, items([1.0] * 30) + items([0.5] * 10, tone="not_applicable") + items([0.0] * 5, tone="errored")
    )
    rows = made(feature)
    by = {criterion: rows[0, "night", "overall", "all", criterion] for criterion in (*CRITERIA, "overall")}
    # tone applies to 30; the five that failed on tone still have a score on addressed, and none overall
    assert {criterion: row["items"] for criterion, row in by.items()} == {"addressed": 45, "tone": 30, "overall": 40}
    assert by["addressed"]["prod_mean"] == pytest.approx(35 / 45)
    # 30 at 1 and 10 at 0.5, as tone has no weight there
    assert by["overall"]["prod_mean"] == pytest.approx(35 / 40)


def test_weights_carry_the_design_into_the_mean(feature):
    write_baseline(feature)
    write_night(feature, 0, items([1.0] * 20, weight=9.0, tone=1.0) + items([0.0] * 20, category="rare", tone=0.0))
    # 180 logs at 1 and 20 at 0
    assert overall(made(feature), 0)["prod_mean"] == pytest.approx(0.9)


def test_below_in_one_category_is_adjusted_for_every_category_and_cohort(feature):
    write_baseline(feature, categories=("a", "b", "c"))
    poor, fair = items([0.4, 0.775] * 30, category="a"), [0.9, 0.6] * 30
    write_night(feature, 0, poor + items(fair, category="b") + items(fair, category="c"))
    rows = made(feature)
    found = {name: rows[0, "night", "category", name, "overall"] for name in "abc"}
    assert [found[name]["verdict"] for name in "abc"] == ["below", "inconclusive", "inconclusive"]
    # overall scores of a: 0.6 and 0.85, mean 0.725 and v = 0.125^2 / 59 = 0.00026483; the edge 0.76 is 0.035 above. The
    # cold eval's error is the floor of 600 items alike: 2 (0.8 / 604)^2 = 3.5086e-6. p is where
    # 0.035^2 = t_{1-p}^2 0.00026483 + z_{1-p/2}^2 0.95^2 3.5086e-6, t of 59 degrees: 2.1352 and 2.356, p = 0.018452;
    # by Holm times 4, with the one cohort
    assert found["a"]["adjusted_p"] == pytest.approx(4 * 0.018452, rel=1e-3)
    assert found["b"]["adjusted_p"] == 1.0


def test_what_only_informs_is_adjusted_by_its_rate_of_false_discoveries(feature):
    write_baseline(feature, categories=("a", "b"))
    write_night(feature, 0, items([0.25, 0.625] * 15, category="a") + items([0.5, 0.75] * 15, category="b"))
    rows = made(feature)
    informing = {
        key: row
        for key, row in rows.items()
        if key[1] == "night" and row["adjusted_p"] is not None and not (key[4] == "overall" and key[2] != "overall")
    }
    single = informing.pop((0, "night", "overall", "all", "overall"))
    # addressed and tone, of all logs, of the two categories and of the one cohort
    assert len(informing) == 8
    assert [row["adjusted_p"] for key, row in informing.items() if key[4] == "tone"] == [1.0] * 4
    # of the eight, addressed of all logs and of their one cohort are the least and alike: the second of them is p * 8 / 2
    whole, cohort = (rows[0, "night", *slice_, "addressed"] for slice_ in (("overall", "all"), ("cohort", "internal")))
    mean, variance, cold = whole["prod_mean"], whole["prod_standard_error"] ** 2, whole["baseline_standard_error"] ** 2
    p = p_below(
        View(np.array(mean), np.array(variance)), Estimate(np.array(0.8), np.array(cold), 600), 0.05, student(58)
    )
    assert whole["adjusted_p"] == cohort["adjusted_p"] == pytest.approx(4 * float(p), rel=1e-6, abs=0)
    assert single["adjusted_p"] < 1e-3


def test_few_items_of_a_slice_give_no_verdict(feature):
    write_baseline(feature)
    write_night(feature, 0, items([1.0] * 30) + items([0.0] * 19, cohort="spanish"))
    row = made(feature)[0, "night", "cohort", "spanish", "overall"]
    assert (row["verdict"], row["items"], row["adjusted_p"]) == ("small_cell", 19, None)


def test_days_before_the_start_and_after_the_last_that_is_due_are_left_out(feature, monkeypatch):
    write_baseline(feature)
    write_night(feature, -1, items([0.0] * 30))
    write_night(feature, 0, items([1.0] * 30))
    write_night(feature, 6, items([0.0] * 30))
    rows = made(feature)
    assert {number for number, *_ in rows} == set(range(6))
    assert overall(rows, 0)["nights"] == 1


def test_equal_inputs_give_equal_rows_and_a_changed_verdict_another_digest(feature):
    write_baseline(feature)
    write_night(feature, 0, items([1.0, 0.25] * 20))
    write_night(feature, 1, items([1.0] * 40))
    first = made(feature)
    assert made(feature) == first
    write_night(feature, 0, items([1.0, 0.25] * 19 + [1.0, 0.5]))
    second = made(feature)
    for window in ("night", "epoch"):
        assert overall(second, 0, window)["inputs_digest"] != overall(first, 0, window)["inputs_digest"]
    assert overall(second, 1, "night")["inputs_digest"] == overall(first, 1, "night")["inputs_digest"]
    assert overall(second, 1, "epoch")["inputs_digest"] != overall(first, 1, "epoch")["inputs_digest"]


def moving(number: int) -> list[dict]:
    """A night of two categories, whose scores and mix depend on its number."""
    return items([1.0] * (20 + number) + [0.25] * (8 - number)) + items([0.5, 0.75, 0.75] * 9, category="login")


def test_nights_that_were_made_in_any_order_give_the_same_rows(feature):
    write_baseline(feature, categories=("billing", "login"))
    for number in range(4):
        write_night(feature, number, moving(number))
    in_order = made(feature)
    for number in range(4):
        shutil.rmtree(path_of("sample", feature=feature.name, day=day(number)).parent)
    for number in (2, 0, 3, 1):
        write_night(feature, number, moving(number))
        if number == 0:
            assert overall(made(feature), 2)["nights"] == 2
    assert made(feature) == in_order


def test_the_order_of_items_changes_nothing(feature):
    write_baseline(feature, categories=("billing", "login"))
    write_night(feature, 0, moving(0))
    first = made(feature)
    write_night(feature, 0, moving(0)[::-1])  # other ids for the same scores
    for key, row in made(feature).items():
        for name in set(row) - {"inputs_digest"}:
            before = first[key][name]
            assert row[name] == (pytest.approx(before, rel=1e-12) if isinstance(before, float) else before)


def test_a_late_change_to_a_day_restates_it_and_the_nights_after_it_and_none_before(feature):
    write_baseline(feature)
    for number in range(4):
        write_night(feature, number, items([1.0, 0.25] * 20))
    before = made(feature)
    write_night(feature, 1, items([1.0, 0.5] * 20))
    after = made(feature)
    changed = {number for number in range(4) if overall(before, number) != overall(after, number)}
    assert changed == {1, 2, 3}
    assert overall(before, 3, "night") == overall(after, 3, "night")
    assert overall(after, 3)["inputs_digest"] != overall(before, 3)["inputs_digest"]


def test_the_spread_of_nights_is_learnt_across_epochs_of_one_rubric_and_the_digest_knows(feature):
    write_baseline(feature)
    for number in range(4):
        write_night(feature, number, items([1.0] * (20 + 5 * (number % 2)) + [0.25] * (20 - 5 * (number % 2))))
    write_night(feature, 4, items([1.0, 0.25] * 20))  # another stage
    learnt = overall(made(feature), 4)
    for number in range(4):
        write_night(feature, number, items([1.0] * (15 + 15 * (number % 2)) + [0.25] * (25 - 15 * (number % 2))))
    restless = overall(made(feature), 4)
    assert (restless["nights"], restless["prod_mean"]) == (learnt["nights"], learnt["prod_mean"])
    assert restless["prod_standard_error"] > learnt["prod_standard_error"]
    assert restless["inputs_digest"] != learnt["inputs_digest"]


def test_an_epoch_is_held_to_a_wider_reach_than_a_night(feature):
    write_baseline(feature)
    write_night(feature, 0, items([1.0, 0.5] * 20))
    rows = made(feature)
    night, epoch = overall(rows, 0, "night"), overall(rows, 0)
    assert night["difference"] == epoch["difference"]
    assert epoch["ci_low"] < night["ci_low"] and night["ci_high"] < epoch["ci_high"]
    assert epoch["minimum_detectable"] > night["minimum_detectable"] > 0


def test_items_on_which_the_judge_failed_count_at_their_worst_and_best(feature):
    write_baseline(feature)
    write_night(feature, 0, items([1.0] * 36) + items(["refused"] * 4))
    row = overall(made(feature), 0, "night")
    # tone is 1 on all: a refused `addressed` leaves (0 + 0.5) / 1.5 = 1/3 to 1
    assert (row["items"], row["prod_mean"], row["missing_share"]) == (36, 1.0, pytest.approx(0.1))
    assert (row["bound_low"], row["bound_high"]) == pytest.approx(((36 + 4 / 3) / 40, 1.0))
    addressed = made(feature)[0, "night", "overall", "all", "addressed"]
    assert (addressed["bound_low"], addressed["bound_high"]) == pytest.approx((0.9, 1.0))


def test_missing_items_keep_a_verdict_from_being_within_that_would_not_hold_at_their_worst(feature):
    write_baseline(feature, mean=0.95)
    scored = items([1.0, 0.85] * 50)  # overall 1 and 0.9: 0.95
    for number in range(4):
        write_night(feature, number, scored)
    assert overall(made(feature), 3)["verdict"] == "within"
    for number in range(4):
        write_night(feature, number, scored + items(["refused"] * 10, tone="refused"))
    row = overall(made(feature), 3)
    assert (row["verdict"], row["missing_share"]) == ("inconclusive", pytest.approx(10 / 110))
    assert row["ci_low"] < -0.05 * 0.95 < row["difference"]


def test_one_night_far_below_alarms_in_its_epoch(feature):
    write_baseline(feature)
    for number in range(3):
        write_night(feature, number, items([1.0, 0.5] * 20))
    write_night(feature, 3, items([0.0, 0.25] * 20, tone=0.0))
    rows = made(feature)
    assert [overall(rows, number)["alarm"] for number in range(4)] == [False, False, False, True]
    assert [overall(rows, number)["alarm_nights"] for number in range(4)] == [0, 0, 0, 1]
    assert overall(rows, 3)["alarm_difference"] == pytest.approx(overall(rows, 3, "night")["relative_difference"])
    assert not any(row["alarm"] for key, row in rows.items() if key[1] == "night")


def test_a_mix_that_moved_is_a_stale_eval_set_and_no_regression(feature):
    # the cold eval: 300 billing at 1 and 300 login at 0.6, mean 0.8; production: the same scores, login 270 of 330
    known = {"standard_error": 0.004, "criterion": "overall"}
    rows = [("overall", "all", 0.8, 600), ("category", "billing", 1.0, 300), ("category", "login", 0.6, 300)]
    write(
        "baseline",
        [known | {"slice_kind": k, "slice": s, "mean": mean, "items": n} for k, s, mean, n in rows],
        feature=feature.name,
        baseline_id="b",
        rubric_id="r",
    )
    # addressed 0.4, tone 1: (0.4 + 0.5) / 1.5 = 0.6
    moved = items([0.4] * 270, category="login") + items([1.0] * 60)
    write_night(feature, 0, moved)
    row = overall(made(feature), 0)
    assert row["difference"] == pytest.approx((0.6 * 270 + 60) / 330 - 0.8)
    assert row["standardised_difference"] == pytest.approx(0.0, abs=1e-12)
    assert (row["verdict"], row["alarm"]) == ("stale_eval_set", False)
    worse = items([0.25] * 270, category="login") + items([0.7] * 60)
    write_night(feature, 0, worse)
    assert overall(made(feature), 0)["verdict"] == "below"


def write_baseline_of_two(feature: Feature) -> None:
    """300 billing at 1 and 300 login at 0.2: 0.6 overall."""
    known = {"standard_error": 0.004, "criterion": "overall"}
    cells = [("overall", "all", 0.6, 600), ("category", "billing", 1.0, 300), ("category", "login", 0.2, 300)]
    rows = [known | {"slice_kind": k, "slice": s, "mean": mean, "items": n} for k, s, mean, n in cells]
    write("baseline", rows, feature=feature.name, baseline_id="b", rubric_id="r")


def of_two(billing: float, login: float, logins: int) -> list[dict]:
    """720 items of the two categories by their overall scores; with tone at 0, that is addressed / 1.5."""
    return items([1.5 * login] * logins, category="login", tone=0.0) + items([billing] * (720 - logins), tone=billing)


def test_the_alarm_is_excused_by_a_mere_change_of_mix_and_by_nothing_else(feature):
    write_baseline_of_two(feature)

    def night(billing: float, login: float, logins: int) -> dict:
        write_night(feature, 0, of_two(billing, login, logins))
        return overall(made(feature), 0)

    # the scores of the cold eval, with login 600 of 720: (600 * 0.2 + 120) / 720 = 1/3, 44 % below
    moved = night(billing=1.0, login=0.2, logins=600)
    assert moved["relative_difference"] == pytest.approx((1 / 3 - 0.6) / 0.6)
    assert moved["standardised_difference"] == pytest.approx(0.0, abs=1e-12)
    assert (moved["verdict"], moved["alarm"], moved["alarm_nights"]) == ("stale_eval_set", False, 0)
    assert moved["alarm_difference"] is None
    # as far below on the same mix as the cold eval's, of poorer scores: (360 * 0.2 / 3 + 360 * 0.6) / 720 = 1/3
    worse = night(billing=0.6, login=0.2 / 3, logins=360)
    assert (worse["verdict"], worse["alarm"], worse["alarm_nights"]) == ("below", True, 1)
    assert worse["alarm_difference"] == pytest.approx((1 / 3 - 0.6) / 0.6)
    # and a mix that has moved excuses no scores that are poorer besides
    both = night(billing=0.6, login=0.2 / 3, logins=600)
    assert (both["verdict"], both["alarm"]) == ("below", True)


def test_a_night_is_excused_by_its_own_mix_and_an_epoch_by_that_of_all_its_nights(feature):
    # both nights are at 1/3, the first by poorer scores, the second by its mix alone. On the cold eval's mix they are at
    # 1/3 and 0.6, together at 0.47: no excuse for the epoch, and for the second night one
    write_baseline_of_two(feature)
    write_night(feature, 0, of_two(billing=0.6, login=0.2 / 3, logins=360))
    write_night(feature, 1, of_two(billing=1.0, login=0.2, logins=600))
    rows = made(feature)
    assert [overall(rows, number, "night")["verdict"] for number in (0, 1)] == ["below", "stale_eval_set"]
    assert [overall(rows, number)["verdict"] for number in (0, 1)] == ["below", "below"]
    assert [overall(rows, number)["alarm"] for number in (0, 1)] == [True, False]
    assert overall(rows, 1)["standardised_difference"] == pytest.approx((1 / 3 + 0.6) / 2 - 0.6)


def test_a_yardstick_without_error_is_labelled_on_every_row_and_decides_sooner(feature):
    write_baseline(feature, mean=0.75, standard_error=0.02)
    write_night(feature, 0, items([1.0, 0.25] * 100))
    sampled = made(feature)
    fixed = made(fixed_yardstick(feature))
    assert [overall(rows, 0, "night")["verdict"] for rows in (sampled, fixed)] == ["inconclusive", "within"]
    assert overall(fixed, 0, "night")["baseline_standard_error"] == 0.0
    assert {row["baseline_uncertainty"] for row in fixed.values()} == {"fixed"}


def test_an_inconclusive_epoch_says_how_many_more_nights_would_tell(feature):
    write_baseline(feature, mean=0.75)
    write_night(feature, 0, items([1.0, 0.4] * 100))
    across_the_upper_edge = overall(made(feature), 0)
    assert (across_the_upper_edge["verdict"], across_the_upper_edge["more_nights"]) == ("inconclusive", None)
    good = items([1.0, 0.25] * 100)
    write_night(feature, 0, good)
    first = overall(made(feature), 0)
    assert first["verdict"] == "inconclusive"
    for number in range(1, 4):
        write_night(feature, number, good)
    rows = made(feature)
    # three more as things stood; as the nights turn out alike, which only the third can show, two are enough
    assert [overall(rows, number)["more_nights"] for number in range(4)] == [3, 2, None, None]
    assert [overall(rows, number)["ci_low"] > -0.05 * 0.75 for number in range(4)] == [False, False, True, True]
    assert overall(rows, 0, "night")["more_nights"] is None
