"""mix_shift and trends from the lake, on the same nights as divergence."""

import pandas as pd
import pytest

from pipelines import lake
from pipelines.assets.divergence import make_divergence
from pipelines.assets.mix_shift import make_mix_shift
from pipelines.assets.nights import make_nights
from pipelines.assets.trends import make_trends
from pipelines.comparison.trends import versions_of
from pipelines.feature import load_feature
from tests.assets.test_divergence import CRITERIA, feature, items, write_baseline, write_night  # noqa: F401 (a fixture)
from tests.publishing.rows import write


def made(feature, make, table):  # noqa: F811
    with lake.connect() as connection:
        make_nights(connection, feature)
        make_divergence(connection, feature)
        make(connection, feature)
        lake.read(connection, table, "divergence", feature=feature.name)
        found = []
        for name in (table, "divergence"):
            result = connection.execute(f"FROM {name}")
            names = [column[0] for column in result.description]
            found.append([dict(zip(names, row, strict=True)) for row in result.fetchall()])
    return found


def nights(feature):  # noqa: F811
    write_baseline(feature, categories=("billing", "login"))
    write_night(feature, 0, items([1.0, 0.25] * 20) + items([0.5] * 20, category="login"))
    write_night(feature, 1, items([1.0] * 30) + items([0.25] * 10, category="refund"))
    write_night(feature, 2, items([0.5, 0.75] * 10, category="login"))


def test_the_terms_of_every_window_add_up_to_what_divergence_says(feature):  # noqa: F811
    nights(feature)
    rows, divergence = made(feature, make_mix_shift, "mix_shift")
    said = {
        (row["day"], row["window"], row["criterion"]): row["difference"]
        for row in divergence
        if row["slice_kind"] == "overall" and row["nights"]
    }
    totals = {(row["day"], row["window"], row["criterion"]): row for row in rows if row["slice_kind"] == "overall"}
    assert set(totals) == set(said) and len(said) == 3 * 2 * (len(CRITERIA) + 1)
    for key, row in totals.items():
        assert row["total"] == pytest.approx(said[key], abs=1e-12)
        assert row["total"] == pytest.approx(row["prod_mean"] - row["baseline_mean"], abs=1e-12)


def test_a_category_that_the_cold_eval_has_not_is_a_term_of_its_own(feature):  # noqa: F811
    nights(feature)
    rows, _ = made(feature, make_mix_shift, "mix_shift")
    by = {
        (row["window"], row["slice"]): row
        for row in rows
        if str(row["day"]) == "2026-11-03" and row["criterion"] == "addressed"
    }
    # a quarter of night 1 is refund, at .25; the common part, billing, is at 1: .25 * (.25 - 1)
    assert by["night", "refund"]["only_in_production"] == pytest.approx(-0.1875)
    # the cold eval's halves are both at .8: login, which the night has not, contributes 0
    assert (by["night", "login"]["prod_mean"], by["night", "login"]["only_in_baseline"]) == (None, 0)
    # the epoch of nights 0 and 1 has billing 40/60 and 30/40: (.6667 + .75) / 2
    assert by["epoch", "billing"]["prod_share"] == pytest.approx(0.7083, abs=1e-4)


def test_a_night_of_one_item_is_left_out_as_it_is_of_the_pooled_mean(feature):  # noqa: F811
    write_baseline(feature)
    write_night(feature, 0, items([1.0, 0.25] * 20))
    write_night(feature, 1, items([0.25]))
    write_night(feature, 2, items([1.0] * 40))
    rows, divergence = made(feature, make_mix_shift, "mix_shift")
    last = [
        row["prod_mean"]
        for row in rows + divergence
        if str(row["day"]) == "2026-11-04"
        and (row["window"], row["slice_kind"], row["criterion"]) == ("epoch", "overall", "overall")
    ]
    assert last == [pytest.approx(0.875), pytest.approx(0.875)]


def test_without_a_cold_eval_by_the_same_rulers_there_is_nothing_to_decompose(feature):  # noqa: F811
    write_baseline(feature, rubric_id="newer")
    write_night(feature, 0, items([1.0] * 30))
    assert made(feature, make_mix_shift, "mix_shift")[0] == []


def write_version(feature, name, mean):  # noqa: F811
    rows = [
        {
            "slice_kind": "overall",
            "slice": "all",
            "criterion": criterion,
            "mean": mean,
            "standard_error": 0.01,
            "items": 600,
        }
        for criterion in (*CRITERIA, "overall")
    ]
    write("baseline", rows, feature=feature.name, baseline_id=name, rubric_id="r")


