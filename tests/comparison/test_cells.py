"""What one night says of every cell."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipelines.comparison.cells import Cell, cells_of, content_digest, one_night

CELLS = [Cell("category", "a", "overall"), Cell("cohort", "x", "overall"), Cell("overall", "all", "overall")]


def judged(scores: list[float], weights: list[float], **columns) -> pd.DataFrame:
    """Items of two strata, a and b, in turn; nan is a judgment that failed."""
    number = len(scores)
    category = ["a", "b"] * (number // 2)
    least, greatest = np.nan_to_num(scores, nan=0.2), np.nan_to_num(scores, nan=0.9)
    known: dict[str, Any] = {
        "log_id": [f"l{n:03}" for n in range(number)],
        "stratum": category,
        "category": category,
        "cohort": "x",
    }
    known |= {
        "user_id": None,
        "conversation_id": None,
        "weight": weights,
        "criterion": "overall",
        "score": scores,
        "least": least,
        "greatest": greatest,
    }
    return pd.DataFrame(known | columns)


def night(frame: pd.DataFrame, cells=CELLS):
    return one_night(frame, cells)


SCORES = [1.0, 0.25, 0.75, 0.5, 1.0, 0.0, 0.75, 0.25]


def test_scaling_every_weight_changes_nothing():
    weights = [3.0, 1.0] * 4
    first, scaled = night(judged(SCORES, weights)), night(judged(SCORES, [7 * weight for weight in weights]))
    for one, other in zip(first.scored, scaled.scored, strict=True):
        assert one == pytest.approx(other, rel=1e-12)


def test_items_that_failed_are_bounded_and_weigh_as_much_as_they_stand_for():
    # b has weight 3, and its last item of four failed: of the weight 4 + 12 that is 3 / 16, within b 1 / 4
    scores = [1.0, 0.5] * 3 + [1.0, float("nan")]
    found = night(judged(scores, [1.0, 3.0] * 4), [Cell("category", "b", "overall"), Cell("overall", "all", "overall")])
    assert list(found.missing) == [1 / 4, 3 / 16]
    # b: (3 * 0.5 + 0.2) / 4 and (3 * 0.5 + 0.9) / 4
    assert (found.least.mean[0], found.greatest.mean[0]) == pytest.approx((0.425, 0.6))
    assert list(found.scored.items) == [3, 7]


def test_without_failures_the_bounds_are_the_mean_itself():
    found = night(judged(SCORES, [1.0] * 8))
    assert found.missing.tolist() == [0.0] * 3
    assert found.least.mean is found.scored.mean and found.greatest.variance is found.scored.variance


def test_scores_that_are_all_the_same_have_a_variance_by_their_effective_number():
    # weights 1 and 3: (4 + 12)^2 / (4 + 36) = 6.4 items; 2 * (1 / 10.4)^2
    found = night(judged([1.0] * 8, [1.0, 3.0] * 4), [Cell("overall", "all", "overall")])
    assert found.scored.variance[0] == pytest.approx(2 / 10.4**2)


def test_scores_that_are_all_the_same_count_users_and_others_their_items():
    # two users of four items each, one stratum. All 1: 2 * (1 / (2 + 4))^2 by two units
    users = {"stratum": "s", "user_id": ["u", "v"] * 4}
    whole = [Cell("overall", "all", "overall")]
    alike = night(judged([1.0] * 8, [1.0] * 8, **users), whole)
    assert alike.scored.variance[0] == pytest.approx(2 / 6**2)
    # each user has 1, 1, 0, 1, so that users do not differ: 2 * (0.75 / (8 + 4))^2 by eight items
    varied = night(judged([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0], [1.0] * 8, **users), whole)
    assert varied.scored.variance[0] == pytest.approx(2 * (0.75 / 12) ** 2)


def test_a_criterion_that_a_night_was_not_judged_on_has_nothing():
    found = night(judged(SCORES, [1.0] * 8), [Cell("overall", "all", "tone")])
    assert np.isnan(found.scored.mean[0]) and found.scored.items[0] == 0


def test_a_nights_cells_are_all_its_slices_by_all_its_criteria():
    items = judged(
        SCORES, [1.0] * 8, locale=[None, "en"] * 4, model=["m1", "m2"] * 4, criterion=["overall", "tone"] * 4
    )
    slices = [("overall", "all"), ("category", "a"), ("category", "b"), ("cohort", "x"), ("locale", "en")]
    slices += [("model", "m1"), ("model", "m2")]
    assert set(cells_of(items)) == {(*slice_, criterion) for slice_ in slices for criterion in ("overall", "tone")}


def test_items_of_one_user_are_one_sampling_unit():
    # one stratum, weights 1; four users of two items each, alike within a user: totals of z = (score - 0.5) / 8 are
    # 1/8, -1/8, 1/8, -1/8, their squares add up to 4 / 64, times 4 / 3: 1 / 12. Eight items by themselves: 8/7 * 8/256.
    frame = judged([1.0, 1.0, 0.0, 0.0] * 2, [1.0] * 8)
    whole = [Cell("overall", "all", "overall")]
    by_user = night(frame.assign(stratum="s", user_id=[f"u{n // 2}" for n in range(8)]), whole)
    by_item = night(frame.assign(stratum="s"), whole)
    assert by_user.scored.variance[0] == pytest.approx(1 / 12) and by_user.degrees_of_freedom.tolist() == [3]
    assert by_item.scored.variance[0] == pytest.approx(8 / 7 * 8 / 256) and by_item.degrees_of_freedom.tolist() == [7]
    by_others = frame.assign(stratum="s", user_id="u")
    assert content_digest(by_others) != content_digest(frame.assign(stratum="s"))


def test_an_item_that_failed_leaves_its_weight_to_its_stratum():
    # a stands for 4 and has 1; b for 12, and its three that did not fail have 0.5: (4 * 1 + 12 * 0.5) / 16
    found = night(judged([1.0, 0.5] * 3 + [1.0, float("nan")], [1.0, 3.0] * 4), [Cell("overall", "all", "overall")])
    assert found.scored.mean[0] == pytest.approx(10 / 16)
