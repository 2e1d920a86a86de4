"""What the gate decides, and that nothing which is missing, failed or no number lets a ramp advance."""

from dataclasses import fields, replace
from datetime import date

import pytest

from pipelines.catalogue import reasons
from pipelines.catalogue.reasons import REASONS, Effect
from pipelines.catalogue.signals import signals, triggers
from pipelines.feature import ON_QUALITY, Feature
from pipelines.gate.evidence import NightState, SignalStatus
from pipelines.gate.policy import MOST_FAILED, Decision, GivenReason, decide, rules
from pipelines.statistics.verdict import Verdict
from tests.gate.evidence_rows import DRIFTED, QUALITY, RAMP, SIGNALS, night, quality, with_signal

BELOW = {"verdict": Verdict.BELOW, "difference": -0.08, "relative_difference": -0.1, "ci_low": -0.1, "ci_high": -0.06}


def decided(evidence, ramp=RAMP):
    found = decide(evidence, ramp)
    return found.decision, [REASONS[code] for code in found.reason_codes], found.to_stage


def test_a_ramp_advances_on_enough_nights_clearly_within_the_band_with_healthy_signals():
    assert decided(night()) == (Decision.ADVANCE, [reasons.WITHIN_BAND], "100%")


def test_better_than_the_cold_eval_advances_and_warns():
    above = quality(verdict=Verdict.ABOVE, difference=0.08, relative_difference=0.1, ci_low=0.05, ci_high=0.11)
    assert decided(night(quality=above)) == (Decision.ADVANCE, [reasons.QUALITY_ABOVE_BAND], "100%")


def test_only_the_lower_edge_holds_so_an_interval_across_the_upper_one_advances():
    across = quality(
        verdict=Verdict.INCONCLUSIVE, difference=0.03, relative_difference=0.0375, ci_low=0.01, ci_high=0.05
    )
    assert decided(night(quality=across)) == (Decision.ADVANCE, [reasons.WITHIN_BAND], "100%")


def test_an_interval_across_the_lower_edge_holds():
    across = quality(
        verdict=Verdict.INCONCLUSIVE, difference=-0.02, relative_difference=-0.025, ci_low=-0.05, ci_high=0.01
    )
    assert decided(night(quality=across)) == (Decision.HOLD, [reasons.QUALITY_INCONCLUSIVE], "5%")


def test_quality_below_the_band_rolls_back_one_stage():
    assert decided(night(quality=quality(**BELOW))) == (Decision.ROLL_BACK, [reasons.QUALITY_BELOW_BAND], "internal")


def test_the_first_stage_rolls_back_to_off():
    evidence = night(stage="internal", quality=quality(**BELOW))
    assert decided(evidence) == (Decision.ROLL_BACK, [reasons.QUALITY_BELOW_BAND], "off")


def test_a_measured_breach_rolls_back_before_the_stage_has_its_nights():
    evidence = night(nights=1, quality=quality(**BELOW, nights=1))
    assert decided(evidence)[:2] == (Decision.ROLL_BACK, [reasons.QUALITY_BELOW_BAND, reasons.TOO_FEW_NIGHTS])


def test_quality_below_the_band_holds_where_the_feature_does_not_roll_back_on_it():
    ramp = RAMP.model_copy(update={"roll_back_on": frozenset()})
    assert decided(night(quality=quality(**BELOW)), ramp) == (Decision.HOLD, [reasons.QUALITY_BELOW_BAND], "5%")


def test_the_last_stage_holds_with_nothing_to_advance_to():
    found = decided(night(stage="100%"))
    assert found == (Decision.HOLD, [reasons.AT_FINAL_STAGE, reasons.WITHIN_BAND], "100%")


def test_the_last_stage_waits_for_no_nights():
    assert decided(night(stage="100%", nights=0))[1] == [reasons.AT_FINAL_STAGE, reasons.WITHIN_BAND]


def test_the_last_stage_rolls_back_like_any_other():
    assert decided(night(stage="100%", quality=quality(**BELOW)))[::2] == (Decision.ROLL_BACK, "5%")


def test_too_few_nights_hold_however_good_they_are():
    assert decided(night(nights=4))[:2] == (Decision.HOLD, [reasons.TOO_FEW_NIGHTS, reasons.WITHIN_BAND])


