"""anchor_judgments: a fixed set of cold items, judged afresh on every date, so that a judge that drifts is seen."""

import hashlib
from datetime import date, timedelta

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
from pipelines.sources.cold_items import read_cold_items

SALT = "prod-evals anchors 1"  # another salt makes other items anchors


def anchor_judgments_asset(feature: Feature):
    return cold_asset(
        feature,
        ["anchor_judgments"],
        make_anchor_judgments,
        deps=["cold_items"],
        kinds={"python", "parquet"},
        waits=True,
    )


def make_anchor_judgments(connection: duckdb.DuckDBPyConnection, feature: Feature, wait: timedelta = timedelta()) -> dict[str, Shown]:
    """Judge the anchors as of today's date (UTC), and write `anchor_judgments` of it.

    The date is the verdicts' occasion in the ledger: they are asked once per ruler and date, however many nights run on
    it. Dates whose verdicts were still on their way are written again from what has come.
    """
    judge = judge_of(feature)
    rubric = rubric_of(feature, judge)
    baseline_id = read_cold_items(connection, feature)
    anchors = choose(read_items(connection, "SELECT item_id, input, output, sources FROM cold_eval"), feature.judge.anchors)
    write_rubric(connection, feature, rubric)
    today = clock.now().date()
    rows = 0
    with one_asks_live(feature), Ledger() as ledger:
        sitting = Sitting(feature.name, ItemKind.ANCHOR, None, ledger, wait)
        pending = 0
        for day in sorted({today, *_pending_dates(connection, feature, rubric)}):
            judged = judge_items(anchors, rubric, judge, sitting, str(day))
            connection.register("verdicts", judgment_rows(judged, ItemKind.ANCHOR, rubric, baseline_id))
            keys = {"feature": feature.name, "judged_on": day, "rubric_id": rubric.rubric_id}
            query = "SELECT *, CAST($day AS DATE) AS day FROM verdicts"
            rows += lake.write(connection, "anchor_judgments", query, {"day": day}, **keys)
            pending += judged.pending
        BatchBook(ledger).set_waiting(sitting, pending > 0)
    return {"anchor_judgments": Shown(rows, summary(judged, judge), {"asked": judged.asked, "pending": pending})}


def choose(items: dict[str, Item], number: int) -> dict[str, Item]:
    """The items with the smallest hashes: the same on every date, and few others when the cold eval changes a little."""
    order = sorted(items, key=lambda item_id: hashlib.sha256(f"{SALT}|{item_id}".encode("utf-8", "surrogatepass")).digest())
    return {item_id: items[item_id] for item_id in order[:number]}


def _pending_dates(connection: duckdb.DuckDBPyConnection, feature: Feature, rubric: Rubric) -> list[date]:
    lake.read(connection, "anchor_judgments", feature=feature.name, rubric_id=rubric.rubric_id)
    rows = connection.execute("SELECT DISTINCT day FROM anchor_judgments WHERE status = 'pending'").fetchall()
    return [day for (day,) in rows]
