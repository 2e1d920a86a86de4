"""night_facts.sql: the values that a whole day has in common, by which `epoch_on` tells epochs apart."""

from datetime import date, timedelta

import pytest

from pipelines import lake
from tests.sql.rows import ask, fill

DAY = date(2026, 11, 2)


@pytest.fixture(scope="module")
def connection():
    with lake.connect() as opened:
        yield opened


def log(number: int, value: str | None, weight: float = 1.0, column: str = "prompt_version", day: date = DAY) -> dict:
    return {"day": day, "log_id": f"log-{number}", "weight": weight, column: value}


def values(connection, rows: list[dict], epoch_on: str = "prompt_version") -> dict[date, str | None]:
    fill(connection, "sample", rows)
    for table in ("judgments", "judge_votes", "signals"):
        fill(connection, table, [])
    return {row["day"]: row["common_values"].get(epoch_on) for row in ask(connection, "comparison/night_facts")}


@pytest.mark.parametrize(("newer", "expected"), [(2, None), (5, None), (7, None), (8, "v2"), (10, "v2")])
def test_a_value_counts_from_four_fifths_of_the_day_on(connection, newer, expected):
    rows = [log(number, "v2" if number < newer else "v1") for number in range(10)]
    assert values(connection, rows) == {DAY: "v1" if newer == 2 else expected}


def test_the_share_is_of_the_population_and_not_of_the_sampled_items(connection):
    # 3 items stand for 27 logs, 7 for 7: 27 of 34 is 79.4 %; with 28 of 35 it is 80 %
    others = [log(number, "v1") for number in range(3, 10)]
    assert values(connection, [log(number, "v2", 9.0) for number in range(3)] + others) == {DAY: None}
    assert values(connection, [log(number, "v2", 28 / 3) for number in range(3)] + others) == {DAY: "v2"}


def test_logs_without_a_value_are_a_value_of_their_own(connection):
    assert values(connection, [log(number, None) for number in range(4)] + [log(4, "v1")]) == {DAY: "(none)"}
    assert values(connection, [log(0, None), log(1, "v1")]) == {DAY: None}


def test_each_day_goes_by_its_own_logs(connection):
    later = DAY + timedelta(days=1)
    rows = [log(number, "v1") for number in range(3)] + [log(number, "v2", day=later) for number in range(3)]
    assert values(connection, rows) == {DAY: "v1", later: "v2"}


@pytest.mark.parametrize("column", ["category", "cohort", "locale", "model", "prompt_version"])
def test_any_column_can_begin_an_epoch_and_the_others_do_not(connection, column):
    others = dict.fromkeys({"category", "cohort", "locale", "model", "prompt_version"} - {column}, "another")
    rows = [log(number, "its own", column=column) | others for number in range(2)]
    assert values(connection, rows, epoch_on=column) == {DAY: "its own"}
