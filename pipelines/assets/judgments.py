"""judgments: every sampled log, judged on every criterion of the rubric; and judge_votes, those judged again."""

import json
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

import dagster as dg
import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.comparison.cold_evals import cold_evals_of, note_cold_eval
from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.judge import Item, ItemKind, Judge, Sitting, Source, Status
from pipelines.judging.judges import judge_of
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import Judged, Judgment, judge_items, judge_wanted
from pipelines.judging.ruler import Rubric, rubric_of
from pipelines.judging.telemetry import EvaluationResult, emit_evaluations, logs_url, require_telemetry
from pipelines.judging.votes import Vote, votes_wanted
from pipelines.logs.cold_items import baseline_id_of

CHECKS = (
    Check("every_item_judged", "Every sampled log has a judgment on every criterion.", blocking=True),
    Check("none_pending", "No verdict is still on its way."),
    Check("few_injections", "Less than 2 % of the sampled logs seem to address their judge."),
)
MANY_INJECTIONS = 0.02


def judgments_asset(feature: Feature) -> dg.AssetsDefinition:
    return day_asset(
        feature,
        ["judgments", "judge_votes"],
        make_judgments,
        deps=["sample"],
        kinds={"python", "parquet"},
        checks=CHECKS,
        waits=True,
    )


def make_judgments(
    connection: duckdb.DuckDBPyConnection, feature: Feature, day: date, wait: timedelta = timedelta()
) -> dict[str, Shown]:
    """Judge a day's sample and write `judgments` and `judge_votes` for it, waiting so long for verdicts."""
    judge = judge_of(feature)
    rubric = rubric_of(feature, judge)
    if feature.publish.otlp is not None:  # before anything is paid for
        logs_url(feature.publish.otlp)
        require_telemetry()
    lake.read(connection, "sample", feature=feature.name, day=day)
    items = read_items(connection, "SELECT log_id, input, output, sources FROM sample ORDER BY log_id")
    write_rubric(connection, feature, rubric)
    with Ledger() as ledger:
        sitting = Sitting(feature.name, ItemKind.PROD, day, ledger, wait)
        begun = time.monotonic()
        judged = judge_items(items, rubric, judge, sitting)
        wanted = votes_wanted(feature.judge.votes, judged, items)
        left = max(timedelta(), wait - timedelta(seconds=time.monotonic() - begun))  # one wait for both
        voted = judge_wanted([vote.wanted for vote in wanted], judge, replace(sitting, wait=left))
        BatchBook(ledger).set_waiting(sitting, [*judged.pending_keys, *voted.pending_keys])
    tell(feature, judged, _told(connection, feature, day))
    note_cold_eval(feature, baseline_id_of(connection, feature), day)
    rows = judgment_rows(judged, ItemKind.PROD, rubric, cold_evals_of(feature).on(day))
    connection.register("verdicts", rows)
    written = lake.write(connection, "judgments", "SELECT * FROM verdicts", feature=feature.name, day=day)
    connection.register("votes", _vote_rows(wanted, voted.judgments))
    votes = lake.write(connection, "judge_votes", "SELECT * FROM votes", feature=feature.name, day=day)
    expected = len(items) * len(rubric.rulers)
    suspected = rows[rows["injection_suspected"] == True]["item_id"].nunique()
    return {
        "judgments": Shown(
            written,
            summary(judged, judge),
            {
                "asked": judged.asked,
                "known to the ledger": judged.known,
                "pending": judged.pending,
                "injections suspected": suspected,
                "cost_usd": judged.cost_usd + voted.cost_usd,
            },
            {
                "every_item_judged": (written == expected, f"{written} judgments of {expected}"),
                "none_pending": (judged.pending == 0, f"{judged.pending} of {expected} are pending"),
                "few_injections": (suspected <= MANY_INJECTIONS * len(items), f"{suspected} of {len(items)} logs"),
            },
        ),
        "judge_votes": Shown(votes),
    }


def tell(feature: Feature, judged: Judged, told: Collection[tuple[str, str, str]]) -> None:
    """Send verdicts to the collector of `publish.otlp`, but for those that were `told`, as (item, ruler, status)."""
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
        and (judgment.item_id, judgment.ruler.ruler_id, verdict.status.value) not in told
    ]
    if results:
        emit_evaluations(feature.publish.otlp, results, feature.publish.text)


