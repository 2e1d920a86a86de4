"""What `prod-evals check` shows of a model judge: what exactly it is sent about a real log, and what a night costs."""

import json
from collections.abc import Mapping

from pipelines.cli import terminal
from pipelines.errors import UserError
from pipelines.feature import Feature, JudgeMode
from pipelines.judging.anchors import choose_anchors
from pipelines.judging.budget import Bounds
from pipelines.judging.judge import Item, Request, Verdict
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers.anthropic.asking import Asker
from pipelines.judging.providers.anthropic.money import TokenRate
from pipelines.judging.providers.anthropic.tokens import count, kept_rates, reckoned
from pipelines.judging.ruler import Rubric
from pipelines.judging.votes import most_votes


def show_requests(feature: Feature, rubric: Rubric, log_id: str, item: Item) -> None:
    """Print what is sent about one log: the system prompt and the message of each criterion, as they are."""
    asker = Asker(feature.judge)
    for ruler in rubric.rulers:
        asked = asker.ask(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))
        terminal.console.rule(f"{ruler.criterion.name}, as {feature.judge.model} is asked", align="left")
        if isinstance(asked, Verdict):
            terminal.console.print(terminal.plain(f"{log_id}: {asked.status}: {asked.rationale}"))
            continue
        settings = {name: value for name, value in asked.params.items() if name not in ("system", "messages")}
        terminal.block(f"log {log_id}; ruler {ruler.ruler_id}", json.dumps(settings))
        terminal.block("system prompt", asked.params["system"][0]["text"])
        terminal.block("message", asked.params["messages"][0]["content"])
        if asked.redactions or asked.cut_characters:
            redacted = dict(asked.redactions) or "nothing"
            terminal.block("left out", f"{asked.cut_characters} characters cut; redacted: {redacted}")


def show_cost(feature: Feature, rubric: Rubric, drawn: Mapping[str, Item], cold: Mapping[str, Item]) -> None:
    """Print what verdicts cost at most: of a night, of the cold eval once, of the anchors every date."""
    rates, how = _rates(feature, rubric, list(drawn.values()) or list(cold.values()))
    bounds = Bounds(feature, rubric, rates)
    votes = feature.judge.votes
    night = sum(bounds.of(drawn, votes).values())
    once = bounds.of(cold)
    anchors = choose_anchors(cold, feature.judge.anchors)
    voted = sum(most_votes(votes, log_id) for log_id in drawn)
    rows = [
        (f"the day's sample, every night{', with votes' if votes else ''}", len(drawn), len(drawn) + voted, night),
        ("the cold eval, once", len(cold), len(cold), sum(once.values())),
        ("its anchors, every date", len(anchors), len(anchors), sum(once[item_id] for item_id in anchors)),
    ]
    mode = "in batches" if feature.judge.mode is JudgeMode.BATCH else "live"
    terminal.table(
        f"What {feature.judge.model} costs at most, {mode}; {how}",
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


def _rates(feature: Feature, rubric: Rubric, items: list[Item]) -> tuple[dict[str, TokenRate], str]:
    """The token rates of the rulers, and in words where they are from. `check` keeps nothing."""
    with Ledger() as ledger:
        rates = kept_rates(feature, rubric, ledger)
    missing = [ruler for ruler in rubric.rulers if ruler.ruler_id not in rates]
    try:
        rates |= count(feature.judge, missing, items)
    except UserError as error:
        terminal.error(f"{error}; tokens are reckoned from bytes instead")
        asker = Asker(feature.judge)
        rates |= {ruler.ruler_id: reckoned(asker, ruler) for ruler in missing}
    counted = all(rate.is_counted for rate in rates.values())
    how = "counted by the API" if counted else "reckoned from bytes"
    return rates, f"prompts {how}, answers as long as they may be"
