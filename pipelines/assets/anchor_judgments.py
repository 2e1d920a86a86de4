"""anchor_judgments: a fixed set of cold items, judged afresh on every date, so that a judge that drifts is seen."""

import hashlib
from datetime import date, timedelta
from typing import Any

import dagster as dg
import duckdb

from pipelines import clock, lake
from pipelines.assets.building import Shown, cold_asset
from pipelines.assets.cold_judgments import one_asks_live
from pipelines.assets.judgments import judgment_rows, read_items, summary, write_rubric
from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.judge import Item, ItemKind, Sitting
from pipelines.judging.judges import judge_of
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import judge_items
from pipelines.judging.ruler import Rubric, rubric_of
from pipelines.logs.cold_items import read_cold_items

SALT = "prod-evals anchors 1"  # another salt makes other items anchors


def anchor_judgments_asset(feature: Feature) -> dg.AssetsDefinition:
    return cold_asset(
        feature,
        ["anchor_judgments"],
        make_anchor_judgments,
        deps=["cold_items"],
        kinds={"python", "parquet"},
        waits=True,
    )


def make_anchor_judgments(
    connection: duckdb.DuckDBPyConnection, feature: Feature, wait: timedelta = timedelta()
) -> dict[str, Shown]:
    """Judge the anchors as of today's date (UTC), and write `anchor_judgments` of it.

    The date is the verdicts' occasion in the ledger: they are asked once per ruler and date, however many nights run on
    it. Dates whose verdicts were still on their way are written again from what has come.
    """
    judge = judge_of(feature)
    rubric = rubric_of(feature, judge)
    baseline_id = read_cold_items(connection, feature)
    items = read_items(connection, "SELECT item_id, input, output, sources FROM cold_eval")
    anchors = choose(items, feature.judge.anchors)
    write_rubric(connection, feature, rubric)
    rows, judged_by_date = 0, []
    with one_asks_live(feature), Ledger() as ledger:
        today = clock.now().date()
        pending = []
        for day in sorted({today, *_pending_dates(connection, feature, baseline_id, rubric)}):
            # a date that is over was waited for on that date; what has come since is there already
            sitting = Sitting(feature.name, ItemKind.ANCHOR, None, ledger, wait if day == today else timedelta())
            judged = judge_items(anchors, rubric, judge, sitting, str(day))
            connection.register("verdicts", judgment_rows(judged, ItemKind.ANCHOR, rubric, baseline_id))
            keys: dict[str, Any] = {"feature": feature.name, "judged_on": day, "rubric_id": rubric.rubric_id}
            query = "SELECT *, CAST($day AS DATE) AS day FROM verdicts"
            rows += lake.write(connection, "anchor_judgments", query, {"day": day}, **keys)
            pending += judged.pending_keys
            judged_by_date.append(judged)
        BatchBook(ledger).set_waiting(sitting, pending)
    numbers = {
        "asked": sum(judged.asked for judged in judged_by_date),
        "pending": sum(judged.pending for judged in judged_by_date),
        "cost_usd": sum(judged.cost_usd for judged in judged_by_date),
    }
    return {"anchor_judgments": Shown(rows, summary(judged, judge), numbers)}


def choose(items: dict[str, Item], number: int) -> dict[str, Item]:
    """The items with the smallest hashes: the same on every date, and few others when the cold eval changes."""
    return {item_id: items[item_id] for item_id in sorted(items, key=_lot)[:number]}


def _lot(item_id: str) -> bytes:
    return hashlib.sha256(f"{SALT}|{item_id}".encode("utf-8", "surrogatepass")).digest()


def _pending_dates(
    connection: duckdb.DuckDBPyConnection, feature: Feature, baseline_id: str, rubric: Rubric
) -> list[date]:
    """The dates on which anchors of this cold eval were asked and have not all been answered."""
    lake.read(connection, "anchor_judgments", feature=feature.name, rubric_id=rubric.rubric_id)
    query = "SELECT DISTINCT day FROM anchor_judgments WHERE status = 'pending' AND baseline_id = $baseline_id"
    return [day for (day,) in connection.execute(query, {"baseline_id": baseline_id}).fetchall()]
