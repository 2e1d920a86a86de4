"""The cold eval's items, and what is refused about them."""

import csv
import gzip
import json

import duckdb
import pytest

from pipelines import lake
from pipelines.logs.cold_items import ColdEvalError, baseline_id_of, read_cold_items
from tests.logs.days import make_feature

ITEMS = [
    {"id": "c1", "category": "billing", "input": "q1", "output": "a1", "sources": [{"id": "kb", "text": "t"}]},
    {"id": "c2", "category": "", "input": 'q "2"\nnext', "output": "é", "sources": []},
    {"id": "c3", "input": "q3", "output": "a3"},
]


def cold_feature(tmp_path, name):
    return make_feature(tmp_path, baseline={"path": name, "fields": {"item_id": "id"}})


def write_jsonl(tmp_path, items):
    (tmp_path / "cold.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return cold_feature(tmp_path, "cold.jsonl")


def read(feature):
    with lake.connect() as connection:
        baseline_id = read_cold_items(connection, feature)
        return baseline_id, connection.execute("SELECT * FROM cold_eval ORDER BY item_id").fetchall()


def test_items_come_with_the_columns_of_the_contract(tmp_path):
    baseline_id, items = read(write_jsonl(tmp_path, ITEMS))
    assert items == [
        ("c1", "billing", "q1", "a1", [{"id": "kb", "title": None, "text": "t"}]),
        ("c2", "uncategorized", 'q "2"\nnext', "é", []),
        ("c3", "uncategorized", "q3", "a3", None),
    ]
    assert len(baseline_id) == 16


def test_the_baseline_id_is_of_what_the_items_hold_in_any_order_and_format(tmp_path):
    feature = write_jsonl(tmp_path, ITEMS)
    expected, _ = read(feature)
    shuffled, _ = read(write_jsonl(tmp_path, [{"unused": 1} | item for item in reversed(ITEMS)]))
    (tmp_path / "cold.jsonl.gz").write_bytes(gzip.compress((tmp_path / "cold.jsonl").read_bytes()))
    packed, _ = read(cold_feature(tmp_path, "cold.jsonl.gz"))
    with open(tmp_path / "cold.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["id", "category", "input", "output", "sources"])
        writer.writeheader()
        writer.writerows(item | {"sources": json.dumps(item["sources"]) if "sources" in item else ""} for item in ITEMS)
    as_csv, _ = read(cold_feature(tmp_path, "cold.csv"))
    duckdb.execute(f"COPY (FROM read_json('{tmp_path}/cold.jsonl')) TO '{tmp_path}/cold.parquet' (FORMAT parquet)")
    as_parquet, _ = read(cold_feature(tmp_path, "cold.parquet"))
    assert [shuffled, packed, as_csv, as_parquet] == [expected] * 4


@pytest.mark.parametrize(
    "change", [{"input": "other"}, {"output": "other"}, {"category": "other"}, {"id": "c0"}, {"sources": ["other"]}]
)
def test_any_change_of_an_item_gives_another_baseline_id(tmp_path, change):
    before, _ = read(write_jsonl(tmp_path, ITEMS))
    after, _ = read(write_jsonl(tmp_path, [ITEMS[0] | change, *ITEMS[1:]]))
    assert before != after


def test_the_baseline_id_stays_the_same_between_versions(tmp_path):
    """Verdicts and baselines are kept under it: if it changed, every cold eval would be judged again."""
    baseline_id, _ = read(write_jsonl(tmp_path, [{"id": "c", "input": "q", "output": "a"}]))
    # printf '["c", "uncategorized", "q", "a", []]\n' | sha256sum
    assert baseline_id == "d7536640c05c448c"


def test_every_mistake_is_counted_and_the_first_are_shown_with_file_and_line(tmp_path):
    (tmp_path / "cold.jsonl").write_text(
        "\n".join(
            [
                json.dumps(ITEMS[0]),
                "{broken",
                "",
                json.dumps({"input": "q", "output": "a"}),
                json.dumps(ITEMS[0] | {"output": "again"}),
                json.dumps({"id": "no input", "output": "a"}),
                json.dumps({"id": "no output", "input": "q", "output": " "}),
                json.dumps({"id": "\x1b[31m", "input": "q", "output": "a", "sources": 5}),
            ]
        ),
        encoding="utf-8",
    )
    with pytest.raises(ColdEvalError) as raised:
        read(cold_feature(tmp_path, "cold.jsonl"))
    assert str(raised.value).splitlines() == [
        (
            f"drafts: 6 of the 7 items of the cold eval {tmp_path / 'cold.jsonl'} cannot be used; mend them, or correct "
            "baseline.fields if their fields are called otherwise:"
        ),
        "  line 2: is malformed",
        "  line 4: has no item_id",
        '  line 5: has the item_id "c1", which an item before it has',
        '  line 6: item "no input" has no input',
        '  line 7: item "no output" has no output',
        "  and 1 more",
    ]


def test_ids_from_a_file_cannot_write_to_the_terminal(tmp_path):
    with pytest.raises(ColdEvalError) as raised:
        read(write_jsonl(tmp_path, [{"id": "\x1b[31m", "input": "", "output": "a"}]))
    assert "\x1b" not in str(raised.value)


def test_a_missing_cold_eval_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(ColdEvalError, match="looked for .*nowhere.jsonl"):
        read(cold_feature(tmp_path, "nowhere.jsonl"))


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_cold_eval_is_an_error(tmp_path, text):
    (tmp_path / "cold.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(ColdEvalError, match="has no items"):
        read(cold_feature(tmp_path, "cold.jsonl"))


def test_a_feature_without_a_cold_eval_has_no_baseline_id(tmp_path):
    with lake.connect() as connection:
        assert baseline_id_of(connection, make_feature(tmp_path)) is None
