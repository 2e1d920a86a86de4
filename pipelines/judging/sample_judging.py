"""Judging a day's sample: a verdict on every item and criterion, and the votes that are asked for besides."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.judge import Item, ItemKind, Judge, Sitting
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import Judged, judge_items, judge_wanted
from pipelines.judging.ruler import Rubric
from pipelines.judging.votes import Vote, votes_wanted


class JudgedSample(NamedTuple):
    """The judgments of a sample, the votes that were wanted, and their judgments in the same order."""

    judged: Judged
    votes: list[Vote]
    voted: Judged


def judge_sample(
    feature: Feature, day: date, items: Mapping[str, Item], rubric: Rubric, judge: Judge, wait: timedelta
) -> JudgedSample:
    """Judge a day's sampled items (by id), waiting so long for verdicts and votes together."""
    with Ledger() as ledger:
        sitting = Sitting(feature.name, ItemKind.PROD, day, ledger, wait)
        begun = time.monotonic()
        judged = judge_items(items, rubric, judge, sitting)
        votes = votes_wanted(feature.judge.votes, judged, items)
        rest_of_wait = max(timedelta(), wait - timedelta(seconds=time.monotonic() - begun))
        voted = judge_wanted([vote.wanted for vote in votes], judge, replace(sitting, wait=rest_of_wait))
        BatchBook(ledger).set_waiting(sitting, [*judged.pending_keys, *voted.pending_keys])
    return JudgedSample(judged, votes, voted)