@pytest.mark.parametrize(
    ("state", "code"),
    [(NightState.MISSING, reasons.DAY_MISSING), (NightState.INCOMPLETE, reasons.DAY_INCOMPLETE)],
)
def test_a_night_that_is_not_complete_holds_and_says_nothing_else(state, code):
    assert decided(night(state=state)) == (Decision.HOLD, [code], "5%")
    assert decided(night(state=state, quality=None, signals=())) == (Decision.HOLD, [code], "5%")


def test_quality_of_an_incomplete_night_rolls_nothing_back():
    evidence = night(state=NightState.INCOMPLETE, quality=quality(**BELOW))
    assert decided(evidence)[0] is Decision.HOLD


def test_an_error_rate_that_was_measured_rolls_back_though_the_night_then_failed():
    signals = with_signal("error_rate", SignalStatus.UNHEALTHY, value=0.3)
    evidence = night(state=NightState.MISSING, quality=None, signals=signals)
    assert decided(evidence)[:2] == (Decision.ROLL_BACK, [reasons.SIGNAL_UNHEALTHY, reasons.DAY_MISSING])


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.NO_DATA, reasons.NO_DATA),
        (Verdict.NO_BASELINE, reasons.NO_BASELINE),
        (Verdict.SMALL_CELL, reasons.TOO_FEW_ITEMS),
    ],
)
def test_a_comparison_that_could_not_be_made_holds(verdict, code):
    assert decided(night(quality=quality(verdict=verdict))) == (Decision.HOLD, [code], "5%")


def test_no_comparison_at_all_holds():
    assert decided(night(quality=None)) == (Decision.HOLD, [reasons.NO_DATA], "5%")


def test_good_nights_before_it_do_not_carry_a_night_without_scores():
    assert decided(night(scored=0)) == (Decision.HOLD, [reasons.NO_DATA], "5%")


def test_a_judge_that_failed_on_too_many_items_neither_advances_nor_rolls_back():
    for found in (QUALITY, quality(**BELOW)):
        evidence = night(quality=found, failed_share=MOST_FAILED + 0.001)
        assert decided(evidence) == (Decision.HOLD, [reasons.JUDGMENTS_FAILED], "5%")
    assert decided(night(failed_share=MOST_FAILED))[0] is Decision.ADVANCE


NUMBERS = [each.name for each in fields(QUALITY) if each.type == "float | None" or each.type == float | None]


@pytest.mark.parametrize("verdict", Verdict)
def test_without_its_numbers_no_verdict_advances_or_rolls_back(verdict):
    assert len(NUMBERS) >= 8
    evidence = night(quality=replace(QUALITY, verdict=verdict, **dict.fromkeys(NUMBERS)))
    assert decided(evidence)[0] is Decision.HOLD


@pytest.mark.parametrize("signal", [signal for signal in signals() if signal.trigger], ids=lambda signal: signal.name)
def test_an_unhealthy_signal_holds_unless_the_feature_rolls_back_on_it(signal):
    evidence = night(signals=with_signal(signal.name, SignalStatus.UNHEALTHY, value=9.0))
    nothing = RAMP.model_copy(update={"roll_back_on": frozenset()})
    its_own = RAMP.model_copy(update={"roll_back_on": frozenset({signal.trigger})})
    others = RAMP.model_copy(update={"roll_back_on": frozenset({ON_QUALITY, *triggers(signals())}) - {signal.trigger}})
    assert decided(evidence, nothing)[:2] == (Decision.HOLD, [reasons.SIGNAL_UNHEALTHY, reasons.WITHIN_BAND])
    assert decided(evidence, others)[0] is Decision.HOLD
    assert decided(evidence, its_own)[0] is Decision.ROLL_BACK


@pytest.mark.parametrize("status", [SignalStatus.UNEXPECTED, SignalStatus.INCONCLUSIVE, SignalStatus.INFORMATIONAL])
def test_a_signal_that_is_not_clearly_unhealthy_does_not_hold(status):
    assert decided(night(signals=with_signal("error_rate", status)))[0] is Decision.ADVANCE


def test_a_signal_with_a_forecast_that_was_not_measured_holds():
    gone = with_signal("daily_cost_usd", SignalStatus.MISSING, value=None, measured_before=False)
    assert decided(night(signals=gone))[:2] == (Decision.HOLD, [reasons.SIGNAL_MISSING, reasons.WITHIN_BAND])


