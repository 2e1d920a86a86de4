"""Sending a day's verdicts to the collector that a feature file names."""

from collections.abc import Collection
from datetime import date

import duckdb

from pipelines import lake
from pipelines.feature import Feature
from pipelines.judging.judge import Status
from pipelines.judging.panel import Judged
from pipelines.judging.telemetry import EvaluationResult, emit_evaluations, logs_url, require_telemetry


def require_collector(feature: Feature) -> None:
    """Raise UserError where verdicts are to be sent and cannot be; asked before any is paid for."""
    if feature.publish.otlp is not None:
        logs_url(feature.publish.otlp)
        require_telemetry()


def verdicts_sent(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> set[tuple[str, str, str]]:
    """The verdicts that the day's table has, as (item, ruler, status): a re-run sends nothing twice.

    Not those that the ledger has: it may have them from another day, or from a batch that somebody else has read.
    """
    lake.read(connection, "judgments", feature=feature.name, day=day)
    return set(connection.execute("SELECT item_id, ruler_id, status FROM judgments").fetchall())


def send_verdicts(feature: Feature, judged: Judged, sent: Collection[tuple[str, str, str]]) -> None:
    """Send verdicts to the collector of `publish.otlp`, but for those `sent` before, as (item, ruler, status)."""
    if feature.publish.otlp is None:
        return
    results = [
        EvaluationResult(
            name=judgment.ruler.criterion.name,
            at=judgment.entry.judged_at,
            score=None if verdict.level is None else (verdict.level - 1) / 4,
            label=None if verdict.level is None else str(verdict.level),
            explanation=verdict.rationale,
            error_type=None if verdict.is_answer else verdict.status.value,
            response_id=judgment.item_id,
            attributes={
                "prod_evals.feature": feature.name,
                "prod_evals.ruler_id": judgment.ruler.ruler_id,
                "gen_ai.request.model": judgment.ruler.judge_model,
            },
        )
        for judgment in judged.judgments
        for verdict in [judgment.entry.verdict]
        if verdict.status is not Status.PENDING
        and (judgment.item_id, judgment.ruler.ruler_id, verdict.status.value) not in sent
    ]
    if results:
        emit_evaluations(feature.publish.otlp, results, feature.publish.text)
