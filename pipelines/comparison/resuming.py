"""Which days a history table has to be made again from: the first whose inputs are others than those it was made of.

A history table is cut by months. Each of its files notes, day by day, a digest of the inputs that the day's rows were
made of. What follows the first day that differs is made again, and nothing before it: a day's rows rest on that day and
on those before it alone, so that the table is equal to one made from nothing.
"""

from collections.abc import Callable, Mapping
from datetime import date
from itertools import groupby
from typing import Any

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.catalogue.tables import own_columns
from pipelines.judging.ruler import digest


def chained(inputs: Mapping[date, Any]) -> dict[date, str]:
    """A digest for each day, in order, of its own inputs and of those of all days before it."""
    digests: dict[date, str] = {}
    last = ""
    for day in sorted(inputs):
        digests[day] = last = digest([last, inputs[day]])
    return digests


def first_change(
    connection: duckdb.DuckDBPyConnection, table: str, feature: str, inputs: Mapping[date, str]
) -> date | None:
    """The first day whose rows are not made of `inputs` (`chained`, of every day that is due); None when all are."""
    before = made_of(connection, table, feature)
    changed = (day for day in before.keys() | inputs.keys() if before.get(day) != inputs.get(day))
    return min(changed, default=None)


def bring_up_to_date(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    feature: str,
    inputs: Mapping[date, str],
    rows_since: Callable[[date], pd.DataFrame],
) -> None:
    """Make a table's rows again from the first day that is not made of `inputs`; `rows_since(day)` makes them."""
    since = first_change(connection, table, feature, inputs)
    if since is not None:
        write_since(connection, table, feature, rows_since(since), inputs, since)


def made_of(connection: duckdb.DuckDBPyConnection, table: str, feature: str) -> dict[date, str]:
    """What the rows of each day are made of, as the table's files note it."""
    noted = lake.notes(connection, lake.files(table, feature=feature)).values()
    days = (entry.split("=") for note in noted for entry in note.split())
    return {date.fromisoformat(day): made for day, made in days}


def write_since(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    feature: str,
    rows: pd.DataFrame,
    inputs: Mapping[date, str],
    since: date,
) -> None:
    """Write the rows of the days from `since` on, month by month, and note what each day's are made of.

    The rows of the days before `since` stay; what there is of days after the last of `inputs` goes.
    """
    if not inputs:
        return
    connection.register("made_again", rows)
    columns = ", ".join(f'"{column}"' for column in own_columns(table))
    for month, of_month in groupby(sorted(inputs), key=lake.month_of):
        days = list(of_month)
        if month < lake.month_of(since):
            continue
        lake.read(connection, table, feature=feature, month=month)
        lake.write(
            connection,
            table,
            f"SELECT {columns} FROM {table} WHERE day < $since UNION ALL BY NAME "
            f"SELECT {columns} FROM made_again WHERE day BETWEEN $first AND $last",
            {"since": since, "first": max(since, days[0]), "last": days[-1]},
            note=" ".join(f"{day}={inputs[day]}" for day in days),
            feature=feature,
            month=month,
        )
    for file in lake.files(table, feature=feature):
        if file.partition["month"] > lake.month_of(max(inputs)):
            lake.remove(file)