def test_a_rate_that_was_logged_before_and_is_not_any_more_holds():
    gone = with_signal("thumbs_down_rate", SignalStatus.MISSING, value=None, measured_before=True)
    assert decided(night(signals=gone))[0] is Decision.HOLD


def test_a_rate_that_the_feature_has_never_logged_is_not_asked_for():
    never = with_signal("thumbs_down_rate", SignalStatus.MISSING, value=None, measured_before=False)
    assert decided(night(signals=never))[0] is Decision.ADVANCE


@pytest.mark.parametrize("signal", [signal.name for signal in signals() if signal.trigger])
def test_a_signal_that_has_nothing_to_be_held_against_is_not_asked_for(signal):
    unbounded = with_signal(
        signal, SignalStatus.MISSING, value=None, reference=None, band_high=None, measured_before=True
    )
    assert decided(night(signals=unbounded))[0] is Decision.ADVANCE


def test_a_day_without_any_signals_holds():
    assert decided(night(signals=()))[:2] == (Decision.HOLD, [reasons.SIGNAL_MISSING, reasons.WITHIN_BAND])


def test_a_category_below_the_band_holds_and_never_rolls_back():
    spanish = quality(**BELOW, slice_kind="cohort", slice="spanish_desk", adjusted_p=0.004)
    found = decided(night(slices=(spanish,)))
    assert found == (Decision.HOLD, [reasons.SLICE_BELOW_BAND, reasons.WITHIN_BAND], "5%")


def test_one_category_of_many_below_by_chance_does_not_hold():
    # 5 % for the family of a slice_kind
    by_chance = quality(**BELOW, slice_kind="category", slice="billing", adjusted_p=0.051)
    assert decided(night(slices=(by_chance,)))[0] is Decision.ADVANCE
    assert decided(night(slices=(replace(by_chance, adjusted_p=0.05),)))[0] is Decision.HOLD


@pytest.mark.parametrize("missing", [[name] for name in NUMBERS] + [NUMBERS])
def test_a_slice_that_lacks_a_number_never_raises_and_holds_only_where_its_breach_was_measured(missing):
    needed = {"difference", "relative_difference", "ci_low", "ci_high", "band", "baseline_mean", "adjusted_p"}
    needed |= {"standard_error", "baseline_standard_error"}
    measured = quality(**BELOW, slice_kind="category", slice="billing", adjusted_p=0.004)
    without = replace(measured, slice="login", **dict.fromkeys(missing))
    alone, both = (decide(night(slices=slices), RAMP) for slices in ((without,), (measured, without)))
    counts = not needed & set(missing)
    assert alone.decision is (Decision.HOLD if counts else Decision.ADVANCE)
    assert both.decision is Decision.HOLD
    assert ("'login'" in both.explanation) == counts


@pytest.mark.parametrize("kind", ["locale", "model", "prompt_version"])
def test_slices_that_only_inform_do_not_hold(kind):
    informs = quality(**BELOW, slice_kind=kind, slice="es", adjusted_p=0.0)
    assert decided(night(slices=(informs,)))[0] is Decision.ADVANCE


def test_of_many_slices_below_the_lowest_are_named_and_the_others_counted():
    slices = tuple(
        quality(
            **BELOW | {"relative_difference": -number / 10}, slice_kind="category", slice=f"c{number}", adjusted_p=0.0
        )
        for number in range(1, 6)
    )
    found = decide(night(slices=slices), RAMP)
    assert found.reason_codes == ["slice_below_band", "within_band"]
    assert [f"'c{number}'" in found.explanation for number in range(1, 6)] == [False, False, True, True, True]
    assert "2 more slices are clearly below the band." in found.explanation


def test_one_night_far_below_the_band_rolls_back_though_the_mean_of_all_is_within():
    found = decided(night(quality=quality(alarm=True, alarm_nights=1, alarm_difference=-0.3)))
    assert found == (Decision.ROLL_BACK, [reasons.QUALITY_ALARM, reasons.WITHIN_BAND], "internal")


def test_an_alarm_holds_where_the_feature_does_not_roll_back_on_quality():
    ramp = RAMP.model_copy(update={"roll_back_on": frozenset()})
    assert decided(night(quality=quality(alarm=True)), ramp)[:2] == (
        Decision.HOLD,
        [reasons.QUALITY_ALARM, reasons.WITHIN_BAND],
    )


