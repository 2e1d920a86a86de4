"""What `prod-evals check` shows of a judge: what exactly it is sent about a real log, and what a night costs."""

from collections.abc import Mapping, Sequence

from pipelines.assets.anchor_judgments import choose
from pipelines.cli import terminal
from pipelines.feature import Feature
from pipelines.judging.budget import Bounds
from pipelines.judging.judge import Item
from pipelines.judging.provider import Preview
from pipelines.judging.ruler import Rubric
from pipelines.judging.votes import most_votes


def show_requests(log_id: str, judge_model: str, previews: Sequence[Preview]) -> None:
    """Print what is sent about one log on each criterion, as it is."""
    for preview in previews:
        terminal.console.rule(f"{preview.ruler.criterion.name}, as {judge_model} is asked", align="left")
        if preview.not_sent is not None:
            terminal.console.print(terminal.plain(f"{log_id}: {preview.not_sent}"))
            continue
        about = f"log {log_id}; ruler {preview.ruler.ruler_id}"
        for number, (title, text) in enumerate(preview.parts.items()):
            terminal.block(title if number else about, text)
        if preview.left_out is not None:
            terminal.block("left out", preview.left_out)


def show_cost(
    feature: Feature,
    rubric: Rubric,
    judge_model: str,
    bounds: Bounds | None,
    drawn: Mapping[str, Item],
    cold: Mapping[str, Item],
) -> None:
    """Print how many verdicts are asked for, and what they cost at most: of a night, of the cold eval once, of the
    anchors every date."""
    if bounds is None:
        criteria = len(rubric.rulers)
        terminal.console.print(
            f"A night asks {judge_model} for {len(drawn)} x {criteria} = {len(drawn) * criteria:,} verdicts, and once for "
            f"the cold eval {len(cold):,} x {criteria} = {len(cold) * criteria:,}. The {feature.judge.kind} judge costs "
            "nothing.",
            highlight=False,
        )
        terminal.console.print()
        return
    if bounds.warning is not None:
        terminal.error(bounds.warning)
    votes = feature.judge.votes
    night = sum(bounds.of(drawn, votes).values())
    once = bounds.of(cold)
    anchors = choose(dict(cold), feature.judge.anchors)
    voted = sum(most_votes(votes, log_id) for log_id in drawn)
    rows = [
        (f"the day's sample, every night{', with votes' if votes else ''}", len(drawn), len(drawn) + voted, night),
        ("the cold eval, once", len(cold), len(cold), sum(once.values())),
        ("its anchors, every date", len(anchors), len(anchors), sum(once[item_id] for item_id in anchors)),
    ]
    terminal.table(
        f"What {judge_model} costs at most, {bounds.reckoned}",
        ("what", "items", "verdicts", "US dollars"),
        [
            (what, f"{items:,}", f"{times * len(rubric.rulers):,}", f"{usd:.4f}")
            for what, items, times, usd in rows
            if items
        ],
        numeric=("items", "verdicts", "US dollars"),
    )
    budget = feature.judge.budget_usd
    if budget is not None and night > budget:
        terminal.console.print(
            f"judge.budget_usd is {budget:g}: this day's sample would shrink to about "
            f"{int(len(drawn) * budget / night)} logs.\n",
            highlight=False,
        )