def test_versions_of_the_cold_eval_that_rise_while_production_falls_are_overfitting(feature):  # noqa: F811
    for number, (version, cold, good) in enumerate((("a", 0.80, 36), ("b", 0.84, 30), ("c", 0.88, 22))):
        write_version(feature, version, cold)
        write_night(feature, number, items([1.0] * good + [0.25] * (40 - good)), baseline_id=version)
    by = {row["criterion"]: row for row in made(feature, make_trends, "trends")[0]}
    addressed = by["addressed"]
    assert (addressed["versions"], addressed["nights"], addressed["status"]) == (3, 3, "overfitting")
    # (.88 - .80) / 2, with an error of .01 / sqrt(2): z = 5.66
    assert (addressed["cold_slope"], addressed["cold_p_up"]) == (pytest.approx(0.04), pytest.approx(7.7e-9, rel=0.01))
    assert addressed["prod_slope"] < 0 and addressed["prod_p_down"] < 0.05
    # tone is 1 throughout
    assert (by["tone"]["prod_slope"], by["tone"]["status"]) == (0, "gap_widens")


def test_versions_are_compared_with_their_own_error_though_the_cold_eval_is_the_yardstick(feature):  # noqa: F811
    path = feature.directory / "drafts.yaml"
    path.write_text(path.read_text() + "baseline: {path: cold.jsonl, uncertainty: fixed}\n")
    for number, (version, cold, good) in enumerate((("a", 0.80, 36), ("b", 0.84, 30), ("c", 0.88, 22))):
        write_version(feature, version, cold)
        write_night(feature, number, items([1.0] * good + [0.25] * (40 - good)), baseline_id=version)
    by = {row["criterion"]: row for row in made(load_feature(path), make_trends, "trends")[0]}
    assert by["addressed"]["cold_p_up"] == pytest.approx(7.7e-9, rel=0.01)


def test_one_version_and_a_gap_that_stays_is_steady_and_one_that_grows_is_not(feature):  # noqa: F811
    write_version(feature, "b", 0.9)
    for number in range(5):
        write_night(feature, number, items([1.0, 0.25] * 20))
    assert {row["status"] for row in made(feature, make_trends, "trends")[0]} == {"steady"}
    for number in range(5):
        write_night(feature, number, items([1.0] * (35 - 5 * number) + [0.25] * (5 + 5 * number)))
    by = {row["criterion"]: row for row in made(feature, make_trends, "trends")[0]}
    # each night five more of 40 fall from 1 to .25: 5 * .75 / 40 a day
    assert by["addressed"]["gap_slope"] == pytest.approx(7 * 0.09375)
    assert (by["addressed"]["status"], by["addressed"]["cold_slope"]) == ("gap_widens", None)


def test_a_version_is_the_mean_of_its_nights_with_the_error_of_that():
    nights = pd.DataFrame(
        {"baseline_id": ["a", "a"], "baseline_mean": 0.8, "baseline_standard_error": 0.01, "prod_mean": [0.7, 0.8],
         "prod_standard_error": [0.02, 0.04]}
    )  # fmt: skip
    # (.02^2 + .04^2) / 2^2
    assert versions_of(nights).iloc[0].tolist() == pytest.approx([0.8, 0.0001, 0.75, 0.0005])


def test_a_gap_that_only_seems_to_grow_is_steady(feature):  # noqa: F811
    write_version(feature, "b", 0.9)
    for number, good in enumerate((20, 24, 18, 23, 19)):
        write_night(feature, number, items([1.0] * good + [0.25] * (40 - good)))
    (addressed,) = (row for row in made(feature, make_trends, "trends")[0] if row["criterion"] == "addressed")
    # slopes of `good` a day, of the ten pairs: 4 -1 1 -.25 -6 -.5 -1.67 5 .5 -4, whose median is -.375: the gap's is
    # .375 * .75 / 40 a day
    assert addressed["gap_slope"] == pytest.approx(7 * 0.375 * 0.75 / 40)
    assert addressed["gap_slope_low"] < 0 and addressed["status"] == "steady"


def test_two_nights_are_too_little_for_a_trend(feature):  # noqa: F811
    write_version(feature, "b", 0.9)
    for number in range(2):
        write_night(feature, number, items([1.0, 0.25] * 20))
    assert {row["status"] for row in made(feature, make_trends, "trends")[0]} == {"too_little"}
