"""What the ledger knows is not asked, equal contents are asked once, and what arrived before a crash is kept."""

import pytest

from pipelines.feature import JudgeKind
from pipelines.judging.criterion import Criterion, FrontMatter
from pipelines.judging.judge import Item, Status, Verdict
from pipelines.judging.ledger import Ledger
from pipelines.judging.panel import judge_items
from pipelines.judging.ruler import Rubric, Ruler

LEVELS = {level: f"level {level}" for level in (1, 2, 3, 4, 5)}


class CountingJudge:
    """Answers 4, one by one; stops with an error after `fails_after` answers."""

    kind = JudgeKind.OFFLINE
    model = "counting"
    parameters = {}

    def __init__(self, fails_after=None):
        self.asked, self.fails_after = [], fails_after

    def accepts(self, criterion):
        pass

    def judge(self, requests):
        for request in requests:
            if len(self.asked) == self.fails_after:
                raise ConnectionError("the judge is gone")
            self.asked.append((request.criterion.name, request.item))
            yield [(request, Verdict(Status.SCORED, 4, "fine"))]


@pytest.fixture
def rubric(tmp_path, monkeypatch):
    monkeypatch.setenv("PROD_EVALS_JUDGE_PROMPTS", str(tmp_path))
    (tmp_path / "_system.md.j2").write_text("{{ criterion.question }} {{ body }}")
    (tmp_path / "_item.md.j2").write_text("{% for field in fields %}<{{ nonce }}>{{ field.json }}</{{ nonce }}>{% endfor %}")
    rulers = [
        Ruler(Criterion(name, FrontMatter(title=name, question="Is it?", levels=LEVELS, needs=needs), ""), JudgeKind.OFFLINE, "m", "{}")
        for name, needs in (("tone", ("output",)), ("addressed", ("input", "output")))
    ]
    return Rubric(tuple(rulers), (1.0, 0.5))


def test_equal_contents_are_asked_once_and_every_item_gets_the_answer(rubric):
    judge = CountingJudge()
    items = {"a": Item("q1", "same"), "b": Item("q2", "same"), "c": Item("q1", "same")}
    judged = judge_items(items, rubric, judge, Ledger())
    # tone looks at the output alone: one content; addressed at input and output: two
    assert (judged.asked, len(judge.asked), len(judged.judgments)) == (3, 3, 6)
    assert {(j.item_id, j.ruler.criterion.name) for j in judged.judgments} == {
        (item, name) for item in "abc" for name in ("tone", "addressed")
    }


def test_a_second_run_asks_nothing_and_gives_equal_judgments(rubric):
    items = {"a": Item("q1", "x"), "b": Item("q2", "y")}
    first = judge_items(items, rubric, CountingJudge(), Ledger())
    judge = CountingJudge()
    second = judge_items(items, rubric, judge, Ledger())
    assert (judge.asked, second.asked, second.known) == ([], 0, 4)
    assert second.judgments == first.judgments


def test_what_arrived_before_a_crash_is_never_asked_again(rubric):
    items = {str(number): Item(f"q{number}", "x") for number in range(10)}
    crashing = CountingJudge(fails_after=4)
    with pytest.raises(ConnectionError):
        judge_items(items, rubric, crashing, Ledger())
    judge = CountingJudge()
    judge_items(items, rubric, judge, Ledger())
    assert len(crashing.asked) == 4
    assert not set(crashing.asked) & set(judge.asked)
    assert len(judge.asked) == 11 - 4  # one tone, ten addressed


def test_progress_counts_what_has_arrived(rubric):
    seen = []
    judge_items({"a": Item("q", "x")}, rubric, CountingJudge(), Ledger(), lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_a_judge_that_leaves_a_request_unanswered_is_an_error(rubric):
    judge = CountingJudge()
    judge.judge = lambda requests: iter(())
    with pytest.raises(RuntimeError, match="left 2 of 2 requests without a verdict"):
        judge_items({"a": Item("q", "x")}, rubric, judge, Ledger())


def test_a_ruler_changes_with_what_could_change_a_verdict_and_with_nothing_else(rubric):
    ruler = rubric.rulers[0]
    same = Ruler(ruler.criterion, ruler.judge, "m", "{}")
    assert same.ruler_id == ruler.ruler_id
    assert Ruler(ruler.criterion, ruler.judge, "another model", "{}").ruler_id != ruler.ruler_id
    assert Ruler(ruler.criterion, ruler.judge, "m", '{"rules": 2}').ruler_id != ruler.ruler_id


def test_a_rubric_changes_with_its_weights(rubric):
    assert Rubric(rubric.rulers, (1.0, 1.0)).rubric_id != rubric.rubric_id
    assert Rubric(rubric.rulers[::-1], rubric.weights[::-1]).rubric_id == rubric.rubric_id
