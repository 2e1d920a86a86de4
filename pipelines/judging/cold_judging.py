"""Judging the cold eval, which every night of a feature wants and one pays for."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

from pipelines.data_directory import lock
from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.judge import Item, ItemKind, Judge, Sitting
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import Judged, judge_items
from pipelines.judging.providers import provider_of
from pipelines.judging.ruler import Rubric


def judge_cold_items(
    feature: Feature, items: Mapping[str, Item], rubric: Rubric, judge: Judge, wait: timedelta
) -> Judged:
    """Judge the cold items (by id), waiting so long for verdicts.

    Asked live by several nights at once, the first asks and the others wait for its verdicts rather than pay for them
    again; in batches, what one has submitted the others know.
    """
    with one_asks_live(feature), Ledger() as ledger:
        sitting = Sitting(feature.name, ItemKind.COLD, None, ledger, wait)
        judged = judge_items(items, rubric, judge, sitting)
        BatchBook(ledger).set_waiting(sitting, judged.pending_keys)
    return judged


def one_asks_live(feature: Feature) -> AbstractContextManager:
    """The lock under which what many nights want is asked live."""
    return lock(f"cold-{feature.name}") if provider_of(feature).pays_twice(feature) else nullcontext()
