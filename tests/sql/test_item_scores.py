"""item_scores.sql: weights, criteria that do not apply, and failures that are neither a 0 nor left out in silence."""

from datetime import date

from pipelines import lake
from tests.sql.rows import ask, fill

DAY = date(2026, 11, 2)
WEIGHTS = {"addressed": 1.0, "grounded": 1.0, "tone": 0.5}


def rows_of(**statuses):
    """The rows of an item, by criterion, whose judgments are `criterion=score` or `criterion=status`."""
    with lake.connect() as connection:
        fill(
            connection,
            "rubrics",
            [{"feature": "f", "rubric_id": "r", "criterion": c, "weight": w} for c, w in WEIGHTS.items()],
        )
        fill(
            connection,
            "judgments",
            [
                {"feature": "f", "day": DAY, "item_id": "a", "rubric_id": "r", "criterion": criterion}
                | ({"status": found} if isinstance(found, str) else {"status": "scored", "score": found})
                for criterion, found in statuses.items()
            ],
        )
        return {row["criterion"]: row for row in ask(connection, "judging/item_scores")}


def overall(**statuses):
    """The overall fate and score of such an item."""
    row = rows_of(**statuses)["overall"]
    return row["fate"], row["score"]


def bounds(criterion="overall", **statuses):
    row = rows_of(**statuses)[criterion]
    return row["least"], row["greatest"]


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
    assert overall(addressed="not_applicable", grounded="not_applicable", tone="not_applicable") == (
        "not_applicable",
        None,
    )


def test_a_scored_item_is_bounded_by_its_score():
    assert bounds(addressed=1.0, grounded=0.5, tone=0.0) == (0.6, 0.6)
    assert bounds(addressed=1.0, grounded="not_applicable", tone=0.25) == (0.75, 0.75)


def test_a_failed_criterion_leaves_open_what_the_others_do_not_settle():
    # (1 * 1 + 0.5 * 0.25 + 1 * 0) / 2.5 = 0.45, and with a 1 in its place 0.85
    assert bounds(addressed=1.0, grounded="refused", tone=0.25) == (0.45, 0.85)
    assert bounds("grounded", addressed=1.0, grounded="refused", tone=0.25) == (0.0, 1.0)
    # what it would have scored if it had not applied lies between: 0.75
    assert bounds(addressed="errored", grounded="not_applicable", tone="expired") == (0.0, 1.0)


def test_what_does_not_apply_is_not_missing():
    statuses = dict.fromkeys(WEIGHTS, "not_applicable")
    assert bounds(**statuses) == (None, None)
    assert bounds("tone", **statuses) == (None, None)
