"""The budget of a night: how many logs it allows, before any is judged.

A sample is made smaller by design, stratum by stratum, and then judged whole. A budget that stopped judging half way
would leave out whoever came last.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipelines.errors import UserError
from pipelines.feature import Feature, JudgeMode, Votes
from pipelines.judging.judge import Item, Request, Verdict
from pipelines.judging.ledger import Ledger
from pipelines.judging.providers.anthropic.asking import Asker
from pipelines.judging.providers.anthropic.money import TokenRate, bound_usd, prices_of
from pipelines.judging.providers.anthropic.tokens import prompt_bytes, token_rates
from pipelines.judging.ruler import Rubric
from pipelines.judging.votes import most_votes

Drawn = TypeVar("Drawn")


class BudgetTooSmall(UserError):
    """A budget that not one log can be judged for."""


@dataclass(frozen=True)
class Bounds:
    """What judging an item on all criteria of a rubric costs at most, in US dollars.

    Its prompts as they will be sent, all of them new to the cache, and answers as long as they may be. A second attempt
    at an answer that was cut off or could not be read is not in it.
    """

    feature: Feature
    rubric: Rubric
    rates: Mapping[str, TokenRate]

    def of(self, items: Mapping[str, Item], votes: Votes | None = None) -> dict[str, float]:
        """The bound of each item by its id, with the `votes` that there may be about it."""
        judge = self.feature.judge
        prices, in_batch = prices_of(judge.named_model, judge.prices), judge.mode is JudgeMode.BATCH
        asker = Asker(judge)
        found = {}
        for item_id, item in items.items():
            usd = 0.0
            for ruler in self.rubric.rulers:
                asked = asker.ask(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))
                if not isinstance(asked, Verdict):
                    rate = self.rates[ruler.ruler_id]
                    tokens = rate.prompt_tokens(prompt_bytes(asked))
                    usd += bound_usd(prices, tokens, asked.max_tokens, in_batch, min(tokens, rate.base_tokens))
            found[item_id] = usd * (1 + most_votes(votes, item_id))
        return found


def bounds_of(feature: Feature, rubric: Rubric, items: Sequence[Item]) -> Bounds:
    """The bounds under a rubric, its tokens counted for a few of the items unless they have been before."""
    with Ledger() as ledger:
        return Bounds(feature, rubric, token_rates(feature, rubric, items, ledger))


def affordable(
    budget_usd: float, n: int, draw: Callable[[int], Drawn], cost: Callable[[Drawn], float]
) -> tuple[Drawn, float]:
    """The largest sample that a search finds to be within the budget, and what it costs at most.

    `draw(n)` draws a sample of n, and `cost` bounds what judging it costs. Each next n is the last one scaled by how
    far it was over the budget. Raises BudgetTooSmall when not even one log can be judged.
    """
    while True:
        drawn = draw(n)
        usd = cost(drawn)
        if usd <= budget_usd:
            return drawn, usd
        if n == 1:
            raise BudgetTooSmall(
                f"judge.budget_usd is {budget_usd:g}, and judging a single log can cost {usd:.3g}; raise the budget, "
                "ask for fewer criteria, or lower judge.max_tokens"
            )
        n = max(1, min(n - 1, int(n * budget_usd / usd)))
