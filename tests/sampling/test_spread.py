"""spread.sql: how far scores spread within each stratum of a night, over all nights of one rubric."""

from datetime import date

import pytest

from pipelines import lake
from tests.sql.rows import ask, fill

FIRST, SECOND = date(2026, 11, 2), date(2026, 11, 3)


def spread(rows: list[tuple[date, str, float | None]], rubric: str = "r1") -> dict[str, tuple[int, float]]:
    """Degrees of freedom and squares by stratum, of scores by day and stratum."""
    with lake.connect() as connection:
        fill(connection, "rubrics", [{"rubric_id": "r1", "criterion": "tone", "feature": "drafts", "weight": 1.0}])
        fill(
            connection,
            "sample",
            [
                {"feature": "drafts", "day": day, "log_id": f"log-{number}", "stratum": stratum}
                for number, (day, stratum, _) in enumerate(rows)
            ],
        )
        fill(
            connection,
            "judgments",
            [
                {"feature": "drafts", "day": day, "item_id": f"log-{number}", "item_kind": "prod", "criterion": "tone"}
                | {"rubric_id": "r1", "status": "errored" if score is None else "scored", "score": score}
                for number, (day, _, score) in enumerate(rows)
            ],
        )
        lake.view(connection, "judging/item_scores")
        return {
            row["stratum"]: (row["degrees_of_freedom"], row["squares"])
            for row in ask(connection, "sampling/spread", rubric_id=rubric)
        }


def test_deviations_are_from_each_nights_own_mean():
    # a: 1.0, 0.5 on one night (2 * 0.25^2 = 0.125); 0.0, 0.0, 0.75 on another (2 * 0.25^2 + 0.5^2 = 0.375): 5 - 2 = 3
    scores = [(FIRST, "a", 1.0), (FIRST, "a", 0.5), (SECOND, "a", 0.0), (SECOND, "a", 0.0), (SECOND, "a", 0.75)]
    assert spread([*scores, (SECOND, "b", 1.0)]) == {"a": (3, pytest.approx(0.5)), "b": (0, 0)}


def test_items_without_a_score_and_other_rubrics_say_nothing():
    scores = [(FIRST, "a", 1.0), (FIRST, "a", 0.0), (FIRST, "a", None)]
    assert spread(scores) == {"a": (1, pytest.approx(0.5))}
    assert spread(scores, rubric="r2") == {}
