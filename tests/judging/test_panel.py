"""What the ledger knows is not asked, equal contents are asked once, and what arrived before a crash is kept."""

from datetime import date, timedelta
from typing import ClassVar

import pytest

from pipelines.judging.criterion import Criterion, FrontMatter
from pipelines.judging.judge import Item, ItemKind, Parameters, Sitting, Status, Verdict
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import judge_items
from pipelines.judging.ruler import Rubric, Ruler

GOOD = Verdict(Status.SCORED, 4, "fine")
LEVELS = {level: f"level {level}" for level in (1, 2, 3, 4, 5)}


class CountingJudge:
    """Answers 4, one by one; stops with an error after `fails_after` answers."""

    kind = "offline"
    model = "counting"
    parameters: ClassVar[Parameters] = {}

    def __init__(self, fails_after=None, verdict=GOOD):
        self.asked, self.fails_after, self.verdict = [], fails_after, verdict

    def accepts(self, criterion):
        pass

    def judge(self, requests, record, sitting):
        for request in requests:
            if len(self.asked) == self.fails_after:
                raise ConnectionError("the judge is gone")
            self.asked.append((request.criterion.name, request.item))
            record([(request, self.verdict)])


def sitting():
    return Sitting("drafts", ItemKind.PROD, date(2026, 11, 2), Ledger(), timedelta())


@pytest.fixture
def rubric(tmp_path, monkeypatch):
    monkeypatch.setenv("PROD_EVALS_JUDGE_PROMPTS", str(tmp_path))
    (tmp_path / "_system.md.j2").write_text("{{ criterion.question }} {{ body }}")
    (tmp_path / "_item.md.j2").write_text(
        "{% for field in fields %}<{{ nonce }}>{{ field.json }}</{{ nonce }}>{% endfor %}"
    )
    rulers = [
        Ruler(
            Criterion(name, FrontMatter(title=name, question="Is it?", levels=LEVELS, needs=needs), ""),
            "offline",
            "m",
            "{}",
        )
        for name, needs in (("tone", ("output",)), ("addressed", ("input", "output")))
    ]
    return Rubric(tuple(rulers), (1.0, 0.5))


def test_equal_contents_are_asked_once_and_every_item_gets_the_answer(rubric):
    judge = CountingJudge()
    items = {"a": Item("q1", "same"), "b": Item("q2", "same"), "c": Item("q1", "same")}
    judged = judge_items(items, rubric, judge, sitting())
    # tone looks at the output alone: one content; addressed at input and output: two
    assert (judged.asked, len(judge.asked), len(judged.judgments)) == (3, 3, 6)
    assert {(j.item_id, j.ruler.criterion.name) for j in judged.judgments} == {
        (item, name) for item in "abc" for name in ("tone", "addressed")
    }


def test_a_second_run_asks_nothing_and_gives_equal_judgments(rubric):
    items = {"a": Item("q1", "x"), "b": Item("q2", "y")}
    first = judge_items(items, rubric, CountingJudge(), sitting())
    judge = CountingJudge()
    second = judge_items(items, rubric, judge, sitting())
    assert (judge.asked, second.asked, second.known) == ([], 0, 4)
    assert [each.entry for each in second.judgments] == [each.entry for each in first.judgments]


def test_what_arrived_before_a_crash_is_never_asked_again(rubric):
    items = {str(number): Item(f"q{number}", "x") for number in range(10)}
    crashing = CountingJudge(fails_after=4)
    with pytest.raises(ConnectionError):
        judge_items(items, rubric, crashing, sitting())
    judge = CountingJudge()
    judge_items(items, rubric, judge, sitting())
    assert len(crashing.asked) == 4
    assert not set(crashing.asked) & set(judge.asked)
    assert len(judge.asked) == 11 - 4  # one tone, ten addressed


def test_what_is_not_final_is_shown_and_asked_again(rubric):
    pending = CountingJudge(verdict=Verdict(Status.PENDING, None, "waiting", is_final=False))
    judged = judge_items({"a": Item("q", "x")}, rubric, pending, sitting())
    assert (judged.pending, len(judged.judgments)) == (2, 2)
    judge = CountingJudge()
    again = judge_items({"a": Item("q", "x")}, rubric, judge, sitting())
    assert (again.pending, again.asked, len(judge.asked)) == (0, 2, 2)


def test_an_occasion_has_verdicts_of_its_own(rubric):
    items = {"a": Item("q", "x")}
    judge_items(items, rubric, CountingJudge(), sitting())
    judge = CountingJudge()
    assert judge_items(items, rubric, judge, sitting(), "2026-11-03").asked == len(judge.asked) == 2
    assert judge_items(items, rubric, judge, sitting(), "2026-11-03").asked == 0


def test_a_judge_that_leaves_a_request_unanswered_is_an_error(rubric):
    judge = CountingJudge()
    judge.judge = lambda requests, record, sitting: None
    with pytest.raises(RuntimeError, match="left 2 of 2 requests without a verdict"):
        judge_items({"a": Item("q", "x")}, rubric, judge, sitting())


def test_a_ruler_changes_with_what_could_change_a_verdict_and_with_nothing_else(rubric):
    ruler = rubric.rulers[0]
    same = Ruler(ruler.criterion, ruler.judge, "m", "{}")
    assert same.ruler_id == ruler.ruler_id
    assert Ruler(ruler.criterion, ruler.judge, "another model", "{}").ruler_id != ruler.ruler_id
    assert Ruler(ruler.criterion, ruler.judge, "m", '{"rules": 2}').ruler_id != ruler.ruler_id


def test_a_rubric_changes_with_its_weights(rubric):
    assert Rubric(rubric.rulers, (1.0, 1.0)).rubric_id != rubric.rubric_id
    assert Rubric(rubric.rulers[::-1], rubric.weights[::-1]).rubric_id == rubric.rubric_id
