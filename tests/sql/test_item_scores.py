"""item_scores.sql: weights, criteria that do not apply, and failures that are neither a 0 nor left out in silence."""

from datetime import date

from pipelines import lake
from tests.sql.rows import ask, fill

DAY = date(2026, 11, 2)
WEIGHTS = {"addressed": 1.0, "grounded": 1.0, "tone": 0.5}


def overall(**statuses):
    """The overall fate and score of an item whose judgments are `criterion=score` or `criterion=status`."""
    with lake.connect() as connection:
        fill(connection, "rubrics", [{"feature": "f", "rubric_id": "r", "criterion": c, "weight": w} for c, w in WEIGHTS.items()])
        fill(
            connection,
            "judgments",
            [
                {"feature": "f", "day": DAY, "item_id": "a", "rubric_id": "r", "criterion": criterion}
                | ({"status": found} if isinstance(found, str) else {"status": "scored", "score": found})
                for criterion, found in statuses.items()
            ],
        )
        (row,) = [row for row in ask(connection, "item_scores") if row["criterion"] == "overall"]
        return row["fate"], row["score"]


def test_the_overall_score_is_the_weighted_mean():
    # (1 * 1 + 1 * 0.5 + 0.5 * 0) / 2.5 = 0.6
    assert overall(addressed=1.0, grounded=0.5, tone=0.0) == ("scored", 0.6)


def test_a_criterion_that_does_not_apply_has_no_weight():
    # (1 * 1 + 0.5 * 0.25) / 1.5 = 0.75
    assert overall(addressed=1.0, grounded="not_applicable", tone=0.25) == ("scored", 0.75)


def test_an_item_with_a_failed_criterion_has_no_score():
    assert overall(addressed=1.0, grounded="refused", tone=1.0) == ("failed", None)
    assert overall(addressed="pending", grounded="not_applicable", tone=1.0) == ("failed", None)


def test_an_item_to_which_nothing_applies_has_no_score():
    assert overall(addressed="not_applicable", grounded="not_applicable", tone="not_applicable") == ("not_applicable", None)
