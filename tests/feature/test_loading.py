"""A feature file's mistakes are told with file, line, field, value and remedy."""

import pytest

from pipelines.feature import FeatureError, find_feature, load_feature, place_of
from tests.feature.files import LEAST, write


def mistakes(text):
    with pytest.raises(FeatureError) as caught:
        load_feature(write(text))
    return str(caught.value).splitlines()


def test_a_file_with_only_what_a_user_must_know_is_enough():
    feature = load_feature(write(LEAST))
    assert (feature.name, feature.sample.n, feature.timezone) == ("drafts", 200, "UTC")
    assert [stage.name for stage in feature.ramp.stages] == ["100%"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sample: {n: 0}", ":3: sample.n is 0; it must be greater than or equal to 1 (how many logs to judge a night; 200 is usual)"),
        ("sampel: {n: 10}", ":3: sampel is not a field; did you mean sample?"),
        ("timezone: America/NewYork", ":3: timezone is 'America/NewYork'; it must be an IANA time zone; did you mean America/New_York? (the zone whose midnight cuts a day)"),
        ("night: {at: 16:30}", ':3: night.at is 990; YAML reads 04:30 without quotes as a number; write "04:30" (when the day\'s logs are usually there)'),
        ('night: {at: "25:00"}', ":3: night.at is '25:00'; it must be a time of day as in \"04:30\" (when the day's logs are usually there)"),
        ("publish: {text: some}", ":3: publish.text is 'some'; it must be 'full', 'redacted' or 'none' (what may be shown of inputs and outputs: full, redacted or none)"),
        ("ramp: {stages: [{name: a}], history: [{stage: b, from: 2026-10-01}]}", ":3: ramp: history names the stage 'b'; the stages are a"),
        ("ramp: {stages: [{name: a, min_night: 2}]}", ":3: ramp.stages.0.min_night is not a field; did you mean min_nights?"),
        ("judge: {criteria: {tone: 0}}", ":3: judge.criteria.tone is 0; it must be greater than 0"),
        ("sample: {stratify_by: categry}", ":3: sample.stratify_by is 'categry'; it must be 'category', 'cohort', 'locale', 'model' or 'prompt_version' (the column, or columns, that strata are made of)"),
        ("sample: {stratify_by: [category, category]}", ":3: sample.stratify_by: names a column twice; name one, or several as in [category, locale] (the column, or columns, that strata are made of)"),
        ("sample: {stratify_by: []}", ":3: sample.stratify_by: names no column; name one, or several as in [category, locale] (the column, or columns, that strata are made of)"),
        ("sample: {allocation: neyman}", ":3: sample: allocation is neyman, which needs spread; begin with proportional, and after some nights `prod-evals check` prints the spread that they had"),
        ("sample: {allocation: neyman, spread: {a: 0}}", ":3: sample.spread.a is 0; it must be greater than 0"),
        ("baseline: {}", ":3: baseline.path is missing (the cold eval's items, relative to this file); add it"),
        ("baseline: {path: a.jsonl, fields: {itm_id: id}}", ":3: baseline.fields.itm_id is 'itm_id'; it must be 'item_id', 'category', 'input', 'output' or 'sources'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_line_field_value_and_remedy(line, said):
    (told,) = mistakes(LEAST + line + "\n")
    assert told.endswith(said)
    assert "drafts.yaml" in told


def test_a_canonical_column_that_does_not_exist_is_told_with_those_that_do():
    (told,) = mistakes('start: 2026-10-19\nlogs:\n  path: "{{ day }}.csv"\n  fields: {log_idd: id}\n')
    assert ":4: logs.fields.log_idd is 'log_idd'; it must be 'log_id', 'ts'," in told


def test_only_sources_may_be_a_mapping():
    told = mistakes('start: 2026-10-19\nlogs: {path: "{{ day }}.csv", fields: {input: {path: a}}}\n')
    assert any(
        "fields.input must be a path as in request.prompt; only sources may be a mapping" in line for line in told
    )


def test_all_mistakes_are_told_at_once():
    assert len(mistakes(LEAST + "sample: {n: 0, flor: 3}\nbands: {quality: 5}\n")) == 3


def test_a_path_without_a_day_is_refused():
    (told,) = mistakes("start: 2026-10-19\nlogs: {path: logs.jsonl}\n")
    assert "logs: path has no {{ day }}, so no day could be told from another" in told


@pytest.mark.parametrize("text", ["- a\n", "", "a: [\n", "start: 2026-10-19\n  x: 1\n", "\x00"])
def test_what_is_no_mapping_of_fields_is_told_so(text):
    assert "drafts.yaml" in mistakes(text)[0]


def test_a_file_name_that_is_no_feature_name_is_refused():
    with pytest.raises(FeatureError, match="the file's name is the feature's name"):
        load_feature(write(LEAST, "My-Feature.yaml"))


def test_an_unknown_feature_is_told_with_the_nearest_name():
    write(LEAST)
    with pytest.raises(FeatureError, match="did you mean drafts"):
        find_feature("draft")


def test_a_field_is_found_again_in_the_file_by_its_line():
    feature = load_feature(
        write(LEAST + "ramp:\n  stages: [{name: in}]\n  history:\n    - {stage: in, from: 2026-10-01}\n")
    )
    assert place_of(feature, "ramp", "history", 0).endswith("drafts.yaml:6")
    write(LEAST)
    assert place_of(feature, "ramp", "history", 0).endswith("drafts.yaml")  # the line is gone
