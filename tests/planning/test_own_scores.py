"""What a feature's own judged items say of its scores, and what stands for production before its first night."""

import pandas as pd
import pytest

from pipelines.errors import UserError
from pipelines.feature import features_directory, load_feature
from pipelines.planning.own_scores import own_scores

FEATURE = """\
start: 2026-11-02
logs: {{path: "{{{{ day }}}}.jsonl"}}
sample: {{n: 40, floor: 5}}
{baseline}
"""
DAYS = ("2026-11-02", "2026-11-03", "2026-11-04")


def feature(baseline="baseline: {path: cold.jsonl}"):
    path = features_directory() / "drafts.yaml"
    path.write_text(FEATURE.format(baseline=baseline))
    return load_feature(path)


def judged(*, cold=40, rubric="r", cold_rubric="r", days=DAYS, scores=(1.0, 0.5)):
    """Nights of 10 items of `a` (90 logs) and 5 of `b` (10 logs), half of each at either score; cold items likewise."""
    rows = []
    for day in days:
        for stratum, size, sampled in (("a", 90, 10), ("b", 10, 5)):
            rows += [
                {"item_kind": "prod", "day": day, "item_id": f"{stratum}{n}", "ruler_id": rubric, "stratum": stratum,
                 "stratum_size": size, "weight": size / sampled / 100, "score": scores[n % 2]}
                for n in range(sampled)
            ]  # fmt: skip
    rows += [
        {"item_kind": "cold", "day": "", "item_id": f"c{n}", "ruler_id": cold_rubric, "stratum": "ab"[n % 4 == 0],
         "stratum_size": None, "weight": 1.0, "score": scores[n // 2 % 2]}
        for n in range(cold)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(criterion="overall")


def scores_of(feature, judged, epochs):
    return own_scores(feature, judged, epochs, "r")


def test_strata_have_the_shares_sizes_and_samples_of_a_usual_night():
    own = scores_of(feature(), judged(), {})
    assert [(stratum.share, stratum.sampled, len(stratum.scores)) for stratum in own.strata] == [
        (pytest.approx(0.9), 10, 30),
        (pytest.approx(0.1), 5, 15),
    ]
    assert (own.sizes, own.nights, len(own.cold), own.baseline_mean) == ({"a": 90, "b": 10}, 3, 40, 0.75)


def test_a_larger_sample_makes_a_night_surer_down_to_what_nights_differ_by():
    own = scores_of(feature(), judged(), {})
    # S^2 of 15 ones and 15 halves: 1/16 * 30/29; of 9 and 6:
    # .06 / .25 ... = (9 * .2^2 + 6 * .3^2) / 14 = .9 / 14
    spread = 0.0625 * 30 / 29, 0.9 / 14
    assert own.night_variance([35, 5]) == pytest.approx(0.81 * spread[0] / 35 + 0.01 * spread[1] / 5 + own.between)
    assert own.night_variance([90, 10]) == pytest.approx(0.81 * spread[0] / 90 + 0.01 * spread[1] / 10 + own.between)


def test_the_cold_evals_error_is_none_where_it_is_the_yardstick_itself():
    own = scores_of(feature(), judged(), {})
    assert own.baseline_variance == pytest.approx(0.0625 * 40 / 39 / 40)
    assert scores_of(feature("baseline: {path: cold.jsonl, uncertainty: fixed}"), judged(), {}).baseline_variance == 0


def test_nights_of_several_epochs_deviate_each_from_its_own():
    restless = pd.concat(
        [
            judged(days=DAYS, scores=(1.0, 0.9)),
            judged(days=("2026-11-05", "2026-11-06", "2026-11-07"), cold=0, scores=(0.5, 0.4)),
        ]
    )
    one = scores_of(feature(), restless, {})
    two = scores_of(feature(), restless, {day: "first" for day in DAYS})
    assert one.between > 10 * two.between


def test_before_any_night_the_cold_eval_stands_for_production():
    own = scores_of(feature(), judged(days=()), {})
    assert own.nights == 0
    # a quarter of the cold items is b: of 40 a night, 30 and 10
    assert [(stratum.share, stratum.sampled) for stratum in own.strata] == [(0.75, 30), (0.25, 10)]
    assert own.between == pytest.approx((0.02 * 0.75) ** 2)


def test_before_any_night_cold_items_count_by_the_present_rubric():
    both = pd.concat([judged(days=(), scores=(0.5, 0.0)).assign(ruler_id="z"), judged(days=())])
    assert scores_of(feature(), both, {}).baseline_mean == 0.75


def test_only_the_newest_rubric_counts():
    old = judged(days=DAYS[:1], rubric="old", cold_rubric="old", scores=(0.0, 0.0))
    own = scores_of(feature(), pd.concat([old, judged(days=DAYS[1:])]), {})
    assert (own.nights, own.baseline_mean) == (2, 0.75)


def test_the_newest_four_weeks_count():
    days = [f"2026-11-{day:02}" for day in range(1, 31)]
    frame = pd.concat([judged(days=days[:2], cold=0, scores=(0.0, 0.0)), judged(days=days[2:])])
    own = scores_of(feature(), frame, {})
    assert (own.nights, min(own.strata[0].scores)) == (28, 0.5)


@pytest.mark.parametrize("frame", [judged(cold=19), judged(cold_rubric="old"), judged(days=(), cold=0)])
def test_a_cold_eval_that_is_too_small_or_not_judged_alike_is_an_error(frame):
    with pytest.raises(UserError, match="scored items by the newest rulers, and a verdict needs 20"):
        scores_of(feature(), frame if len(frame) else judged().iloc[:0], {})


def test_a_feature_without_a_cold_eval_has_nothing_to_compare_with():
    with pytest.raises(UserError, match=r"add baseline\.path"):
        scores_of(feature(""), judged(), {})