def _told(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> set[tuple[str, str, str]]:
    """The verdicts that the day's table had before, as (item, ruler, status): a re-run tells nothing twice.

    Not those that the ledger had: it may have them from another day, or from a batch that somebody else has read.
    """
    lake.read(connection, "judgments", feature=feature.name, day=day)
    return set(connection.execute("SELECT item_id, ruler_id, status FROM judgments").fetchall())


def _vote_rows(wanted: list[Vote], voted: list[Judgment]) -> pd.DataFrame:
    """The rows of `judge_votes`, without its partition keys."""
    rows = [
        {
            "item_id": vote.wanted.item_id,
            "criterion": vote.wanted.ruler.criterion.name,
            "ruler_id": vote.wanted.ruler.ruler_id,
            "vote": vote.number,
            "chosen_by": vote.chosen_by.value,
            "first_level": vote.first_level,
            "status": judgment.entry.verdict.status.value,
            "level": judgment.entry.verdict.level,
        }
        for vote, judgment in zip(wanted, voted, strict=True)
    ]
    columns = [name for name in lake.columns("judge_votes") if name not in ("feature", "day")]
    return pd.DataFrame(rows, columns=columns).astype({"first_level": "Int64", "level": "Int64", "vote": "Int64"})


def write_rubric(connection: duckdb.DuckDBPyConnection, feature: Feature, rubric: Rubric) -> None:
    """Write `rulers` and `rubrics`: their ids are hashes of what they hold, so a file that is there is right."""
    for ruler, weight in zip(rubric.rulers, rubric.weights, strict=True):
        if not lake.exists("rulers", ruler_id=ruler.ruler_id):
            row = {
                "criterion": ruler.criterion.name,
                "judge": ruler.judge,
                "judge_model": ruler.judge_model,
                "parameters": ruler.parameters,
                "prompt": ruler.prompt,
            }
            connection.register("ruler", pd.DataFrame([row]))
            lake.write(connection, "rulers", "SELECT * FROM ruler", ruler_id=ruler.ruler_id)
    if not lake.exists("rubrics", feature=feature.name, rubric_id=rubric.rubric_id):
        rows = [
            {"criterion": ruler.criterion.name, "ruler_id": ruler.ruler_id, "weight": weight}
            for ruler, weight in zip(rubric.rulers, rubric.weights, strict=True)
        ]
        connection.register("rubric", pd.DataFrame(rows))
        lake.write(connection, "rubrics", "SELECT * FROM rubric", feature=feature.name, rubric_id=rubric.rubric_id)


def read_items(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Item]:
    """Items by id, from a query of id, input, output and sources."""
    return {
        item_id: Item(
            input_,
            output,
            tuple(Source(source["id"], source["title"], source["text"]) for source in sources or () if source),
        )
        for item_id, input_, output, sources in connection.execute(query).fetchall()
    }


def judgment_rows(judged: Judged, item_kind: ItemKind, rubric: Rubric, baseline_id: str | None) -> pd.DataFrame:
    """The rows of `judgments`, without its partition keys."""
    rows = [
        {
            "item_kind": item_kind.value,
            "item_id": judgment.item_id,
            "criterion": judgment.ruler.criterion.name,
            "ruler_id": judgment.ruler.ruler_id,
            "rubric_id": rubric.rubric_id,
            "baseline_id": baseline_id,
            "status": verdict.status.value,
            "level": verdict.level,
            "score": None if verdict.level is None else (verdict.level - 1) / 4,
            "rationale": verdict.rationale,
            "evidence": verdict.evidence,
            "injection_suspected": verdict.injection_suspected,
            "judge_model": verdict.judge_model or judgment.ruler.judge_model,
            "input_tokens": verdict.usage.all_input_tokens if verdict.usage else None,
            "output_tokens": verdict.usage.output_tokens if verdict.usage else None,
            "cost_usd": verdict.cost_usd,
            "batch_id": verdict.batch_id,
            "request_id": verdict.request_id,
            "latency_ms": verdict.latency_ms,
            "cut_characters": verdict.cut_characters,
            "redactions": json.dumps(verdict.redactions, sort_keys=True) if verdict.redactions else None,
            "judged_at": None if verdict.status is Status.PENDING else judgment.entry.judged_at,
        }
        for judgment in judged.judgments
        for verdict in [judgment.entry.verdict]
    ]
    types = {
        **dict.fromkeys(("level", "input_tokens", "output_tokens", "cut_characters"), "Int64"),
        **dict.fromkeys(("score", "cost_usd", "latency_ms"), "Float64"),
    }
    columns = list(rows[0]) if rows else [name for name in lake.columns("judgments") if name not in ("feature", "day")]
    return pd.DataFrame(rows, columns=columns).astype({**dict.fromkeys(columns, "object"), **types})


def summary(judged: Judged, judge: Judge) -> str:
    """A Markdown table of mean level and statuses by criterion."""
    by_criterion: dict[str, list] = {}
    for judgment in judged.judgments:
        by_criterion.setdefault(judgment.ruler.criterion.name, []).append(judgment.entry.verdict)
    rows = []
    for criterion, verdicts in by_criterion.items():
        levels = [verdict.level for verdict in verdicts if verdict.level is not None]
        statuses = Counter(verdict.status.value for verdict in verdicts)
        rows.append(
            (
                criterion,
                sum(levels) / len(levels) if levels else None,
                ", ".join(f"{count} {status}" for status, count in statuses.most_common()),
            )
        )
    return f"Scores by {judge.model}\n\n" + markdown(("criterion", "mean level (1 to 5)", "judgments"), rows)
