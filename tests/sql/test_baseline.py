"""baseline.sql: mean and standard error of the cold eval, of all its items and of each category."""

import pytest

from pipelines import lake
from tests.sql.rows import ask, fill


def baseline(items):
    """The rows that come of cold items given as (category, score or status on `tone`)."""
    with lake.connect() as connection:
        fill(connection, "rubrics", [{"feature": "f", "rubric_id": "r", "criterion": "tone", "weight": 2.0}])
        known = {"feature": "f", "rubric_id": "r", "baseline_id": "b", "criterion": "tone", "item_kind": "cold"}
        judgments = [
            known
            | {"item_id": str(number)}
            | ({"status": found} if isinstance(found, str) else {"status": "scored", "score": found})
            for number, (_, found) in enumerate(items)
        ]
        fill(connection, "judgments", judgments)
        fill(
            connection,
            "cold_items",
            [{"item_id": str(number), "category": category} for number, (category, _) in enumerate(items)],
        )
        lake.view(connection, "judging/item_scores")
        return {
            (row["slice_kind"], row["slice"], row["criterion"]): row for row in ask(connection, "comparison/baseline")
        }


def test_mean_and_error_are_those_of_a_simple_random_sample():
    rows = baseline([("a", 1.0), ("a", 0.5), ("b", 0.0), ("b", 0.5)])
    whole = rows["overall", "all", "tone"]
    # deviations 0.5, 0, -0.5, 0: s^2 = 0.5 / 3, over 4 items: 0.041667
    assert (whole["mean"], whole["items"]) == (0.5, 4)
    assert whole["standard_error"] ** 2 == pytest.approx(0.5 / 12)
    assert rows["category", "a", "tone"]["mean"] == 0.75
    assert set(rows) == {
        (*slice_, c)
        for slice_ in (("overall", "all"), ("category", "a"), ("category", "b"))
        for c in ("tone", "overall")
    }


def test_items_that_failed_or_do_not_apply_are_neither_zeros_nor_counted():
    row = baseline([("a", 1.0), ("a", 0.5), ("a", "refused"), ("a", "not_applicable")])["overall", "all", "overall"]
    assert (row["mean"], row["items"]) == (0.75, 2)


def test_one_item_has_no_error_and_none_no_mean():
    assert baseline([("a", 1.0)])["category", "a", "overall"]["standard_error"] is None
    row = baseline([("a", "refused")])["overall", "all", "overall"]
    assert (row["mean"], row["standard_error"], row["items"]) == (None, None, 0)


def test_a_category_called_all_is_a_category():
    rows = baseline([("all", 1.0), ("b", 0.0)])
    assert (rows["overall", "all", "overall"]["items"], rows["category", "all", "overall"]["items"]) == (2, 1)
