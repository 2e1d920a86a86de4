"""What the ledger says was paid for a feature since what `judge_costs` knows already."""

from datetime import date, timedelta

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.catalogue.tables import own_columns
from pipelines.feature import Feature
from pipelines.judging.ledger import Ledger

BATCHES_KEPT_DAYS = 30  # a batch's verdicts bear the date on which it ended, and can be read for 29 days


def read_spending(connection: duckdb.DuckDBPyConnection, feature: Feature) -> date:
    """Let SQL on this connection see, as `paid`, what was paid since a date; returns that date."""
    lake.read(connection, "rulers")
    lake.read(connection, "judge_costs", feature=feature.name)
    since = _read_again_since(connection)
    with Ledger() as ledger:
        spent = ledger.spent(feature.name, str(since))
    criteria = dict(connection.execute("SELECT ruler_id, criterion FROM rulers").fetchall())
    rows = [
        {
            "judged_on": row.judged_on,
            "item_kind": row.item_kind.value,
            "criterion": criteria.get(row.ruler_id),
            "ruler_id": row.ruler_id,
            "judge_model": row.judge_model,
            "in_batches": row.in_batches,
            "verdicts": row.verdicts,
            "input_tokens": row.usage.all_input_tokens,
            "cache_read_tokens": row.usage.cache_read_tokens,
            "output_tokens": row.usage.output_tokens,
            "cost_usd": row.cost_usd,
        }
        for row in spent
    ]
    columns = [name for name in own_columns("judge_costs") if name != "running_total_usd"]
    connection.register("paid", pd.DataFrame(rows, columns=columns))
    return since


def _read_again_since(connection: duckdb.DuckDBPyConnection) -> date:
    """The date from which on the ledger may have more than the table: batches are read up to so many days later."""
    last = connection.execute("SELECT MAX(judged_on) FROM judge_costs").fetchall()[0][0]
    return date.min if last is None else last - timedelta(days=BATCHES_KEPT_DAYS)
