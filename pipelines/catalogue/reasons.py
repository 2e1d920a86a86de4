"""Every reason of a decision, said once: its code, what it asks for, its sentence, and what to do next.

The codes are a closed set, and readers outside this repository depend on them. A classifier of gate/policy.py gives a
reason with its effect and the facts of the day; the sentence has a place in braces for each fact. What to do next may
name `{feature}` and `{day}`; what stands between backticks is shown as code.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum


class Effect(IntEnum):
    """What a reason asks for; of several, the first of this order decides."""

    ROLLS_BACK = 0
    HOLDS = 1
    ALLOWS = 2


@dataclass(frozen=True)
class Reason:
    """Why a decision is what it is. `effects` are those that it may have, `title` is what it means in a few words."""

    code: str
    effects: tuple[Effect, ...]
    title: str
    sentence: str
    next_step: str

    def said(self, sentence: str) -> "Reason":
        """The same reason in another sentence, for a case of it that the first does not fit."""
        return replace(self, sentence=sentence)


WITHIN_BAND = Reason(
    code="within_band",
    effects=(Effect.ALLOWS,),
    title="Quality is clearly not below the band",
    sentence="{difference}: inside the {band} band.",
    next_step=(
        "Nothing is asked of quality. On an advance, move the flag one stage up and add the day to `ramp.history`."
    ),
)
CLEAR_OF_LOWER_EDGE = WITHIN_BAND.said("{difference}: clearly not below the {band} band.")

QUALITY_ABOVE_BAND = Reason(
    code="quality_above_band",
    effects=(Effect.ALLOWS,),
    title="Quality is clearly above the band",
    sentence=(
        "{difference}: above the {band} band. That does not hold the ramp, but the cold eval no longer represents "
        "production."
    ),
    next_step=(
        "On an advance, move the flag one stage up and add the day to `ramp.history`. Then renew the cold eval of "
        "`baseline.path` with items as production has them."
    ),
)

QUALITY_BELOW_BAND = Reason(
    code="quality_below_band",
    effects=(Effect.ROLLS_BACK, Effect.HOLDS),
    title="Quality is clearly below the band",
    sentence="{difference}: clearly below the {band} band.",
    next_step=(
        "On a roll-back, move the flag one stage down and add the day to `ramp.history`. Read the lowest-scored items "
        "on the page, and the category and criterion that are lowest, to find what got worse."
    ),
)

QUALITY_ALARM = Reason(
    code="quality_alarm",
    effects=(Effect.ROLLS_BACK, Effect.HOLDS),
    title="The last nights alone are far below the band",
    sentence="Quality of {nights} is {drop} below {yardstick}: far below the {band} band, and no matter of chance.",
    next_step=(
        "On a roll-back, move the flag one stage down and add the day to `ramp.history`. Look at what was shipped "
        "shortly before {day}: a prompt, a model, an index, a source of the logs."
    ),
)

SLICE_BELOW_BAND = Reason(
    code="slice_below_band",
    effects=(Effect.HOLDS,),
    title="A category or cohort is clearly below the band",
    sentence="{slice}: {difference}, clearly below the {band} band.",
    next_step=(
        "Read its lowest-scored items, and ask `sql/analysts/what_low_scores_have_in_common.sql` of "
        "`prod_evals.duckdb`. Mend what they share, or keep that cohort out of the next stage."
    ),
)
MORE_SLICES_BELOW = SLICE_BELOW_BAND.said("{more_slices} clearly below the band.")

QUALITY_INCONCLUSIVE = Reason(
    code="quality_inconclusive",
    effects=(Effect.HOLDS,),
    title="Quality is not yet clearly inside the band",
    sentence="{difference}, not yet clearly inside the {band} band: {waits_for}.",
    next_step=(
        "Wait for more nights. `prod-evals plan {feature}` says how many it takes with a larger `sample.n`, and how "
        "large a cold eval would have to be."
    ),
)
NOT_MEASURED = QUALITY_INCONCLUSIVE.said("Quality over {nights} has no interval that could be held against the band.")

STALE_EVAL_SET = Reason(
    code="stale_eval_set",
    effects=(Effect.HOLDS,),
    title="Production's mix of categories has moved, not quality",
    sentence=(
        "{difference}, but {on_cold_mix} on the cold eval's mix of categories: it is production's mix that has moved, "
        "not quality. The eval set is stale; bring its categories up to date."
    ),
    next_step=(
        "Bring the categories of the cold eval (`baseline.path`) to the shares that production has: "
        "`sql/analysts/is_it_the_mix_or_the_quality.sql` shows both. Then `prod-evals run {feature} --day {day}`."
    ),
)

JUDGE_DRIFT = Reason(
    code="judge_drift",
    effects=(Effect.HOLDS,),
    title="The judge has drifted on its anchors",
    sentence=(
        "The judge has drifted, not the product: on {anchors} it scores {criterion} {shift} than when the cold eval "
        "was judged (interval {low} to {high}, as of {judged_on}). Promotion is frozen until production and the cold "
        "eval are judged alike: a new ruler, by another model or wording, judges both."
    ),
    next_step=(
        "Name another `judge.model`, or edit the criterion's file of `judge_prompts/`: either is a new ruler, and the "
        "next night judges the cold eval by it too. `prod-evals calibrate {feature}` sets it beside people."
    ),
)

TOO_FEW_NIGHTS = Reason(
    code="too_few_nights",
    effects=(Effect.HOLDS,),
    title="The stage asks for more nights",
    sentence="{nights} of {wanted} that the stage {stage} asks for: {left} more.",
    next_step=(
        "Wait for the next nights, or run those that are missing: `prod-evals run {feature} --from DAY --to {day}`. "
        "How many a stage asks for is its `min_nights`."
    ),
)

TOO_FEW_ITEMS = Reason(
    code="too_few_items",
    effects=(Effect.HOLDS,),
    title="Too few scored items for a verdict",
    sentence="{items} in the epoch; a verdict needs {needed}.",
    next_step=(
        "Raise `sample.n`, wait for days with more logs, or add items to the cold eval of `baseline.path`, whichever "
        "the sentence says is short."
    ),
)
TOO_FEW_COLD_ITEMS = TOO_FEW_ITEMS.said("The cold eval has {items}; a verdict needs {needed}.")

SIGNAL_UNHEALTHY = Reason(
    code="signal_unhealthy",
    effects=(Effect.ROLLS_BACK, Effect.HOLDS),
    title="A signal is outside its band on the harmful side",
    sentence="{signal} is {value}; healthy is {healthy}.",
    next_step=(
        "On a roll-back, move the flag one stage down and add the day to `ramp.history`. Find the cause in the logs of "
        "{day}; where the expectation was wrong, correct its `forecast` or `bands`."
    ),
)

SIGNAL_MISSING = Reason(
    code="signal_missing",
    effects=(Effect.HOLDS,),
    title="A signal that is owed was not measured",
    sentence="{signal} could not be measured: no log of the day holds what it is measured from.",
    next_step=(
        "See with `prod-evals check {feature} --day {day}` what each column is filled from; mend `logs.fields` or the "
        "logger, then `prod-evals run {feature} --day {day}`."
    ),
)
NO_SIGNALS = SIGNAL_MISSING.said("The day has no signals: cost, latency and errors are unknown.")

NO_BASELINE = Reason(
    code="no_baseline",
    effects=(Effect.HOLDS,),
    title="No cold eval by the same rulers to compare with",
    sentence="There is no cold eval to compare with: name one in the feature file's `baseline`.",
    next_step=(
        "Name the cold eval's items in `baseline.path`, if the feature file does not; then `prod-evals run {feature} "
        "--day {day}` judges them by the day's rulers."
    ),
)
BASELINE_NOT_JUDGED = NO_BASELINE.said(
    "The cold eval {baseline_id} has no scores by the rulers of {day}: judge it with them."
)

NO_DATA = Reason(
    code="no_data",
    effects=(Effect.HOLDS,),
    title="The day has no scored items",
    sentence="{day} has no scored items: nothing to compare with the cold eval.",
    next_step=(
        "See with `prod-evals check {feature} --day {day}` whether the day has logs and which are rejected, and "
        "whether its cohorts are those of the stage's `cohorts`."
    ),
)

DAY_MISSING = Reason(
    code="day_missing",
    effects=(Effect.HOLDS,),
    title="The night has not run",
    sentence="The night of {day} is missing: it has not run, or it failed before it read a log.{so_far}",
    next_step="Run it: `prod-evals run {feature} --day {day}`.",
)

DAY_INCOMPLETE = Reason(
    code="day_incomplete",
    effects=(Effect.HOLDS,),
    title="The night failed on its way, or waits for verdicts",
    sentence="The night of {day} is incomplete: it failed on its way, or judgments are outstanding.{so_far}",
    next_step=(
        "Run it again: `prod-evals run {feature} --day {day}` says what failed, and collects verdicts that have come."
    ),
)

JUDGMENTS_FAILED = Reason(
    code="judgments_failed",
    effects=(Effect.HOLDS,),
    title="The judge failed on too many items",
    sentence=(
        "The judge failed on {failed_share} of the sampled items, more than the {most} beyond which the others may not "
        "speak for them."
    ),
    next_step=(
        "Read in `judgments` of `prod_evals.duckdb` which status they have, mend its cause (a key, a limit, "
        "`judge.max_tokens`), then `prod-evals run {feature} --day {day}`: verdicts that are there are not asked for "
        "again."
    ),
)

HELD_LONG = Reason(
    code="held_long",
    effects=(Effect.HOLDS,),
    title="The stage has been held for long",
    sentence=(
        "HELD FOR {nights} DAYS IN A ROW at {stage}: holding for ever has a cost too. Remove what holds it, or decide "
        "to widen a band, to extend the cold eval, or to go back."
    ),
    next_step=(
        "Decide with the owner of the rollout: remove what holds it, widen the band in `bands`, extend the cold eval "
        "(`prod-evals plan {feature}` says how far), or move the flag one stage down."
    ),
)

AT_FINAL_STAGE = Reason(
    code="at_final_stage",
    effects=(Effect.HOLDS,),
    title="The last stage is reached",
    sentence="{stage} is the last stage: there is nothing to advance to.",
    next_step="Nothing: the nights go on watching.",
)

_all_reasons = [value for value in globals().values() if isinstance(value, Reason)]
# What is said of every reason, and of every case of one: decisions made with other words are made again.
WORDING = [reason.sentence for reason in _all_reasons]
# By code; of those that share one, the first stands for it.
REASONS: dict[str, Reason] = {}
for _reason in _all_reasons:
    REASONS.setdefault(_reason.code, _reason)


def next_step(code: str, feature: str, day: object) -> str:
    """What to do about a reason, for a day of a feature; empty for a code that is none."""
    return REASONS[code].next_step.format(feature=feature, day=day) if code in REASONS else ""


def next_steps(codes: Iterable[str], feature: str, day: object) -> list[str]:
    """What to do about a decision's reasons, in their order, each once."""
    return list(dict.fromkeys(filter(None, (next_step(code, feature, day) for code in codes))))
