"""funnel: where every line, log, sampled item and judgment of a day ended. Its file says that the day is complete."""

from datetime import date

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.feature import Feature
from pipelines.sampling.population import sampled_cohorts

CHECKS = (
    Check("stages_add_up", "What leaves each stage is what enters the next.", blocking=True),
    Check("few_items_failed", "Less than 2 % of the sampled logs have a judgment that failed."),
)
MANY_FAILED = 0.02


def funnel_asset(feature: Feature) -> dg.AssetsDefinition:
    return day_asset(
        feature,
        ["funnel"],
        make_funnel,
        deps=["log_files", "rejected_logs", "prod_logs", "signals", "sample", "judgments", "stage_history"],
        kinds={"duckdb", "parquet"},
        checks=CHECKS,
    )


def make_funnel(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> dict[str, Shown]:
    """Count a day's stages and write `funnel` for it."""
    day_tables = ("log_files", "rejected_logs", "prod_logs", "sample", "judgments")
    lake.read(connection, *day_tables, feature=feature.name, day=day)
    lake.read(connection, "rubrics", feature=feature.name)
    lake.view(connection, "judging/item_scores")
    parameters = {"cohorts": sampled_cohorts(feature, day)}
    rows = lake.write(connection, "funnel", lake.statement("night/funnel"), parameters, feature=feature.name, day=day)
    lake.read(connection, "funnel", feature=feature.name, day=day)
    counts = connection.execute("SELECT stage, status, items FROM funnel").fetchall()
    totals: dict[str, int] = {}
    for stage, _, items in counts:
        totals[stage] = totals.get(stage, 0) + items
    items_by_status = {(stage, status): items for stage, status, items in counts}
    sampled, failed = totals.get("sample", 0), items_by_status.get(("sample", "failed"), 0)
    logs_add_up = totals.get("logs", 0) == items_by_status["lines", "prod_logs"]
    adds_up = logs_add_up and sampled == items_by_status.get(("logs", "sampled"), 0)
    return {
        "funnel": Shown(
            rows,
            markdown(("stage", "status", "items"), counts),
            {"sampled": sampled, "failed": failed, "scored": items_by_status.get(("sample", "scored"), 0)},
            {
                "stages_add_up": (adds_up, ", ".join(f"{stage}: {total}" for stage, total in totals.items())),
                "few_items_failed": (
                    failed <= MANY_FAILED * sampled,
                    f"{failed} of {sampled}",
                    {"failed": failed, "sampled": sampled},
                ),
            },
        )
    }
