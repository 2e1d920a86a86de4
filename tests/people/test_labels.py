"""Human labels: each line that cannot be used is named with what is wrong and how it should be."""

from datetime import date

import pytest

from pipelines.feature import features_directory, load_feature
from pipelines.people.labels import UNNAMED, LabelError, label_parts, read_labels


def feature_with(labels: str = ""):
    path = features_directory() / "drafts.yaml"
    path.write_text(f'start: 2026-11-02\nlogs: {{path: "{{{{ day }}}}.jsonl"}}\n{labels}')
    return load_feature(path)


def labels(tmp_path, *lines, name="labels.jsonl", section=""):
    path = tmp_path / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_labels(feature_with(section), str(path))


def test_a_line_is_an_item_a_criterion_and_a_level_and_all_else_is_optional(tmp_path):
    found = labels(
        tmp_path,
        '{"item_id": "a", "criterion": "tone", "label": 4, "input": "not looked at"}',
        "",
        '{"item_id": 7, "criterion": "tone", "label": "na", "rater": "Ada", "day": "2026-11-02"}',
    )
    assert [(each.item_id, each.level, each.rater, each.day) for each in found] == [
        ("a", 4, UNNAMED, None),
        ("7", None, "Ada", date(2026, 11, 2)),
    ]
    assert found[1].place == "labels.jsonl:3"


def test_lines_that_nobody_has_filled_in_are_left_out(tmp_path):
    assert labels(tmp_path, '{"item_id": "a", "criterion": "tone", "label": null}') == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "is not JSON"),
        ("[1]", "is not an object"),
        ('{"criterion": "tone", "label": 4}', "has no item_id"),
        ('{"item_id": "a", "label": 4}', "has no criterion"),
        ('{"item_id": "a", "criterion": "tone"}', "has no label"),
        ('{"item_id": "a", "criterion": "tone", "label": 6}', 'label is 6; it must be a level of 1 to 5, or "na"'),
        ('{"item_id": "a", "criterion": "tone", "label": 3.5}', "label is 3.5"),
        ('{"item_id": "a", "criterion": "tone", "label": true}', "label is true"),
        ('{"item_id": "a", "criterion": "tone", "label": "good"}', 'label is "good"'),
        ('{"item_id": ["a"], "criterion": "tone", "label": 3}', 'item_id is ["a"]; it must be a text'),
        ('{"item_id": "a", "criterion": "tone", "label": 3, "day": "today"}', 'day is "today"; it must be a date'),
    ],
)
def test_what_is_wrong_with_a_line_is_said_with_its_place(tmp_path, line, said):
    with pytest.raises(LabelError) as error:
        labels(tmp_path, '{"item_id": "a", "criterion": "tone", "label": 4}', line)
    assert str(error.value).startswith("labels.jsonl:2: ") and said in str(error.value)


def test_many_mistakes_are_summed_up(tmp_path):
    with pytest.raises(LabelError) as error:
        labels(tmp_path, *["{"] * 9)
    assert str(error.value).splitlines()[-1] == "and 4 more"


def test_one_rater_says_one_thing_and_two_may_differ(tmp_path):
    ada, again, bo = (
        f'{{"item_id": "a", "criterion": "tone", "label": {level}, "rater": "{rater}"}}'
        for level, rater in ((4, "Ada"), (2, "Ada"), (2, "Bo"))
    )
    assert len(labels(tmp_path, ada, ada, bo)) == 2
    with pytest.raises(LabelError, match=r'labels\.jsonl:2: Ada labels tone of "a" as 2, and as 4 in labels\.jsonl:1'):
        labels(tmp_path, ada, again)


def test_files_are_found_beside_the_feature_file_and_their_absence_is_told():
    feature = feature_with("human_labels: {path: labels/*.jsonl}\n")
    with pytest.raises(LabelError, match=r"no human labels: looked for .*labels/\*.jsonl"):
        label_parts(feature)
    (feature.directory / "labels").mkdir()
    for name in ("b.jsonl", "a.jsonl", "notes.txt"):
        (feature.directory / "labels" / name).touch()
    assert [part.label for part in label_parts(feature)] == ["labels/a.jsonl", "labels/b.jsonl"]
    assert label_parts(feature_with("")) == []


FIELDS = "human_labels: {path: labels/*, fields: {item_id: unit.id, label: 'answers[0]'}}\n"


def test_fields_say_where_columns_are(tmp_path):
    line = '{"unit": {"id": "a"}, "criterion": "tone", "answers": [4, 5]}'
    assert [(label.item_id, label.level) for label in labels(tmp_path, line, section=FIELDS)] == [("a", 4)]
    with pytest.raises(LabelError, match=r"labels\.jsonl:2: has no label"):
        labels(tmp_path, line, '{"unit": {"id": "a"}, "criterion": "tone", "answers": []}', section=FIELDS)


def test_a_sheet_that_was_saved_as_csv_is_read_and_its_empty_cells_are_not_filled_in_yet(tmp_path):
    found = labels(
        tmp_path,
        "item_id;criterion;label;rater;day",
        "7;tone;4;Ada;2026-11-02",
        "8;tone;;;",
        "9;tone;na;;",
        name="labels.csv",
    )
    assert [(label.item_id, label.level, label.rater, label.day, label.place) for label in found] == [
        ("7", 4, "Ada", date(2026, 11, 2), "labels.csv:1"),
        ("9", None, UNNAMED, None, "labels.csv:3"),
    ]
    with pytest.raises(LabelError, match=r'labels\.csv:1: label is "45"; it must be a level'):
        labels(tmp_path, "item_id,criterion,label", "7,tone,45", name="labels.csv")


def test_a_file_whose_ending_says_nothing_is_json_lines(tmp_path):
    assert len(labels(tmp_path, '{"item_id": "a", "criterion": "tone", "label": 4}', name="by Ada")) == 1
