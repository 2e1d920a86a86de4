"""Put items before a judge under a rubric: what the ledger knows is not asked, equal contents are asked once."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipelines import clock
from pipelines.judging.judge import Answered, Item, Judge, Key, Request, Sitting, Status
from pipelines.judging.ledger import Entry
from pipelines.judging.ruler import Rubric, Ruler

LOGGED_EVERY = 10.0  # seconds between two messages on the progress of long work

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judgment:
    """One criterion of one item, answered. `key` is what the ledger keeps, or will keep, its verdict under."""

    item_id: str
    ruler: Ruler
    key: Key
    entry: Entry


@dataclass(frozen=True)
class Judged:
    """Every item's judgments, how many verdicts had to be asked for and how many the ledger had.

    `cost_usd` is what those cost that had to be asked for, in US dollars: each once, however many items share it.
    """

    judgments: list[Judgment]
    asked: int
    known: int
    cost_usd: float

    @property
    def pending(self) -> int:
        return len(self.pending_keys)

    @property
    def pending_keys(self) -> list[Key]:
        return [judgment.key for judgment in self.judgments if judgment.entry.verdict.status is Status.PENDING]


class Wanted(NamedTuple):
    """One verdict that is wanted: of one item, by one ruler, on one occasion."""

    item_id: str
    item: Item
    ruler: Ruler
    occasion: str = ""

    @property
    def key(self) -> Key:
        return Key(self.ruler.ruler_id, self.ruler.content_id(self.item), self.occasion)


def judge_items(
    items: Mapping[str, Item], rubric: Rubric, judge: Judge, sitting: Sitting, occasion: str = ""
) -> Judged:
    """Judge every item (by its id) on every ruler of the rubric, as `judge_wanted` does."""
    wanted = [Wanted(item_id, item, ruler, occasion) for ruler in rubric.rulers for item_id, item in items.items()]
    return judge_wanted(wanted, judge, sitting)


def judge_wanted(wanted: Sequence[Wanted], judge: Judge, sitting: Sitting) -> Judged:
    """Get verdicts: from the ledger what it has, from the judge what it has not.

    They are committed to the sitting's ledger as they arrive, and at the end all are read back from it, so that two
    processes that asked the same at once agree on the first answer. What has no final verdict is in the judgments too:
    pending, or an error that may pass.
    """
    keys = [verdict.key for verdict in wanted]
    known = sitting.ledger.find(keys)
    requests = {
        key: Request(key.ruler_id, key.content_id, verdict.ruler.criterion, verdict.item, verdict.occasion)
        for verdict, key in zip(wanted, keys, strict=True)
        if key not in known
    }
    not_final: dict[Key, Entry] = {}
    done, logged_at = 0, time.monotonic()

    def record(group: list[Answered]) -> None:
        nonlocal done, logged_at
        now = clock.now()
        verdicts = ((request.key, verdict) for request, verdict in group)
        sitting.ledger.record(verdicts, sitting.feature, sitting.item_kind, now)
        not_final.update((request.key, Entry(verdict, now)) for request, verdict in group if not verdict.is_final)
        done += len(group)
        if time.monotonic() - logged_at > LOGGED_EVERY:
            logged_at = time.monotonic()
            log.info("%s of %s verdicts", f"{done:,}", f"{len(requests):,}")

    judge.judge(list(requests.values()), record, sitting)
    entries = known | sitting.ledger.find(requests)
    if unanswered := [key for key in requests if key not in entries and key not in not_final]:
        raise RuntimeError(f"{judge.model} left {len(unanswered)} of {len(requests)} requests without a verdict")
    entries = not_final | entries
    judgments = [
        Judgment(verdict.item_id, verdict.ruler, key, entries[key]) for verdict, key in zip(wanted, keys, strict=True)
    ]
    cost_usd = sum(entries[key].verdict.cost_usd or 0.0 for key in requests)
    return Judged(judgments, len(requests), len(known), cost_usd)
