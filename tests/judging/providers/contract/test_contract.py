"""What everybody may rely on of a provider, and nothing else: held against each, by real HTTP where it has a server."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from pipelines import clock
from pipelines.errors import UserError
from pipelines.feature import Feature
from pipelines.judging.batch_book import BatchBook
from pipelines.judging.criterion import criterion_names, load_criterion
from pipelines.judging.judge import Item, ItemKind, Request, Sitting, Status
from pipelines.judging.judges import judge_label, judge_of
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import Judged, judge_items
from pipelines.judging.providers.anthropic import batches
from pipelines.judging.ruler import Rubric, rubric_of
from pipelines.judging.token_rates import kept_rates
from tests.judging.providers.contract.entrants import ENTRANTS, Entrant
from tests.messages_server import KEY

NOT_AT_ALL, LONG_ENOUGH = timedelta(), timedelta(seconds=60)
MANY = 300  # more than anybody hands over at once


@pytest.fixture(params=ENTRANTS)
def entrant(request, monkeypatch) -> Iterator[Entrant]:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr(batches, "FIRST_POLL", 0.02)
    with ENTRANTS[request.param]() as entrant:
        yield entrant


def rubric_by(feature: Feature) -> Rubric:
    return rubric_of(feature, judge_of(feature))


def items_of(count: int) -> dict[str, Item]:
    return {
        str(n): Item(f"Where is my invoice {n}?", "Thank you. " + n % 7 * "It is under Billing. ") for n in range(count)
    }


def requests_of(rubric: Rubric, items: dict[str, Item]) -> list[Request]:
    return [
        Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item)
        for ruler in rubric.rulers
        for item in items.values()
    ]


def sitting_of(feature: Feature, ledger: Ledger, wait: timedelta = LONG_ENOUGH) -> Sitting:
    return Sitting(feature.name, ItemKind.PROD, date(2026, 11, 2), ledger, wait)


def judged(feature: Feature, items: dict[str, Item], wait: timedelta = LONG_ENOUGH) -> Judged:
    with Ledger() as ledger:
        return judge_items(items, rubric_by(feature), judge_of(feature), sitting_of(feature, ledger, wait))


def test_every_request_gets_one_verdict_recorded_or_in_the_ledger(entrant):
    feature = entrant.feature(criteria={"tone": 1, "addressed_question": 1})
    requests = requests_of(rubric_by(feature), items_of(20))
    recorded = []
    with Ledger() as ledger:
        judge_of(feature).judge(requests, recorded.extend, sitting_of(feature, ledger))
        committed = ledger.find(request.key for request in requests)
    keys = Counter([request.key for request, _ in recorded]) + Counter(committed.keys())
    assert keys == Counter(request.key for request in requests)
    verdicts = [verdict for _, verdict in recorded] + [entry.verdict for entry in committed.values()]
    assert {verdict.status for verdict in verdicts} <= {Status.SCORED, Status.NOT_APPLICABLE}
    assert all(verdict.is_final for verdict in verdicts)


def test_nothing_to_ask_is_no_error(entrant):
    feature = entrant.feature()
    with Ledger() as ledger:
        judge_of(feature).judge([], pytest.fail, sitting_of(feature, ledger))
    assert entrant.received() == []


def test_verdicts_are_handed_over_as_they_come_so_that_a_kill_loses_few(entrant):
    feature = entrant.feature()
    requests = requests_of(rubric_by(feature), items_of(MANY))
    sizes = []
    with Ledger() as ledger:
        record = ledger.record

        def counting(verdicts, *rest):
            verdicts = list(verdicts)
            sizes.append(len(verdicts))
            record(verdicts, *rest)

        ledger.record = counting
        sitting = sitting_of(feature, ledger)
        judge_of(feature).judge(
            requests,
            lambda group: counting(((request.key, verdict) for request, verdict in group), feature.name, ItemKind.PROD,
                                   clock.now()),
            sitting,
        )  # fmt: skip
        assert len(ledger.find(request.key for request in requests)) == len({request.key for request in requests})
    assert max(sizes) < sum(sizes)


def test_who_waits_no_longer_is_given_what_is_outstanding_as_pending_and_gets_it_later_unpaid_twice(entrant):
    feature, provider = entrant.feature(), entrant.provider
    entrant.hold_back()
    first = judged(feature, items_of(6), NOT_AT_ALL)
    if not provider.collects(feature):
        assert first.pending == 0
        assert list(provider.ended(feature, [])) == []
        return
    assert first.pending == 6
    assert {judgment.entry.verdict.is_final for judgment in first.judgments} == {False}
    with Ledger() as ledger:
        book = BatchBook(ledger)
        awaited = list(book.batches_of(first.pending_keys).values())
        assert list(provider.ended(feature, awaited)) == []
        entrant.let_come()
        assert set(provider.ended(feature, awaited)) == {batch.intent_id for batch in awaited}
    second = judged(feature, items_of(6), NOT_AT_ALL)
    assert second.pending == 0
    assert len(entrant.received()) == 6


def test_the_same_feature_gives_the_same_rulers_and_its_kind_is_the_providers_name(entrant):
    one, another = judge_of(entrant.feature()), judge_of(entrant.feature())
    assert one.kind == another.kind == entrant.provider.name == entrant.section["kind"]
    assert (one.model, dict(one.parameters)) == (another.model, dict(another.parameters))
    assert json.loads(json.dumps(one.parameters)) == dict(one.parameters)
    assert rubric_by(entrant.feature()).rubric_id == rubric_by(entrant.feature()).rubric_id
    assert isinstance(entrant.feature().judge, entrant.provider.settings)


def test_it_asks_nobody_before_it_is_asked(entrant):
    feature = entrant.feature()
    judge_of(feature)
    rubric_by(feature)
    judge_label(feature)
    assert entrant.received() == []


def test_a_criterion_that_it_cannot_judge_by_is_an_error_that_names_it(entrant):
    judge = judge_of(entrant.feature())
    refused = set()
    for name in criterion_names():
        try:
            judge.accepts(load_criterion(name))
        except UserError as error:
            assert name in str(error)
            refused.add(name)
    assert refused == entrant.refuses


def test_what_is_paid_is_never_more_than_its_bound_and_is_nothing_where_there_is_none(entrant):
    feature, provider = entrant.feature(criteria={"tone": 1, "addressed_question": 1}), entrant.provider
    items = items_of(12)
    rubric = rubric_by(feature)
    looked_at = provider.preview_bounds(feature, rubric, list(items.values()))
    with Ledger() as ledger:
        assert kept_rates(feature, rubric, ledger) == {}  # who only looks keeps nothing
    bounds = provider.bounds(feature, rubric, list(items.values()))
    assert entrant.received() == []
    paid = Counter()
    for judgment in judged(feature, items).judgments:
        paid[judgment.item_id] += judgment.entry.verdict.cost_usd or 0
    if bounds is None:
        assert looked_at is None
        assert paid.total() == 0
        return
    assert looked_at is not None
    assert looked_at.warning is None
    for limit in (bounds.of(items), looked_at.of(items)):
        assert all(0 < paid[item_id] <= limit[item_id] for item_id in items)
    assert provider.bounds(feature, rubric, []).of(items) == bounds.of(items)  # the same on every run


def test_a_preview_shows_to_the_letter_what_is_then_sent(entrant):
    feature = entrant.feature(criteria={"tone": 1, "addressed_question": 1})
    items = {"hostile": Item("</input> \x1b[2J{{ 7 * 7 }}", "Thank you. It is under Billing.")}
    rubric = rubric_by(feature)
    previews = entrant.provider.preview(feature, rubric, items["hostile"])
    assert entrant.received() == []
    judged(feature, items)
    shown = [set(preview.parts.values()) for preview in previews]
    assert sorted(map(sorted, shown)) == sorted(map(sorted, entrant.received()))
    assert [preview.ruler for preview in previews] in ([], list(rubric.rulers))


def test_its_label_names_who_judged_and_what_nobody_may_miss(entrant):
    provider, judge = entrant.provider, judge_of(entrant.feature())
    for label in (judge_label(entrant.feature()), provider.label(None)):
        assert provider.caveat is None or provider.caveat in label
    assert judge.model in judge_label(entrant.feature())
    assert provider.name in provider.label(None)
