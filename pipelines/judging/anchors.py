"""Anchors: a fixed set of cold items, judged afresh on every date, so that a judge that drifts is seen."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import duckdb

from pipelines import clock, lake
from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.cold_judging import one_asks_live
from pipelines.judging.judge import Item, ItemKind, Judge, Sitting
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import Judged, judge_items
from pipelines.judging.ruler import Rubric

SALT = "prod-evals anchors 1"  # another salt makes other items anchors


def choose_anchors(items: Mapping[str, Item], number: int) -> dict[str, Item]:
    """The items with the smallest hashes: the same on every date, and few others when the cold eval changes."""
    return {item_id: items[item_id] for item_id in sorted(items, key=_lot)[:number]}


def dates_to_judge(
    connection: duckdb.DuckDBPyConnection, feature: Feature, baseline_id: str, rubric: Rubric, wait: timedelta
) -> dict[date, timedelta]:
    """The dates to judge the anchors of, in order, and how long to wait for the verdicts of each.

    They are today (UTC), which is waited for, and those on which anchors of this cold eval were asked and have not all
    been answered: these were waited for on their own date, and what has come since is there already.
    """
    lake.read(connection, "anchor_judgments", feature=feature.name, rubric_id=rubric.rubric_id)
    query = "SELECT DISTINCT day FROM anchor_judgments WHERE status = 'pending' AND baseline_id = $baseline_id"
    pending = [day for (day,) in connection.execute(query, {"baseline_id": baseline_id}).fetchall()]
    waits = dict.fromkeys(pending, timedelta()) | {clock.now().date(): wait}
    return dict(sorted(waits.items()))


def judge_anchors(
    feature: Feature, anchors: Mapping[str, Item], rubric: Rubric, judge: Judge, waits: Mapping[date, timedelta]
) -> Iterator[tuple[date, Judged]]:
    """Judge the anchors as of each date of `waits`, and yield what came of it, to be written before the next.

    The date is the verdicts' occasion in the ledger: they are asked once per ruler and date, however many nights run on
    it.
    """
    with one_asks_live(feature), Ledger() as ledger:
        pending = []
        for day, wait in waits.items():
            sitting = Sitting(feature.name, ItemKind.ANCHOR, None, ledger, wait)
            judged = judge_items(anchors, rubric, judge, sitting, str(day))
            yield day, judged
            pending += judged.pending_keys
        BatchBook(ledger).set_waiting(sitting, pending)


def _lot(item_id: str) -> bytes:
    return hashlib.sha256(f"{SALT}|{item_id}".encode("utf-8", "surrogatepass")).digest()
