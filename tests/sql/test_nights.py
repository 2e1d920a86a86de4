"""nights.sql: the value that a day's epoch goes by, carried over days on which none prevails."""

from datetime import date, timedelta

import pytest

from pipelines import lake
from tests.sql.rows import ask, fill

FIRST = date(2026, 11, 2)


def epoch_values(*values: str | None) -> list[str | None]:
    """The value of each day's epoch, of days with these common values of prompt_version; all of them known before."""
    days = [FIRST + timedelta(days=number) for number in range(len(values))]
    common = [{"prompt_version": value} if value else {} for value in values]
    with lake.connect() as connection:
        fill(connection, "nights", [{"day": d, "common_values": c} for d, c in zip(days, common, strict=True)])
        fill(connection, "night_summary", [])
        connection.execute(
            "CREATE TEMP TABLE listed_days AS SELECT day, 'of-it' AS made_of, 'internal' AS stage, 'b' AS baseline_id, "
            "false AS changed FROM nights"
        )
        connection.execute(
            "CREATE TEMP VIEW night_facts AS SELECT day, common_values, locales, models, judged_by, votes, measured "
            "FROM nights WHERE false"
        )
        return [row["epoch_value"] for row in ask(connection, "comparison/nights", epoch_on="prompt_version")]


@pytest.mark.parametrize(
    ("common", "epochs"),
    [
        # a day of transition stays in the epoch that it ends, and until some value prevails there is none
        ((None, "v1", None, None, "v2", None), [None, "v1", "v1", "v1", "v2", "v2"]),
        # a share that lies about the limit makes one epoch, and not one a night
        (("v1", None, "v1", None, "v1"), ["v1"] * 5),
        ((), []),
    ],
)
def test_a_day_on_which_no_value_prevails_keeps_the_one_before_it(common, epochs):
    assert epoch_values(*common) == epochs
