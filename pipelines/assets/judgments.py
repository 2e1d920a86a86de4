"""judgments: every sampled log, judged on every criterion of the rubric."""

from collections import Counter
from datetime import date

import duckdb
import pandas as pd

from pipelines import lake
from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.feature import Feature
from pipelines.judging.judge import Item, Judge, Source
from pipelines.judging.judges import judge_of
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import Judged, judge_items
from pipelines.judging.ruler import Rubric, rubric_of
from pipelines.sources.cold_items import baseline_id_of


def judgments_asset(feature: Feature):
    return day_asset(
        feature,
        ["judgments"],
        make_judgments,
        deps=["sample"],
        kinds={"python", "parquet"},
        checks=[Check("every_item_judged", "Every sampled log has a judgment on every criterion.", blocking=True)],
    )


def make_judgments(connection: duckdb.DuckDBPyConnection, feature: Feature, day: date) -> dict[str, Shown]:
    """Judge a day's sample and write `judgments` for it."""
    judge = judge_of(feature)
    rubric = rubric_of(feature, judge)
    lake.read(connection, "sample", feature=feature.name, day=day)
    items = read_items(connection, "SELECT log_id, input, output, sources FROM sample")
    judged = judge_under(connection, feature, rubric, judge, items)
    connection.register("verdicts", judgment_rows(judged, "prod", rubric, baseline_id_of(connection, feature)))
    rows = lake.write(connection, "judgments", "SELECT * FROM verdicts", feature=feature.name, day=day)
    expected = len(items) * len(rubric.rulers)
    return {
        "judgments": Shown(
            rows,
            summary(judged, judge),
            {"asked": judged.asked, "known to the ledger": judged.known},
            {"every_item_judged": (rows == expected, f"{rows} judgments of {expected}")},
        )
    }


def judge_under(
    connection: duckdb.DuckDBPyConnection, feature: Feature, rubric: Rubric, judge: Judge, items: dict[str, Item]
) -> Judged:
    """Judge items through the ledger, after writing down the rulers and the rubric that they are judged by."""
    write_rubric(connection, feature, rubric)
    ledger = Ledger()
    try:
        return judge_items(items, rubric, judge, ledger)
    finally:
        ledger.close()


def write_rubric(connection: duckdb.DuckDBPyConnection, feature: Feature, rubric: Rubric) -> None:
    """Write `rulers` and `rubrics`: their ids are hashes of what they hold, so a file that is there is right."""
    for ruler, weight in zip(rubric.rulers, rubric.weights, strict=True):
        if not lake.exists("rulers", ruler_id=ruler.ruler_id):
            row = {
                "criterion": ruler.criterion.name,
                "judge": ruler.judge.value,
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
        lake.write(
            connection, "rubrics", "SELECT * FROM rubric", feature=feature.name, rubric_id=rubric.rubric_id
        )


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


def judgment_rows(judged: Judged, item_kind: str, rubric: Rubric, baseline_id: str | None) -> pd.DataFrame:
    """The rows of `judgments`, without its partition keys."""
    rows = [
        {
            "item_kind": item_kind,
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
            "judge_model": judgment.ruler.judge_model,
            "input_tokens": verdict.input_tokens,
            "output_tokens": verdict.output_tokens,
            "cost_usd": verdict.cost_usd,
            "batch_id": verdict.batch_id,
            "judged_at": judgment.entry.judged_at,
        }
        for judgment in judged.judgments
        for verdict in [judgment.entry.verdict]
    ]
    types = {"level": "Int64", "score": "Float64", "input_tokens": "Int64", "output_tokens": "Int64", "cost_usd": "Float64"}
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
