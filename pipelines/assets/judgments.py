"""judgments: every sampled log, judged on every criterion of the rubric; and judge_votes, those judged again."""

from datetime import date, timedelta

import dagster as dg
import duckdb

from pipelines import lake
from pipelines.assets.building import Check, Shown, day_asset, markdown
from pipelines.comparison.cold_evals import cold_evals_of, note_cold_eval
from pipelines.feature import Feature
from pipelines.judging.items import read_items
from pipelines.judging.judge import ItemKind
from pipelines.judging.judges import judge_of
from pipelines.judging.judgment_rows import LEVELS, judgment_rows, levels_by_criterion, tally, vote_rows
from pipelines.judging.rubric_tables import write_rubric
from pipelines.judging.ruler import rubric_of
from pipelines.judging.sample_judging import judge_sample
from pipelines.judging.verdict_events import require_collector, send_verdicts, verdicts_sent
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
    require_collector(feature)
    lake.read(connection, "sample", feature=feature.name, day=day)
    items = read_items(connection, "SELECT log_id, input, output, sources FROM sample ORDER BY log_id")
    write_rubric(connection, feature, rubric)
    judged, votes, voted = judge_sample(feature, day, items, rubric, judge, wait)
    send_verdicts(feature, judged, verdicts_sent(connection, feature, day))
    note_cold_eval(feature, baseline_id_of(connection, feature), day)
    verdicts = judgment_rows(judged, ItemKind.PROD, rubric, cold_evals_of(feature).on(day))
    connection.register("verdicts", verdicts)
    rows = lake.write(connection, "judgments", "SELECT * FROM verdicts", feature=feature.name, day=day)
    connection.register("votes", vote_rows(votes, voted.judgments))
    written_votes = lake.write(connection, "judge_votes", "SELECT * FROM votes", feature=feature.name, day=day)
    expected = len(items) * len(rubric.rulers)
    suspected = verdicts[verdicts["injection_suspected"] == True]["item_id"].nunique()
    numbers = tally(judged) | {"injections suspected": suspected, "cost_usd": judged.cost_usd + voted.cost_usd}
    few, pending = suspected <= MANY_INJECTIONS * len(items), judged.pending
    checks = {
        "every_item_judged": (rows == expected, f"{rows} judgments of {expected}", {"judgments": rows}),
        "none_pending": (pending == 0, f"{pending} of {expected} are pending", {"pending": pending}),
        "few_injections": (few, f"{suspected} of {len(items)} logs", {"suspected": suspected}),
    }
    table = f"Scores by {judge.model}\n\n{markdown(LEVELS, levels_by_criterion(judged))}"
    return {"judgments": Shown(rows, table, numbers, checks), "judge_votes": Shown(written_votes)}
