"""Sentences say what was found, in numbers, and what is waited for."""

from dataclasses import replace

import pytest

from pipelines.catalogue.signals import Harmful, Signal, by_name, signals
from pipelines.feature import Uncertainty
from pipelines.gate import policy
from pipelines.gate.evidence import NightState, Quality, SignalStatus
from pipelines.statistics.verdict import Verdict
from tests.gate.evidence_rows import DRIFTED, RAMP, night, quality, reading

STAGE = RAMP.stages[1]  # 5%, which asks for 5 nights
# cold mean 0.8, band 5 %: the lower edge is at -0.04
BELOW = {"difference": -0.08, "relative_difference": -0.1, "ci_low": -0.1, "ci_high": -0.06, "adjusted_p": 0.0}
WAITING = {"verdict": Verdict.INCONCLUSIVE, "ci_low": -0.05, "ci_high": 0.01, "relative_difference": -0.025}


def said(found: Quality, **more) -> str:
    """The sentence about quality over the epoch."""
    return policy.quality_reason(night(quality=found, **more), rolls_back=True).sentence


def alarmed(**more) -> str:
    (given,) = policy.quality_alarm(night(quality=quality(alarm=True, **more)), rolls_back=True)
    return given.sentence


def slice_said(**more) -> str:
    (given,) = policy.slices_below([quality(**BELOW | {"verdict": Verdict.BELOW, "slice_kind": "category"} | more)])
    return given.sentence


def signal_said(name: str, signal: Signal | None = None, **more) -> str:
    known = by_name(signals()) | ({name: signal} if signal else {})
    (given,) = policy.unhealthy_signals([reading(name, SignalStatus.UNHEALTHY, **more)], known, frozenset())
    return given.sentence


def test_an_inconclusive_quality_says_how_many_more_nights_would_tell():
    found = quality(**WAITING, difference=-0.02, more_nights=3)
    assert said(found) == (
        "Quality over 5 nights is 2.5 % below the cold eval (90 % interval -6.2 % to +1.2 %), "
        "not yet clearly inside the 5 % band: about 3 more nights would tell."
    )


def test_a_cold_eval_too_small_for_the_band_is_called_undecidable_rather_than_waited_for():
    # the edge is 0.02 away, and 1.96 * 0.95 * 0.012 = 0.0223: no number of nights. 120 * (0.0223 / 0.02)^2 = 149.8
    found = quality(**WAITING, difference=-0.02, baseline_standard_error=0.012, baseline_items=120)
    assert said(found).endswith("undecidable with a cold eval of 120 items; at this difference it takes more than 150.")
    # 1.96 * 0.95 * 0.01 = 0.0186: the cold eval is large enough, and only the nights are too many to count
    slow = quality(**WAITING, difference=-0.02, baseline_standard_error=0.01, baseline_items=120)
    assert said(slow).endswith("too close to the band's edge for nights to tell.")


def test_a_yardstick_without_an_error_is_called_so_wherever_a_difference_is_told():
    fixed = {"baseline_uncertainty": Uncertainty.FIXED, "baseline_standard_error": 0.0}
    verdicts = (Verdict.WITHIN, Verdict.BELOW, Verdict.ABOVE, Verdict.INCONCLUSIVE, Verdict.STALE_EVAL_SET)
    for verdict in verdicts:
        assert "the cold eval, which is taken as the yardstick itself (90 %" in said(quality(**fixed, verdict=verdict))
        assert "yardstick" not in said(quality(verdict=verdict))
    assert "yardstick itself (90 %" in slice_said(**fixed) and "yardstick" not in slice_said()


def test_items_without_a_verdict_are_told_where_they_are_too_many_to_pass_over():
    # a fifth of the 5 % band is 1 %
    told = said(quality(verdict=Verdict.BELOW, missing_share=0.015))
    assert "whatever the 1.5 % of items without a verdict would have scored" in told
    assert "without a verdict" not in said(quality(verdict=Verdict.BELOW, missing_share=0.01))


def test_an_alarm_is_about_the_last_nights_and_says_so():
    assert alarmed(alarm_nights=1, alarm_difference=-0.31) == (
        "Quality of 2026-11-13 alone is 31 % below the cold eval: far below the 5 % band, and no matter of chance."
    )
    assert alarmed(alarm_nights=3, alarm_difference=-0.18).startswith(
        "Quality of the last 3 nights, to 2026-11-13, alone is 18 % below the cold eval"
    )