@pytest.mark.parametrize("missing", ["difference", "ci_low", "band", "baseline_mean", "baseline_standard_error"])
def test_an_alarm_without_its_numbers_rolls_nothing_back(missing):
    evidence = night(quality=quality(alarm=True, alarm_nights=1, alarm_difference=-0.3, **{missing: None}))
    assert decided(evidence) == (Decision.HOLD, [reasons.QUALITY_INCONCLUSIVE], "5%")


def test_an_alarm_of_a_judge_that_failed_on_too_many_items_is_none():
    evidence = night(quality=quality(alarm=True), failed_share=MOST_FAILED + 0.001)
    assert decided(evidence)[:2] == (Decision.HOLD, [reasons.JUDGMENTS_FAILED])


def test_production_whose_mix_alone_has_moved_holds_as_a_stale_eval_set():
    moved = quality(**BELOW | {"verdict": Verdict.STALE_EVAL_SET}, standardised_difference=-0.004)
    assert decided(night(quality=moved)) == (Decision.HOLD, [reasons.STALE_EVAL_SET], "5%")


@pytest.mark.parametrize("breach", [{}, BELOW, {"alarm": True}])
def test_a_judge_that_has_drifted_neither_advances_nor_rolls_back_on_quality(breach):
    decision, given, _ = decided(night(quality=quality(**breach), drifted=(DRIFTED,)))
    assert decision is Decision.HOLD
    assert given[0] is reasons.JUDGE_DRIFT


def test_a_drifted_judge_does_not_keep_an_error_rate_from_rolling_back():
    signals = with_signal("error_rate", SignalStatus.UNHEALTHY, value=0.3)
    assert decided(night(drifted=(DRIFTED,), signals=signals))[0] is Decision.ROLL_BACK


def test_several_nights_of_hold_beyond_what_the_stage_asks_for_are_said_loudly():
    # the stage asks for 5 nights; the 9th day of hold is the fourth beyond them
    holding = night(nights=4)
    assert "held_long" not in decide(holding, RAMP, held=7).reason_codes
    found = decide(holding, RAMP, held=8)
    assert found.reason_codes == ["too_few_nights", "held_long", "within_band"]
    assert "HELD FOR 9 DAYS" in found.explanation
    assert decide(night(), RAMP, held=30).decision is Decision.ADVANCE
    assert "held_long" not in decide(night(stage="100%"), RAMP, held=30).reason_codes


def test_the_breach_that_decides_comes_first_and_every_other_reason_is_kept():
    signals = with_signal("daily_cost_usd", SignalStatus.UNHEALTHY, value=20.0)
    found = decide(night(stage="100%", quality=quality(**BELOW), signals=signals), RAMP)
    assert found.reason_codes == ["quality_below_band", "signal_unhealthy", "at_final_stage"]
    assert found.explanation == " ".join(reason.sentence for reason in found.reasons)
    assert "clearly below" in found.explanation and "last stage" in found.explanation


def test_a_code_that_two_signals_give_is_listed_once_and_explained_twice():
    slow = tuple(
        replace(each, status=SignalStatus.UNHEALTHY, value=5000.0, band_high=4620.0)
        if each.signal in ("p50_latency_ms", "p95_latency_ms")
        else each
        for each in SIGNALS
    )
    found = decide(night(signals=slow), RAMP)
    assert found.reason_codes == ["signal_unhealthy", "within_band"]
    assert "Median latency is 5,000 ms" in found.explanation and "95th percentile" in found.explanation


def test_a_reason_with_an_effect_that_it_never_has_is_an_error():
    with pytest.raises(ValueError, match="judge_drift never rolls_back"):
        GivenReason(reasons.JUDGE_DRIFT, Effect.ROLLS_BACK)


def test_the_policys_hash_covers_stages_bands_and_triggers_and_not_what_is_decided_on():
    feature = Feature(start=date(2026, 11, 2), logs={"path": "{{ day }}.jsonl"})
    described = feature.model_copy(update={"description": "other words"})
    wider = feature.model_copy(update={"bands": feature.bands.model_copy(update={"quality": 0.06})})
    braver = feature.model_copy(update={"ramp": feature.ramp.model_copy(update={"roll_back_on": frozenset()})})
    assert rules(feature) == rules(described)
    assert rules(feature) != rules(wider)
    assert rules(feature) != rules(braver)
