"""Paths into records."""

import json

import duckdb
import pytest

from pipelines.logs.paths import PathError, RecordReader, parse_path
from pipelines.sql_quoting import literal


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("id", ("id",)),
        ("request.prompt", ("request", "prompt")),
        (" user . cohort ", ("user", "cohort")),
        ('"gen_ai.prompt".text', ("gen_ai.prompt", "text")),
        ("messages[0].content", ("messages", 0, "content")),
        ("messages[-1][2]", ("messages", -1, 2)),
        ("straße", ("straße",)),
        ("it's-odd", ("it's-odd",)),
    ],
)
def test_a_path_is_names_and_indexes(text, steps):
    assert parse_path(text, "here") == steps


@pytest.mark.parametrize(
    "text", ["", " ", ".", "a.", ".a", "a..b", "[0]", "a[x]", "a[0", "a]", 'a"b"', '"a', "a*", "a[0]b", "a. .b"]
)
def test_what_is_not_a_path_is_an_error_that_names_the_field(text):
    with pytest.raises(PathError, match="drafts: logs.fields.input is"):
        parse_path(text, "drafts: logs.fields.input")


def read(tmp_path, record, texts, documents=()):
    file = tmp_path / "0.jsonl"
    file.write_text(json.dumps(record) + "\n", encoding="utf-8")
    reader = RecordReader(
        {path: parse_path(path, "") for path in texts}, {f"{path} as JSON": parse_path(path, "") for path in documents}
    )
    selected = ", ".join(reader.expressions().values())
    arguments = f"{literal(str(file))}, format = 'newline_delimited', ignore_errors = true, {reader.arguments()}"
    return duckdb.execute(f"SELECT {selected} FROM read_json({arguments})").fetchone()


RECORD = {
    "id": 7,
    "request": {"prompt": "why?", "messages": [{"text": "first"}, {"text": "last"}]},
    "a.b": {"it's": True},
    "list": ["x", "y"],
    "filename": "f.txt",
    "nothing": None,
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "7"),
        ("request.prompt", "why?"),
        ("request.messages[0].text", "first"),
        ("request.messages[-1].text", "last"),
        ("request.messages[5].text", None),
        ('"a.b".it\'s', "true"),
        ("list", '["x","y"]'),
        ("list[1]", "y"),
        ("filename", "f.txt"),
        ("nothing", None),
        ("nowhere", None),
        ("id.deeper", None),
        ("list.name", None),
        ("request[0]", None),
        ("ID", None),
    ],
)
def test_a_path_finds_its_value_and_null_where_the_shape_is_another(tmp_path, path, value):
    assert read(tmp_path, RECORD, [path]) == (value,)


def test_a_field_can_be_wanted_whole_and_in_part_and_as_json(tmp_path):
    texts = ["request", "request.prompt", "request.messages[0].text", "id"]
    found = read(tmp_path, RECORD, texts, ["request.messages", "id"])
    assert json.loads(found[0]) == RECORD["request"]
    assert found[1:4] == ("why?", "first", "7")
    assert json.loads(found[4]) == RECORD["request"]["messages"]
    assert found[5] == "7"


def test_names_that_differ_in_their_case_only_are_kept_apart(tmp_path):
    record = {"Id": "upper", "id": "lower", "user": {"Name": "N", "name": "n"}}
    assert read(tmp_path, record, ["Id", "id", "user.Name", "user.name"]) == ("upper", "lower", "N", "n")
