"""The budget of a night: how many logs it allows, before any is judged.

A sample is made smaller by design, stratum by stratum, and then judged whole. A budget that stopped judging half way
would leave out whoever came last.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pipelines.errors import UserError
from pipelines.feature import Votes
from pipelines.judging.judge import Item
from pipelines.judging.votes import most_votes

Drawn = TypeVar("Drawn")


class BudgetTooSmall(UserError):
    """A budget that not one log can be judged for."""


@dataclass(frozen=True)
class Bounds:
    """What judging costs at most, in US dollars, as a provider reckons it for a rubric.

    `of_item` is the bound of one item on all criteria, judged once. A second attempt at an answer that was cut off or
    could not be read is not in it. `reckoned` says in words how it was found, `warning` what kept it from being closer.
    """

    of_item: Callable[[Item], float]
    reckoned: str
    warning: str | None = None

    def of(self, items: Mapping[str, Item], votes: Votes | None = None) -> dict[str, float]:
        """The bound of each item by its id, with the `votes` that there may be about it."""
        return {item_id: self.of_item(item) * (1 + most_votes(votes, item_id)) for item_id, item in items.items()}


def affordable(
    budget_usd: float, n: int, draw: Callable[[int], Drawn], cost: Callable[[Drawn], float | None]
) -> tuple[Drawn, float | None]:
    """The largest sample that a search finds to be within the budget, and what it costs at most.

    `draw(n)` draws a sample of n, and `cost` bounds what judging it costs; None where judging costs nothing. Each next n
    is the last one scaled by how far it was over the budget. Raises BudgetTooSmall when not even one log can be judged.
    """
    while True:
        drawn = draw(n)
        usd = cost(drawn)
        if usd is None or usd <= budget_usd:
            return drawn, usd
        if n == 1:
            raise BudgetTooSmall(
                f"judge.budget_usd is {budget_usd:g}, and judging a single log can cost {usd:.3g}; raise the budget, "
                "ask for fewer criteria, or lower judge.max_tokens"
            )
        n = max(1, min(n - 1, int(n * budget_usd / usd)))
