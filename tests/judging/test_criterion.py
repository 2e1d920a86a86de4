import pytest
import yaml

from pipelines.judging.criterion import (
    PROMPTS_VARIABLE,
    CriterionError,
    criterion_names,
    load_criterion,
    prompts_directory,
)

SHIPPED = ["addressed_question", "grounded_in_sources", "harmful_or_policy_breaking", "language_match", "tone"]

GOOD = """---
title: Brief
question: Is it brief?
levels: {1: one, 2: two, 3: three, 4: four, 5: five}
examples:
- {input: "Why?", output: Because., level: 5, because: It is short.}
- {input: "Why?", output: "", level: 1, because: It is nothing.}
---
Look at {{ criterion.title }}.
"""
FIRST = '- {input: "Why?", output: Because., level: 5, because: It is short.}\n'


@pytest.fixture
def prompts(tmp_path, monkeypatch):
    """A folder of criteria of the test's own."""
    (tmp_path / "_system.md.j2").write_text("{{ criterion.title }}|{{ body }}", encoding="utf-8")
    (tmp_path / "_item.md.j2").write_text("{{ fields }}", encoding="utf-8")
    monkeypatch.setenv(PROMPTS_VARIABLE, str(tmp_path))

    def write(text, name="brief"):
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
        return name

    return write


def test_the_five_shipped_criteria_are_there_and_the_templates_around_them_are_none():
    assert criterion_names() == SHIPPED
    assert {path.name for path in prompts_directory().glob("_*")} == {"_system.md.j2", "_item.md.j2"}


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("addressed_question", ("input", "output")),
        ("grounded_in_sources", ("output", "sources")),
        ("harmful_or_policy_breaking", ("input", "output")),
        ("language_match", ("input", "output")),
        ("tone", ("input", "output")),
    ],
)
def test_a_shipped_criterion_needs_no_more_of_an_item_than_it_looks_at(name, needs):
    assert load_criterion(name).front.needs == needs


@pytest.mark.parametrize("name", SHIPPED)
def test_the_examples_of_a_shipped_criterion_show_the_best_level_and_one_that_fails(name):
    levels = {example.level for example in load_criterion(name).front.examples}
    assert 5 in levels
    assert levels & {1, 2, 3}


def test_a_criterion_is_loaded_with_its_examples_and_the_templates_around_it(prompts):
    criterion = load_criterion(prompts(GOOD))
    first, second = criterion.front.examples
    assert (first.input, first.output, first.sources, first.level, first.because) == (
        *("Why?", "Because.", None, 5, "It is short."),
    )
    assert second.output == ""
    assert criterion.body == "Look at {{ criterion.title }}."
    assert criterion.wrapper.system == "{{ criterion.title }}|{{ body }}"
    assert criterion.wrapper.item == "{{ fields }}"


def test_an_unknown_criterion_is_an_error_that_names_those_there_are(prompts):
    prompts(GOOD)
    with pytest.raises(CriterionError, match="judge_prompts/breif.md: there is no such criterion; there are brief"):
        load_criterion("breif")


@pytest.mark.parametrize("name", ["../brief", "_system", "Brief", "brief/../brief", ""])
def test_a_name_cannot_lead_out_of_the_folder(prompts, name):
    prompts(GOOD)
    with pytest.raises(CriterionError, match="there is no such criterion"):
        load_criterion(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no front matter", "must begin with front matter between two lines of ---"),
        ("before\n" + GOOD, "must begin with front matter"),
        (GOOD.replace("title: Brief", "title: [Brief"), "its front matter is not YAML"),
        ("---\n- a list\n---\n", "its front matter: input should be"),
        (GOOD.replace("title: Brief\n", ""), "title: field required"),
        (GOOD.replace("title: Brief", "title: Brief\ntitel: Brief"), "titel: extra inputs are not permitted"),
        (GOOD.replace("5: five", "6: six"), r"levels has \[1, 2, 3, 4, 6\]; it needs an anchor for each of 1 to 5"),
        (GOOD.replace("title: Brief", "title: Brief\nneeds: [input, answer]"), r"needs names \['answer'\]"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_the_file(prompts, text, said):
    with pytest.raises(CriterionError, match=f"^judge_prompts/brief.md: {said}"):
        load_criterion(prompts(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace(FIRST, ""), "examples has 1; give 2 to 4 worked examples, each with input, output, level"),
        (GOOD.replace(FIRST, 4 * FIRST), "examples has 5; give 2 to 4"),
        (GOOD.replace('input: "Why?", output: B', "output: B"), "examples.0 has no input, which needs names; add it"),
        (GOOD.replace("level: 1", "level: 1, sources: []"), "examples.1 has sources, which the judge does not see"),
        (GOOD.replace("level: 1", "level: na"), "examples.1.level is na; say in not_applicable when that is so"),
        (GOOD.replace("level: 1", "level: 6"), "examples.1.level: input should be 1, 2, 3, 4, 5 or 'na'; found 6"),
        (GOOD.replace("level: 1", "level: true"), "examples.1.level: value error, true is no level; found True"),
        (GOOD.replace(", because: It is short.", ""), "examples.0.because: field required"),
        (GOOD.replace("title: Brief", "title: Brief\nneeds: []"), r"needs is \[\]; name what the judge must see"),
        (GOOD.replace("title: Brief", "title: Brief\nneeds: [input, input]"), r"needs is \['input', 'input'\]"),
    ],
)
def test_a_mistake_in_the_examples_is_named_with_its_place(prompts, text, said):
    with pytest.raises(CriterionError, match=f"^judge_prompts/brief.md: {said}"):
        load_criterion(prompts(text))


def test_an_example_may_be_na_where_the_criterion_says_when(prompts):
    text = GOOD.replace("title: Brief", "title: Brief\nnot_applicable: It is empty.").replace("level: 1", "level: na")
    assert load_criterion(prompts(text)).front.examples[1].level == "na"


def test_the_examples_of_a_criterion_that_needs_sources_give_them(prompts):
    front = yaml.safe_load(GOOD.split("---")[1]) | {"needs": ["output", "sources"]}
    for example, sources in zip(front["examples"], (["one", "two"], []), strict=True):
        del example["input"]
        example["sources"] = sources
    loaded = load_criterion(prompts(f"---\n{yaml.safe_dump(front)}---\n"))
    assert [example.sources for example in loaded.front.examples] == [("one", "two"), ()]
    del front["examples"][1]["sources"]
    with pytest.raises(CriterionError, match=r"examples.1 has no sources, which needs names; add it \(\[\] where"):
        load_criterion(prompts(f"---\n{yaml.safe_dump(front)}---\n"))


@pytest.mark.parametrize("template", ["_system.md.j2", "_item.md.j2"])
def test_a_missing_template_is_an_error_that_names_it(prompts, template):
    name = prompts(GOOD)
    (prompts_directory() / template).unlink()
    with pytest.raises(CriterionError, match=f"{template}: cannot be read"):
        load_criterion(name)


def test_no_criterion_can_take_the_weighted_scores_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PROD_EVALS_JUDGE_PROMPTS", str(tmp_path))
    (tmp_path / "overall.md").write_text("---\ntitle: Overall\n---\n")
    with pytest.raises(CriterionError, match="overall is what the weighted score is called"):
        load_criterion("overall")
