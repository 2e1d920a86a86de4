"""day_states.sql: a day is complete when its funnel is there and every sampled log is judged on every criterion."""

from datetime import date

from pipelines import lake
from tests.sql.rows import ask, fill

DAY = date(2026, 11, 2)


def states(sample=(), judgments=(), funnel=(), log_files=()) -> dict[date, str]:
    """The states that come of rows given as values: log ids, (item, criterion, status), days, days."""
    with lake.connect() as connection:
        fill(connection, "sample", [{"day": DAY, "log_id": log_id} for log_id in sample])
        keys = ("item_id", "criterion", "status")
        fill(connection, "judgments", [{"day": DAY} | dict(zip(keys, row, strict=True)) for row in judgments])
        fill(connection, "funnel", [{"day": day, "stage": "sample", "status": "scored", "items": 1} for day in funnel])
        fill(connection, "log_files", [{"day": day, "file": "a"} for day in log_files])
        return {row["day"]: row["state"] for row in ask(connection, "night/day_states")}


SCORED = [("a", "tone", "scored"), ("a", "grounded", "refused")]


def test_a_day_with_its_funnel_and_every_judgment_is_complete_failed_ones_too():
    assert states(["a"], SCORED, [DAY], [DAY]) == {DAY: "complete"}


def test_a_day_without_logs_is_complete_when_its_funnel_says_so():
    assert states(funnel=[DAY], log_files=[DAY]) == {DAY: "complete"}


def test_a_night_that_stopped_on_its_way_is_incomplete():
    assert states(log_files=[DAY]) == {DAY: "incomplete"}
    assert states(["a"], log_files=[DAY]) == {DAY: "incomplete"}
    assert states(["a"], SCORED) == {DAY: "incomplete"}


def test_a_pending_judgment_is_outstanding():
    assert states(["a"], [SCORED[0], ("a", "grounded", "pending")], [DAY]) == {DAY: "incomplete"}


def test_a_log_without_a_judgment_on_some_criterion_is_outstanding():
    assert states(["a", "b"], [*SCORED, ("b", "tone", "scored")], [DAY]) == {DAY: "incomplete"}
    assert states(["a", "b"], SCORED, [DAY]) == {DAY: "incomplete"}
    assert states(["a"], [], [DAY]) == {DAY: "incomplete"}


def test_a_day_that_nothing_was_made_of_is_no_row():
    assert states() == {}