def test_a_stale_eval_set_is_told_from_a_regression_by_the_same_mix():
    assert said(quality(**BELOW, verdict=Verdict.STALE_EVAL_SET, standardised_difference=-0.004)) == (
        "Quality over 5 nights is 10 % below the cold eval (90 % interval -12.5 % to -7.5 %), but -0.5 % on the cold "
        "eval's mix of categories: it is production's mix that has moved, not quality. The eval set is stale; bring its "
        "categories up to date."
    )


def test_judge_drift_says_judge_and_not_product():
    (given,) = policy.judge_drift(night(drifted=(DRIFTED,)))
    assert given.sentence == (
        "The judge has drifted, not the product: on 40 anchors it scores 'tone' 0.041 lower than when the cold eval "
        "was judged (interval -0.060 to -0.022, as of 2026-11-13). Promotion is frozen until production and the cold "
        "eval are judged alike: a new ruler, by another model or wording, judges both."
    )


def test_a_long_hold_says_so_loudly():
    (given,) = policy.held_long(night(), STAGE, 9)
    assert given.sentence.startswith("HELD FOR 9 DAYS IN A ROW at 5%: holding for ever has a cost")


@pytest.mark.parametrize("baseline_standard_error", [0.0, 0.006])
@pytest.mark.parametrize("difference", [-0.04, -0.0399])
def test_a_difference_at_the_bands_edge_is_not_given_a_number(difference, baseline_standard_error):
    found = quality(**WAITING, difference=difference, baseline_standard_error=baseline_standard_error)
    assert said(found).endswith("band: the difference is too close to the band's edge for nights to tell.")


def test_the_other_verdicts_state_the_difference_with_its_interval_and_band():
    assert said(quality()) == (
        "Quality over 5 nights is 1 % below the cold eval (90 % interval -3.8 % to +1.7 %): inside the 5 % band."
    )
    assert said(quality(ci_high=0.05)).endswith("clearly not below the 5 % band.")
    assert "the cold eval no longer represents production" in said(quality(verdict=Verdict.ABOVE))
    assert said(quality(nights=1)).startswith("Quality over 1 night is")


def test_a_slice_is_named_with_what_would_move_a_cursor_made_visible():
    found = slice_said(slice="a\x1b[31m\u202eb" + "x" * 100)
    assert found.startswith("Category 'a\\x1b[31m\\u202eb")
    assert "\x1b" not in found and "\u202e" not in found and len(found) < 300


@pytest.mark.parametrize(
    ("signal", "value", "low", "high", "said"),
    [
        ("daily_cost_usd", 1412.1, 192.0, 288.0, "Daily cost is 1,412.10 USD; healthy is 192.00 USD to 288.00 USD."),
        (
            "p95_latency_ms",
            5000.4,
            3780.0,
            4620.0,
            "95th percentile of latency is 5,000 ms; healthy is 3,780 ms to 4,620 ms.",
        ),
        ("error_rate", 0.032, None, 0.01, "Error rate is 3.2 %; healthy is at most 1 %."),
    ],
)
def test_an_unhealthy_signal_is_given_in_its_unit_beside_what_is_healthy(signal, value, low, high, said):
    assert signal_said(signal, value=value, band_low=low, band_high=high) == said


def test_a_signal_that_is_harmful_below_its_limit_is_healthy_from_there_on():
    thumbs_up = replace(by_name(signals())["thumbs_down_rate"], title="Thumbs-up rate", harmful=Harmful.BELOW)
    told = signal_said("thumbs_up_rate", thumbs_up, value=0.02, band_low=0.05, band_high=None)
    assert told == "Thumbs-up rate is 2 %; healthy is at least 5 %."


def test_too_few_nights_are_counted():
    (given,) = policy.too_few_nights(night(nights=2), STAGE)
    assert given.sentence == "2 of 5 nights that the stage 5% asks for: 3 more."


def test_a_missing_night_says_so_and_what_there_is_of_the_epoch():
    assert policy.night_reason(night(state=NightState.MISSING)).sentence == (
        "The night of 2026-11-13 is missing: it has not run, or it failed before it read a log. 5 nights of this epoch so far."
    )


def test_a_missing_baseline_tells_a_feature_without_one_from_one_not_judged_by_these_rulers():
    none = quality(verdict=Verdict.NO_BASELINE)
    assert "name one in the feature file" in said(none, baseline_id=None)
    assert "judge it with them" in said(none)


def test_too_few_items_says_on_which_side():
    few = {"verdict": Verdict.SMALL_CELL}
    assert said(quality(**few, items=12)) == "12 scored items in the epoch; a verdict needs 20."
    assert said(quality(**few, baseline_items=1)) == "The cold eval has 1 scored item; a verdict needs 20."
