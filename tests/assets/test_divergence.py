"""divergence from the lake: which nights count, what is pooled with what, and a row for all that is missing."""

from datetime import date, timedelta

import pytest

from pipelines import lake
from pipelines.assets.divergence import make_divergence
from pipelines.clock import NOW_VARIABLE
from pipelines.feature import Feature, features_directory, load_feature
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
    keys = {"feature": feature.name, "day": day(number)}
    sizes = {each["category"]: sum(other["category"] == each["category"] for other in judged) for each in judged}
    sampled, judgments = [], []
    for place, each in enumerate(judged):
        size = sizes[each["category"]]
        about = {"log_id": f"log-{place:03}", "stratum": each["category"], "stratum_size": size, "stratum_sampled": size}
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


def write_baseline(feature: Feature, mean: float = 0.8, rubric_id="r", baseline_id="b", categories=("billing",)) -> None:
    known = {"mean": mean, "standard_error": 0.0, "items": 600}
    slices = [("overall", "all"), *(("category", category) for category in categories)]
    rows = [
        known | {"slice_kind": kind, "slice": slice_, "criterion": criterion}
        for kind, slice_ in slices
        for criterion in (*CRITERIA, "overall")
    ]
    write("baseline", rows, feature=feature.name, baseline_id=baseline_id, rubric_id=rubric_id)


def made(feature: Feature) -> dict[tuple, dict]:
    """The rows of divergence, by day's number, window, slice_kind, slice and criterion."""
    with lake.connect() as connection:
        make_divergence(connection, feature)
        lake.read(connection, "divergence", feature=feature.name)
        result = connection.execute("FROM divergence")
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    keyed = {
        ((row["day"] - START).days, row["window"], row["slice_kind"], row["slice"], row["criterion"]): row for row in rows
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
    # 20 of each of 1 and 0.5: s^2 = 0.25^2 * 40/39; v = s^2 / 40 = 0.0625 / 39. And 10 and 30: 0.1875 * 0.25 / 39
    assert pooled["prod_standard_error"] ** 2 == pytest.approx((0.0625 / 39 + 0.1875 * 0.25 / 39) / 4)


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
    write_night(feature, 0, items([1.0] * 30) + items([0.5] * 10, tone="not_applicable") + items([0.0] * 5, tone="errored"))
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


def test_below_in_one_category_is_adjusted_for_all_that_were_looked_at(feature):
    write_baseline(feature, categories=("a", "b", "c"))
    poor = items([0.5, 0.75] * 15, category="a")
    write_night(feature, 0, poor + items([1.0, 0.75] * 15, category="b") + items([1.0, 0.75] * 15, category="c"))
    rows = made(feature)
    found = {name: rows[0, "night", "category", name, "addressed"] for name in "abc"}
    assert [found[name]["verdict"] for name in "abc"] == ["below", "inconclusive", "inconclusive"]
    # the difference is 0.625 - 0.8, the edge 0.04 below, the standard error 0.125 / sqrt(29): z = -0.135 / 0.02321 = -5.816
    # one-sided 3.0e-9, times 3
    assert found["a"]["adjusted_p"] == pytest.approx(3 * 3.01e-9, rel=0.02)
    assert found["b"]["adjusted_p"] == 1.0


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
