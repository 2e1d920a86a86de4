"""What is gathered about each day: its state, the epoch up to it, comparisons and signals; days without anything too."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from pipelines import lake
from pipelines.assets.nights import make_nights
from pipelines.feature import Feature, Uncertainty, features_directory, load_feature
from pipelines.gate.evidence import Evidence, NightState, SignalStatus, UnknownSignal, gather
from pipelines.statistics.verdict import Verdict
from tests.publishing.rows import BASELINE, RUBRIC, comparison, signal, write

START = date(2026, 11, 2)
FEATURE = """\
start: 2026-11-02
logs: {path: "{{ day }}.jsonl"}
ramp:
  stages: [{name: internal}, {name: "5%"}]
  history: [{stage: internal, from: 2026-11-02}, {stage: "5%", from: 2026-11-06}]
"""


@pytest.fixture
def feature() -> Feature:
    path = features_directory() / "drafts.yaml"
    path.write_text(FEATURE)
    return load_feature(path)


def day(number: int) -> date:
    return START + timedelta(days=number)


def write_night(feature: Feature, number: int, scored: int = 100, failed: int = 0) -> None:
    """The day tables of a complete night, as far as the gate reads them."""
    keys: dict[str, Any] = {"feature": feature.name, "day": day(number)}
    funnel = {("sample", "scored"): scored, ("sample", "failed"): failed, ("judgments", "scored"): 3 * scored}
    write(
        "funnel",
        [{"stage": stage, "status": status, "items": items} for (stage, status), items in funnel.items()],
        **keys,
    )
    write("sample", [{"log_id": "a", "stratum": "x"}], **keys)
    write("judgments", [{"item_kind": "prod", "item_id": "a", "criterion": "tone", "status": "scored"}], **keys)


def compared(number: int, epoch_start: int, items: int = 100, verdict: str = "within", **more) -> list[dict]:
    """A night's and its epoch's overall comparison."""
    about = {"epoch_start": day(epoch_start), "items": items, "verdict": verdict} | more
    return [
        comparison(day(number), window, "overall", "all", "overall", -0.01, **about) for window in ("night", "epoch")
    ]


def missing(number: int) -> list[dict]:
    nothing = {"epoch_start": None, "items": 0, "nights": 0, "rubric_id": None, "baseline_id": None}
    return [
        comparison(day(number), window, "overall", "all", "overall", None, **nothing) for window in ("night", "epoch")
    ]


def gathered(feature: Feature, through: int) -> list[Evidence]:
    with lake.connect() as connection:
        make_nights(connection, feature)
        return gather(connection, feature, day(0), day(through))


def test_every_day_from_the_start_has_evidence_though_the_lake_is_empty(feature):
    found = gathered(feature, through=2)
    assert [evidence.day for evidence in found] == [day(0), day(1), day(2)]
    assert {evidence.state for evidence in found} == {NightState.MISSING}
    assert found[0].quality is None and found[0].signals == () and found[0].window_start is None


def test_nights_of_an_epoch_are_counted_over_a_missing_day(feature):
    write_night(feature, 0)
    write_night(feature, 2, scored=50)
    write("divergence", [*compared(0, 0), *missing(1), *compared(2, 0, items=50)], feature=feature.name)
    first, second, third = gathered(feature, through=2)
    assert [evidence.state for evidence in (first, second, third)] == [
        NightState.COMPLETE,
        NightState.MISSING,
        NightState.COMPLETE,
    ]
    assert [evidence.nights for evidence in (first, second, third)] == [1, 1, 2]
    assert (third.judged, third.window_start, third.window_end) == (150, day(0), day(2))
    assert (second.window_start, second.window_end, second.rubric_id) == (day(0), day(0), None)
    assert second.quality.verdict is Verdict.NO_DATA
    assert (third.rubric_id, third.baseline_id) == (RUBRIC, BASELINE)


def test_a_new_epoch_begins_the_count_anew(feature):
    for number in range(3):
        write_night(feature, number)
    write("divergence", [*compared(0, 0), *compared(1, 1), *compared(2, 1)], feature=feature.name)
    assert [evidence.nights for evidence in gathered(feature, through=2)] == [1, 1, 2]


def test_a_new_stage_begins_the_count_anew_though_its_first_day_is_missing(feature):
    write_night(feature, 3)
    write("divergence", [*compared(3, 3), *missing(4)], feature=feature.name)
    last, first = gathered(feature, through=4)[-2:]
    assert (last.stage, last.nights) == ("internal", 1)
    assert (first.stage, first.nights, first.window_start) == ("5%", 0, None)


def test_a_night_that_stopped_before_its_funnel_is_incomplete(feature):
    write("log_files", [{"file": "a", "physical_lines": 1}], feature=feature.name, day=day(0))
    (evidence,) = gathered(feature, through=0)
    assert evidence.state is NightState.INCOMPLETE


def test_a_pending_judgment_makes_the_night_incomplete(feature):
    write_night(feature, 0)
    pending = {"item_kind": "prod", "item_id": "a", "criterion": "tone", "status": "pending"}
    write("judgments", [pending], feature=feature.name, day=day(0))
    (evidence,) = gathered(feature, through=0)
    assert evidence.state is NightState.INCOMPLETE


def test_the_share_of_failed_items_is_the_epochs_or_the_nights_own_where_that_is_more(feature):
    # 10 of 110; then 10 of 200 over the epoch and none of 90 on the night; then 20 of 220 and 10 of 20
    write_night(feature, 0, scored=100, failed=10)
    write_night(feature, 1, scored=90)
    write_night(feature, 2, scored=10, failed=10)
    write("divergence", [*compared(0, 0), *compared(1, 0, items=90), *compared(2, 0, items=10)], feature=feature.name)
    assert [evidence.failed_share for evidence in gathered(feature, through=2)] == [10 / 110, 10 / 200, 0.5]


def test_what_failed_in_one_epoch_or_stage_is_not_held_against_the_next(feature):
    # half failed on the nights 0 and 3, each the last of its epoch; the night 1 begins an epoch, the night 4 a stage
    for number, failed in enumerate([50, 0, 0, 50, 0]):
        write_night(feature, number, scored=100 - failed, failed=failed)
    rows = [row for number, start in enumerate([0, 1, 1, 1, 4]) for row in compared(number, start)]
    write("divergence", rows, feature=feature.name)
    found = gathered(feature, through=4)
    assert [evidence.stage for evidence in found] == ["internal"] * 4 + ["5%"]
    assert [evidence.failed_share for evidence in found] == [0.5, 0.0, 0.0, 0.5, 0.0]
    assert [evidence.judged for evidence in found] == [100, 100, 200, 300, 100]
    assert [evidence.window_start for evidence in found] == [day(0), day(1), day(1), day(1), day(4)]


def test_a_new_stage_begins_anew_though_its_first_night_could_not_be_compared(feature):
    write_night(feature, 3, scored=50, failed=50)
    write_night(feature, 4)
    write("divergence", [*compared(3, 3), *missing(4)], feature=feature.name)
    last, first = gathered(feature, through=4)[-2:]
    assert (last.failed_share, last.judged) == (0.5, 100)
    assert (first.stage, first.failed_share, first.judged) == ("5%", 0.0, 0)


def test_a_night_that_is_not_complete_adds_nothing_to_what_failed(feature):
    write_night(feature, 0)
    write_night(feature, 1, scored=0, failed=100)
    pending = {"item_kind": "prod", "item_id": "a", "criterion": "tone", "status": "pending"}
    write("judgments", [pending], feature=feature.name, day=day(1))
    write_night(feature, 2)
    write("divergence", [*compared(0, 0), *missing(1), *compared(2, 0)], feature=feature.name)
    assert [evidence.failed_share for evidence in gathered(feature, through=2)][2] == 0.0


def test_a_night_on_which_every_judgment_failed_says_so_though_nothing_could_be_compared(feature):
    write_night(feature, 0, scored=0, failed=100)
    write("divergence", missing(0), feature=feature.name)
    (evidence,) = gathered(feature, through=0)
    assert (evidence.state, evidence.failed_share, evidence.nights) == (NightState.COMPLETE, 1.0, 0)


def test_slices_of_the_epoch_come_with_the_size_of_their_own_baseline(feature):
    write_night(feature, 0)
    rows = [
        *compared(0, 0),
        comparison(day(0), "epoch", "category", "billing", "overall", -0.1, verdict="below", adjusted_p=0.001),
        comparison(day(0), "epoch", "cohort", "5%", "overall", -0.1),
        comparison(day(0), "epoch", "category", "billing", "tone", -0.1),
        comparison(day(0), "night", "category", "billing", "overall", -0.1),
    ]
    write("divergence", rows, feature=feature.name)
    slices = [
        {"slice_kind": kind, "slice": slice_, "criterion": "overall", "mean": 0.86, "items": items}
        for kind, slice_, items in (("overall", "all", 600), ("category", "billing", 80))
    ]
    write("baseline", slices, feature=feature.name, baseline_id=BASELINE, rubric_id=RUBRIC)
    (evidence,) = gathered(feature, through=0)
    assert evidence.quality.baseline_items == 600
    assert [(each.slice_kind, each.verdict, each.baseline_items) for each in evidence.slices] == [
        ("category", Verdict.BELOW, 80),
        ("cohort", Verdict.WITHIN, 600),
    ]


def test_a_slices_baseline_is_that_of_its_own_cold_eval_and_rubric(feature):
    write_night(feature, 0)
    rows = [*compared(0, 0), comparison(day(0), "epoch", "category", "billing", "overall", -0.1)]
    write("divergence", rows, feature=feature.name)
    for number, (baseline_id, rubric_id) in enumerate(
        [(BASELINE, RUBRIC), ("another", RUBRIC), (BASELINE, "another"), ("another", "another")]
    ):
        known = {"criterion": "overall", "mean": 0.86, "items": 600 + number}
        slices = [
            known | {"slice_kind": "overall", "slice": "all"},
            known | {"slice_kind": "category", "slice": "billing"},
        ]
        write("baseline", slices, feature=feature.name, baseline_id=baseline_id, rubric_id=rubric_id)
    (evidence,) = gathered(feature, through=0)
    assert evidence.quality.baseline_items == 600
    assert [(each.slice, each.baseline_items) for each in evidence.slices] == [("billing", 600)]


def test_a_night_has_scored_what_has_an_overall_score_whatever_one_criterion_or_slice_has(feature):
    # items that failed on another criterion have a score on this one, and none overall
    write_night(feature, 0, scored=0, failed=100)
    others = [
        comparison(day(0), "night", "overall", "all", "tone", -0.01, items=100),
        comparison(day(0), "night", "category", "billing", "overall", -0.01, items=30),
    ]
    write("divergence", [*compared(0, 0, items=0, verdict="no_data"), *others], feature=feature.name)
    (evidence,) = gathered(feature, through=0)
    assert (evidence.scored, evidence.nights, evidence.judged) == (0, 0, 0)


def test_signals_are_the_whole_features_and_know_whether_they_were_measured_before(feature):
    names = {"feature": feature.name}
    write("signals", [signal("thumbs_down_rate", 0.02, 0.1, None, 0.1, "healthy")], **names, day=day(0))
    gone = [
        signal("thumbs_down_rate", None, 0.1, None, 0.1, "missing"),
        signal("regenerated_rate", None, 0.1, None, 0.1, "missing"),
        signal("error_rate", 0.9, 0.01, None, 0.01, "unhealthy", cohort="5%"),
    ]
    write("signals", gone, **names, day=day(1))
    (first,) = gathered(feature, through=0)[0].signals
    assert (first.value, first.measured_before) == (0.02, False)
    found = {reading.signal: reading for reading in gathered(feature, through=1)[1].signals}
    assert set(found) == {"thumbs_down_rate", "regenerated_rate"}
    assert found["thumbs_down_rate"].status is SignalStatus.MISSING
    assert found["thumbs_down_rate"].measured_before and not found["regenerated_rate"].measured_before


def drift_row(number: int, status: str, criterion: str = "tone", **more) -> dict:
    known = {"judged_on": day(number), "criterion": criterion, "ruler_id": criterion, "anchors": 40, "status": status}
    return known | {"difference": -0.05, "ci_low": -0.08, "ci_high": -0.02} | more


def judged_at(feature: Feature, number: int, made_on: int) -> None:
    made = datetime.combine(day(made_on), time(5), UTC)
    known = {"item_kind": "prod", "item_id": "a", "status": "scored", "judged_at": made}
    rows = [known | {"criterion": criterion, "ruler_id": criterion} for criterion in ("tone", "addressed")]
    write("judgments", rows, feature=feature.name, day=day(number))


def test_a_verdict_is_set_against_the_judge_as_it_was_when_it_was_made(feature):
    for number, made_on in ((0, 1), (1, 3), (2, 2)):
        write_night(feature, number)
        judged_at(feature, number, made_on)
    write("divergence", [*compared(0, 0), *compared(1, 1), *compared(2, 2)], feature=feature.name)
    drift = [drift_row(1, "steady"), drift_row(2, "inconclusive"), drift_row(3, "drifted")]
    write("judge_drift", [*drift, drift_row(1, "steady", "addressed")], feature=feature.name)
    # the first night was judged on the date 1, the second late, on the date 3; the third on the date 2
    assert [[each.judged_on for each in found.drifted] for found in gathered(feature, 2)] == [[], [day(3)], []]


def test_a_drift_that_was_never_read_again_still_stands_and_one_that_came_later_does_not_reach_back(feature):
    for number in range(3):
        write_night(feature, number)
        judged_at(feature, number, number + 1)
    write("divergence", [*compared(0, 0), *compared(1, 1), *compared(2, 2)], feature=feature.name)
    write("judge_drift", [drift_row(2, "drifted")], feature=feature.name)
    assert [len(found.drifted) for found in gathered(feature, 2)] == [0, 1, 1]


def test_one_night_by_a_drifted_judge_is_in_its_whole_epoch_and_not_in_the_next(feature):
    for number in range(3):
        write_night(feature, number)
        judged_at(feature, number, number + 1)
    write("divergence", [*compared(0, 0), *compared(1, 0), *compared(2, 2)], feature=feature.name)
    drift = [drift_row(1, "drifted", difference=-0.04), drift_row(2, "steady"), drift_row(3, "steady")]
    write("judge_drift", drift, feature=feature.name)
    found = gathered(feature, 2)
    assert [[(each.criterion, each.difference) for each in evidence.drifted] for evidence in found] == [
        [("tone", -0.04)],
        [("tone", -0.04)],
        [],
    ]


def test_the_epochs_comparison_comes_with_all_that_a_decision_asks_of_it(feature):
    write_night(feature, 0)
    night, epoch = compared(0, 0)
    more = {
        "alarm": True,
        "alarm_nights": 2,
        "alarm_difference": -0.3,
        "more_nights": 4,
        "missing_share": 0.02,
        "standardised_difference": -0.001,
    }
    epoch |= more | {"baseline_uncertainty": "fixed"}
    write("divergence", [night, epoch], feature=feature.name)
    (evidence,) = gathered(feature, 0)
    assert {name: getattr(evidence.quality, name) for name in more} == more
    assert evidence.quality.baseline_uncertainty is Uncertainty.FIXED


def test_a_word_outside_the_vocabulary_is_an_error_and_never_a_default(feature):
    write("signals", [signal("error_rate", 0.0, 0.01, None, 0.01, "fine")], feature=feature.name, day=day(0))
    with pytest.raises(ValueError, match="'fine' is not a valid SignalStatus"):
        gathered(feature, through=0)


def test_a_signal_that_is_in_no_catalogue_is_an_error_that_says_which_day_to_run_again(feature):
    write("signals", [signal("mood", 0.0, 0.01, None, 0.01, "healthy")], feature=feature.name, day=day(0))
    with pytest.raises(UnknownSignal, match="the signals of 2026-11-02 name 'mood', which is none of daily_cost_usd, "):
        gathered(feature, through=0)


def test_a_number_that_is_none_is_no_number(feature):
    write_night(feature, 0)
    write("divergence", compared(0, 0, ci_low=float("nan"), ci_high=float("inf")), feature=feature.name)
    (evidence,) = gathered(feature, through=0)
    assert (evidence.quality.ci_low, evidence.quality.measured) == (None, None)


def test_equal_evidence_has_an_equal_digest_and_any_changed_number_another(feature):
    write_night(feature, 0)
    write("divergence", compared(0, 0), feature=feature.name)
    before = gathered(feature, through=0)[0].digest()
    assert gathered(feature, through=0)[0].digest() == before
    write("divergence", compared(0, 0, ci_low=-0.0300001), feature=feature.name)
    assert gathered(feature, through=0)[0].digest() != before
