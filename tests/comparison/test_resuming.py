"""A history table is made again from the first day whose inputs changed, and has no day that is not due."""

from datetime import date, timedelta

import pandas as pd

from pipelines import lake
from pipelines.catalogue.tables import own_columns
from pipelines.comparison.resuming import bring_up_to_date, made_of

FIRST = date(2026, 11, 1)


def days_of(connection, inputs):
    """Bring a table with a row a day up to date; the days that the table has then, and those that its files note."""

    def rows_since(since):
        rows = [{"day": day} for day in inputs if day >= since]
        return pd.DataFrame(rows, columns=own_columns("divergence")).astype("object")

    bring_up_to_date(connection, "divergence", "drafts", inputs, rows_since)
    lake.read(connection, "divergence", feature="drafts")
    days = [day for (day,) in connection.execute("SELECT day FROM divergence ORDER BY day").fetchall()]
    return days, sorted(made_of(connection, "divergence", "drafts"))


def test_a_day_that_is_no_longer_due_goes_with_its_note():
    due = [FIRST + timedelta(days=number) for number in range(40)]  # into the second month
    with lake.connect() as connection:
        for days in (due, due[:35], due[:20], due):
            assert days_of(connection, dict.fromkeys(days, "made")) == (days, days)
