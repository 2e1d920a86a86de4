"""Judgments and votes as the rows of their tables, and in sum."""

import json
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from pipelines.catalogue.tables import own_columns
from pipelines.judging.judge import ItemKind, Status, Verdict
from pipelines.judging.panel import Judged, Judgment
from pipelines.judging.ruler import Rubric
from pipelines.judging.votes import Vote

LEVELS = ("criterion", "mean level (1 to 5)", "judgments")  # the columns of `levels_by_criterion`


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
    columns = list(rows[0]) if rows else own_columns("judgments")
    return pd.DataFrame(rows, columns=columns).astype({**dict.fromkeys(columns, "object"), **types})


def vote_rows(wanted: Sequence[Vote], voted: Sequence[Judgment]) -> pd.DataFrame:
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
    return pd.DataFrame(rows, columns=own_columns("judge_votes")).astype(
        {"first_level": "Int64", "level": "Int64", "vote": "Int64"}
    )


def levels_by_criterion(judged: Judged) -> list[tuple[str, float | None, str]]:
    """The rows of LEVELS: of each criterion the mean level, None without any, and how many have which status."""
    verdicts_by_criterion: dict[str, list[Verdict]] = {}
    for judgment in judged.judgments:
        verdicts_by_criterion.setdefault(judgment.ruler.criterion.name, []).append(judgment.entry.verdict)
    rows = []
    for criterion, verdicts in verdicts_by_criterion.items():
        levels = [verdict.level for verdict in verdicts if verdict.level is not None]
        statuses = Counter(verdict.status.value for verdict in verdicts)
        counts = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
        rows.append((criterion, sum(levels) / len(levels) if levels else None, counts))
    return rows


def tally(judged: Judged) -> dict[str, int | float]:
    """How many verdicts were asked for, were known and are pending, and what those asked for cost, for people to see."""
    return {
        "asked": judged.asked,
        "known to the ledger": judged.known,
        "pending": judged.pending,
        "cost_usd": judged.cost_usd,
    }
