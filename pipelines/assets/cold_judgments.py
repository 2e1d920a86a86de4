"""cold_judgments: the cold eval's items, judged by the same rulers as production."""

from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, cold_asset
from pipelines.assets.judgments import judgment_rows, read_items, summary, write_rubric
from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.judge import ItemKind, Sitting
from pipelines.judging.judges import judge_of
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import judge_items
from pipelines.judging.providers import provider_of
from pipelines.judging.ruler import rubric_of
from pipelines.logs.cold_items import read_cold_items


def cold_judgments_asset(feature: Feature) -> dg.AssetsDefinition:
    return cold_asset(
        feature,
        ["cold_judgments"],
        make_cold_judgments,
        deps=["cold_items"],
        kinds={"python", "parquet"},
        checks=[Check("none_pending", "No verdict is still on its way: until then the cold eval is no baseline.")],
        waits=True,
    )


def make_cold_judgments(
    connection: duckdb.DuckDBPyConnection, feature: Feature, wait: timedelta = timedelta()
) -> dict[str, Shown]:
    """Judge the cold eval under the feature's rubric, and write the judgments under both their ids.

    Asked live by several nights at once, the first asks and the others wait for its verdicts rather than pay for them
    again; in batches, what one has submitted the others know.
    """
    judge = judge_of(feature)
    rubric = rubric_of(feature, judge)
    baseline_id = read_cold_items(connection, feature)
    items = read_items(connection, "SELECT item_id, input, output, sources FROM cold_eval")
    write_rubric(connection, feature, rubric)
    with one_asks_live(feature), Ledger() as ledger:
        sitting = Sitting(feature.name, ItemKind.COLD, None, ledger, wait)
        judged = judge_items(items, rubric, judge, sitting)
        BatchBook(ledger).set_waiting(sitting, judged.pending_keys)
    connection.register("verdicts", judgment_rows(judged, ItemKind.COLD, rubric, baseline_id))
    rows = lake.write(
        connection,
        "cold_judgments",
        "SELECT *, CAST(NULL AS DATE) AS day FROM verdicts",
        feature=feature.name,
        baseline_id=baseline_id,
        rubric_id=rubric.rubric_id,
    )
    numbers = {
        "asked": judged.asked,
        "known to the ledger": judged.known,
        "pending": judged.pending,
        "cost_usd": judged.cost_usd,
    }
    checks = {"none_pending": (judged.pending == 0, f"{judged.pending} of {rows} are pending")}
    return {"cold_judgments": Shown(rows, summary(judged, judge), numbers, checks)}


def one_asks_live(feature: Feature) -> AbstractContextManager:
    """The lock under which what many nights want is asked live."""
    return lake.lock(f"cold-{feature.name}") if provider_of(feature).pays_twice(feature) else nullcontext()
