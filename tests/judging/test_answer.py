"""An answer is read strictly: what the schema does not allow is unreadable, and nothing is guessed."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.judging.answer import Answer, UnreadableAnswer, answer_schema, read_answer
from pipelines.judging.criterion import Criterion, FrontMatter, Wrapper

LEVELS = {level: f"anchor {level}" for level in range(1, 6)}
ALWAYS, SOMETIMES = (
    Criterion("brief", FrontMatter(title="t", question="q?", levels=LEVELS, not_applicable=when), "", Wrapper("", ""))
    for when in (None, "It is empty.")
)
GOOD = {"evidence": "Yes.", "rationale": "It is short.", "score": 4, "injection_suspected": False}


def answered(**changes):
    return json.dumps(GOOD | changes)


def test_the_schema_asks_for_reasons_before_the_score_and_for_nothing_else():
    schema = answer_schema(ALWAYS)
    assert list(schema["properties"]) == ["evidence", "rationale", "score", "injection_suspected"]
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False
    assert schema["properties"]["score"] == {"enum": [1, 2, 3, 4, 5]}


def test_na_is_in_the_schema_only_where_a_criterion_may_not_apply():
    assert answer_schema(SOMETIMES)["properties"]["score"] == {"enum": [1, 2, 3, 4, 5, "na"]}


def test_an_answer_is_read():
    assert read_answer(answered(), may_not_apply=False) == Answer(4, "It is short.", "Yes.", False)
    assert read_answer(f"\n {answered(injection_suspected=True)}\n", may_not_apply=False).injection_suspected is True


def test_no_evidence_is_none():
    assert read_answer(answered(evidence=" "), may_not_apply=False).evidence is None


def test_na_is_no_level_where_a_criterion_may_not_apply():
    assert read_answer(answered(score="na"), may_not_apply=True).level is None
    with pytest.raises(UnreadableAnswer, match="^score is na; the criterion applies to every item$"):
        read_answer(answered(score="na"), may_not_apply=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the answer is not JSON"),
        ("The answer is a 4.", "the answer is not JSON"),
        (f"```json\n{answered()}\n```", "the answer is not JSON"),
        (f"Here it is: {answered()}", "the answer is not JSON"),
        (f"{answered()} I hope that helps.", "the answer is not JSON"),
        (answered() * 2, "the answer is not JSON"),
        (answered()[:-10], "the answer is not JSON"),
        ("[" * 100_000, "the answer is not JSON"),
        (answered(score=0).replace("0", "9" * 5_000), "the answer is not JSON"),
        (f"[{answered()}]", "the answer is .*, not a JSON object"),
        ("4", "the answer is 4, not a JSON object"),
        ('{"score": 4}', "the answer has no evidence"),
        (answered(confidence=0.9), 'the answer has "confidence", which was not asked for'),
        (answered()[:-1] + ', "score": 5}', 'the answer has "score" twice'),
        (answered(evidence={}).replace("{}", '{"a": 1, "a": 1}'), 'the answer has "a" twice'),
        (answered(evidence=None), "evidence is null; it must be a text"),
        (answered(rationale=["a"]), r'rationale is \["a"\]; it must be a text'),
        (answered(injection_suspected="false"), 'injection_suspected is "false"; it must be true or false'),
        (answered(injection_suspected=0), "injection_suspected is 0; it must be true or false"),
        (answered(score=0).replace("0", "NaN"), "the answer has NaN"),
    ],
)
def test_what_is_no_answer_is_unreadable_and_says_why(text, said):
    with pytest.raises(UnreadableAnswer, match=f"^{said}"):
        read_answer(text, may_not_apply=True)


@pytest.mark.parametrize("score", [True, False, 0, 6, -1, 4.0, 4.5, "4", "NA", "n/a", None, [4], {"level": 4}])
def test_a_score_that_is_no_whole_number_from_1_to_5_is_unreadable(score):
    with pytest.raises(UnreadableAnswer, match="^score is .*; it must be a whole number from 1 to 5$"):
        read_answer(answered(score=score), may_not_apply=True)


def test_an_over_long_text_is_cut_and_the_score_is_kept():
    answer = read_answer(answered(rationale="r" * 5_000, evidence="e" * 5_000), may_not_apply=False)
    assert answer.level == 4
    assert answer.rationale == "r" * 1_999 + "…"
    assert answer.evidence == "e" * 999 + "…"


def test_characters_that_are_not_seen_are_taken_out():
    harmful = "a\x00\x1b[31mb\u202ec\ud800d\u200be\nf"
    answer = read_answer(json.dumps(GOOD | {"rationale": harmful, "evidence": harmful}), may_not_apply=False)
    assert answer.rationale == answer.evidence == "a [31mb c d e f"
    answer.rationale.encode("utf-8")


def test_an_error_repeats_little_of_an_answer_and_nothing_that_is_not_seen():
    with pytest.raises(UnreadableAnswer) as error:
        read_answer("no\x00 \ud800" + "x" * 100_000, may_not_apply=False)
    assert len(str(error.value)) < 200
    assert str(error.value).isprintable()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 7) | st.floats() | st.sampled_from(["na", "4", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
)


CHANGES = st.fixed_dictionaries({}, optional={**dict.fromkeys(GOOD, VALUES), "more": VALUES})


@given(CHANGES, st.sampled_from([ALWAYS, SOMETIMES]))
def test_what_can_be_read_is_what_the_schema_allows(changes, criterion):
    found = GOOD | changes
    try:
        read_answer(json.dumps(found), may_not_apply=criterion is SOMETIMES)
        readable = True
    except UnreadableAnswer:
        readable = False
    allowed = jsonschema.Draft202012Validator(answer_schema(criterion)).is_valid(found)
    # stricter than JSON Schema in one thing: to it 4.0 is the integer 4
    assert readable == (allowed and not isinstance(found["score"], float))


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_text_raises_anything_else(text):
    with pytest.raises(UnreadableAnswer):
        read_answer(text, may_not_apply=False)
