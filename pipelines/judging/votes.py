"""Votes: verdicts that are asked for again, to see how often the judge changes its mind.

Chosen are a share of the items, by lot, and those verdicts that are borderline. The lot is a hash of the item's id: the
same on every run. Votes never count for a score; how often they differ is a row of judge_flips.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipelines.feature import Votes
from pipelines.judging.judge import Item
from pipelines.judging.panel import Judged, Wanted

SALT = "prod-evals votes 1"
BORDERLINE = 3  # the level between good and poor


class ChosenBy(StrEnum):
    """Why a verdict is asked for again. Only those chosen by lot speak for all: borderline ones flip more often."""

    LOT = "lot"
    BORDERLINE = "borderline"


@dataclass(frozen=True)
class Vote:
    """One vote that is wanted: the first, second, ... after the verdict itself, whose level is `first_level`."""

    wanted: Wanted
    number: int
    chosen_by: ChosenBy
    first_level: int | None


def votes_wanted(votes: Votes | None, judged: Judged, items: Mapping[str, Item]) -> list[Vote]:
    """The votes that a feature asks for, of judgments that have come to an end with a level or as not applicable."""
    if votes is None:
        return []
    wanted = []
    for judgment in judged.judgments:
        verdict = judgment.entry.verdict
        chosen_by = _chosen_by(votes, judgment.item_id, verdict.level)
        if chosen_by is None or not verdict.is_answer:
            continue
        for number in range(1, votes.count + 1):
            item = items[judgment.item_id]
            vote = Wanted(judgment.item_id, item, judgment.ruler, f"vote {number}")
            wanted.append(Vote(vote, number, chosen_by, verdict.level))
    return wanted


def most_votes(votes: Votes | None, item_id: str) -> int:
    """How many votes there may be about an item on one criterion, before its verdict is known."""
    if votes is None or not (votes.borderline or _in_lot(votes, item_id)):
        return 0
    return votes.count


def _chosen_by(votes: Votes, item_id: str, level: int | None) -> ChosenBy | None:
    if _in_lot(votes, item_id):
        return ChosenBy.LOT
    return ChosenBy.BORDERLINE if votes.borderline and level == BORDERLINE else None


def _in_lot(votes: Votes, item_id: str) -> bool:
    lot = hashlib.sha256(f"{SALT}|{item_id}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(lot[:8]) < votes.share * 2**64
