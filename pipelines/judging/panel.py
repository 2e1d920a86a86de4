"""Put items before a judge under a rubric: what the ledger knows is not asked, equal contents are asked once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipelines import clock
from pipelines.judging.judge import Item, Judge, Request
from pipelines.judging.ledger import Entry, Ledger
from pipelines.judging.ruler import Rubric, Ruler


@dataclass(frozen=True)
class Judgment:
    """One criterion of one item, answered."""

    item_id: str
    ruler: Ruler
    entry: Entry


@dataclass(frozen=True)
class Judged:
    """Every item's judgments, and how many verdicts had to be asked for and how many the ledger had."""

    judgments: list[Judgment]
    asked: int
    known: int


def judge_items(
    items: Mapping[str, Item],
    rubric: Rubric,
    judge: Judge,
    ledger: Ledger,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Judged:
    """Judge every item (by its id) on every ruler of the rubric.

    `progress` is called with the verdicts received so far and the number asked for. Verdicts are committed to the ledger
    in the groups in which they arrive; at the end all are read back from it, so that two processes that asked the same
    at once agree on the first answer.
    """
    contents = [{item_id: ruler.content_id(item) for item_id, item in items.items()} for ruler in rubric.rulers]
    requests: dict[str, tuple[Ruler, str, Request]] = {}
    known = 0
    for ruler, content_of in zip(rubric.rulers, contents, strict=True):
        there = ledger.find(ruler.ruler_id, content_of.values())
        missing = {content_id: item_id for item_id, content_id in content_of.items() if content_id not in there}
        known += len(there)
        for content_id, item_id in missing.items():
            key = f"{ruler.ruler_id}-{content_id}"
            requests[key] = (ruler, content_id, Request(key, ruler.criterion, items[item_id]))

    done = 0
    for group in judge.judge([request for _, _, request in requests.values()]):
        ledger.record(
            [(requests[request.key][0].ruler_id, requests[request.key][1], verdict) for request, verdict in group],
            judged_at=clock.now(),
        )
        done += len(group)
        progress(done, len(requests))
    if done < len(requests):
        raise RuntimeError(f"{judge.model} left {len(requests) - done} of {len(requests)} requests without a verdict")

    judgments = []
    for ruler, content_of in zip(rubric.rulers, contents, strict=True):
        entries = ledger.find(ruler.ruler_id, content_of.values())
        judgments += [Judgment(item_id, ruler, entries[content_id]) for item_id, content_id in content_of.items()]
    return Judged(judgments, asked=len(requests), known=known)
