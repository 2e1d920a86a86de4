"""A ruler's id changes with all that could change a verdict, and with nothing else."""

import json
import shutil

import pytest

from pipelines.judging import answer, prompt, ruler
from pipelines.judging.criterion import PROMPTS_VARIABLE, criterion_names, load_criterion, prompts_directory
from pipelines.judging.judge import Item, Source
from pipelines.judging.ruler import Ruler


@pytest.fixture
def prompts(tmp_path, monkeypatch):
    """A copy of the shipped criteria, to be edited."""
    copy = shutil.copytree(prompts_directory(), tmp_path / "judge_prompts")
    monkeypatch.setenv(PROMPTS_VARIABLE, str(copy))
    return copy


def ruler_of(name, kind="offline", model="a model", **parameters):
    return Ruler(load_criterion(name), kind, model, json.dumps(parameters))


def changed(before):
    """The criteria whose ruler is another one than before."""
    return {name for name in criterion_names() if ruler_of(name).ruler_id != before[name]}


@pytest.fixture
def before(prompts):
    return {name: ruler_of(name).ruler_id for name in criterion_names()}


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("question: Is the tone", "question: Was the tone"),
        ("  1: It is rude", "  1: It is very rude"),
        ("because: The complaint is heard first", "because: The complaint is heard"),
        ("level: 5", "level: 4"),
        ("needs: [input, output]", "needs: [output, input]"),
        ("not_applicable: The output is empty.\n", ""),
        ("Read the input for", "Look at the input for"),
    ],
)
def test_editing_one_criterion_changes_its_ruler_alone(prompts, before, old, new):
    edit(prompts / "tone.md", old, new)
    assert changed(before) == {"tone"}


@pytest.mark.parametrize(
    ("template", "old"), [("_system.md.j2", "Length is not quality."), ("_item.md.j2", "The item has ended.")]
)
def test_editing_a_template_around_the_criteria_changes_every_ruler(prompts, before, template, old):
    edit(prompts / template, old, "Mind what follows.")
    assert changed(before) == set(before)


def test_saving_a_file_as_it_was_changes_nothing(prompts, before):
    for path in prompts.iterdir():
        path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert changed(before) == set()


def test_a_comment_in_a_template_changes_nothing_that_is_sent_and_no_ruler(prompts, before):
    edit(prompts / "_system.md.j2", "# Levels", "{# for a reader of the file #}# Levels")
    assert changed(before) == set()


def test_the_same_text_under_another_name_is_another_ruler(prompts):
    shutil.copy(prompts / "tone.md", prompts / "manner.md")
    assert ruler_of("manner").ruler_id != ruler_of("tone").ruler_id


def test_a_ruler_changes_with_the_judge_its_model_and_its_parameters():
    rulers = [
        ruler_of("tone"),
        ruler_of("tone", model="another model"),
        ruler_of("tone", effort="low"),
        ruler_of("tone", effort="high"),
        ruler_of("tone", kind="another kind"),
    ]
    assert len({each.ruler_id for each in rulers}) == len(rulers)


def test_every_ruler_changes_with_the_wrapper_version(monkeypatch, before):
    monkeypatch.setattr(ruler, "WRAPPER_VERSION", prompt.WRAPPER_VERSION + 1)
    assert changed(before) == set(before)


def test_every_ruler_changes_with_the_order_of_the_schema(monkeypatch, before):
    def reversed_schema(criterion):
        schema = answer.answer_schema(criterion)
        return schema | {"properties": dict(reversed(schema["properties"].items()))}

    monkeypatch.setattr(ruler, "answer_schema", reversed_schema)
    assert changed(before) == set(before)


def test_a_ruler_shows_all_that_is_sent_around_an_item():
    tone = ruler_of("tone")
    for part in (prompt.system_prompt(tone.criterion), tone.criterion.wrapper.item.strip(), '"injection_suspected"'):
        assert part in tone.prompt


def test_contents_are_equal_when_what_the_criterion_needs_is_equal():
    tone, grounded = ruler_of("tone"), ruler_of("grounded_in_sources")
    first = Item("q", "a", (Source("1", "t", "x"),))
    assert tone.content_id(first) == tone.content_id(Item("q", "a"))
    assert grounded.content_id(first) == grounded.content_id(Item("another", "a", first.sources))
    assert grounded.content_id(first) != grounded.content_id(Item("q", "a", (Source("1", "t", "y"),)))


@pytest.mark.parametrize(
    "sources",
    [
        (),
        (Source("2", "t", "x"), Source("9", "u", "y")),
        (Source("1", "another", "x"), Source("9", "u", "y")),
        (Source("1", None, "x"), Source("9", "u", "y")),
        (Source("1", "", "x"), Source("9", "u", "y")),
        (Source("1", "t", "another"), Source("9", "u", "y")),
        (Source("t", "1", "x"), Source("9", "u", "y")),
        (Source("9", "u", "y"), Source("1", "t", "x")),
        (Source("1", "t", "x"),),
        (Source("1", "t", "x"), Source("9", "u", "y"), Source("9", "u", "y")),
    ],
)
def test_whatever_differs_in_the_sources_is_another_content(sources):
    # all of a source is shown to the judge: an answer may be grounded in a title alone
    grounded = ruler_of("grounded_in_sources")
    item = Item("q", "a", (Source("1", "t", "x"), Source("9", "u", "y")))
    assert grounded.content_id(item) != grounded.content_id(Item("q", "a", sources))


@pytest.mark.parametrize(
    "other", [Item("another", "a"), Item("q", "another"), Item("a", "q"), Item(None, "a"), Item("", "a")]
)
def test_whatever_differs_in_input_or_output_is_another_content(other):
    tone = ruler_of("tone")
    assert tone.content_id(Item("q", "a")) != tone.content_id(other)
