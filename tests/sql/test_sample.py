"""strata.sql and sample.sql: who can be sampled, into which strata, and that the same logs are drawn every time."""

import hashlib
from datetime import date

import pytest

from pipelines import lake
from pipelines.assets.sample import make_sample
from pipelines.feature import Feature, features_directory, load_feature
from tests.publishing.rows import write

DAY = date(2026, 11, 2)
FEATURE = """\
start: 2026-11-02
logs: {{path: "{{{{ day }}}}.jsonl"}}
sample: {{n: {n}, floor: {floor}, stratify_by: {by}}}
ramp: {{stages: [{{name: internal, cohorts: {cohorts}}}]}}
"""


def feature(n=20, floor=2, by="category", cohorts="null") -> Feature:
    path = features_directory() / "drafts.yaml"
    path.write_text(FEATURE.format(n=n, floor=floor, by=by, cohorts=cohorts))
    return load_feature(path)


def log(number: int, category: str | None = "billing", **more) -> dict:
    return {"log_id": f"log-{number}", "category": category, "input": "in", "output": f"out {number}"} | more


def drawn(logs: list[dict], **settings) -> list[dict]:
    """The rows of `sample` that a day of these logs gives."""
    made = feature(**settings)
    write("prod_logs", logs, feature=made.name, day=DAY)
    with lake.connect() as connection:
        make_sample(connection, made, DAY)
        lake.read(connection, "sample", feature=made.name, day=DAY)
        result = connection.execute("FROM sample ORDER BY log_id")
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def ids(rows: list[dict]) -> set[str]:
    return {row["log_id"] for row in rows}


MIXED = [log(number, category="abc"[min(number % 7, 2)]) for number in range(140)]  # 20 of a, 20 of b, 100 of c


def test_the_logs_with_the_smallest_keys_of_each_stratum_are_drawn():
    rows = drawn(MIXED, n=14, floor=2)
    for category, units in (("a", 2), ("b", 2), ("c", 10)):
        members = [each["log_id"] for each in MIXED if each["category"] == category]
        keys = {name: hashlib.sha256(f"prod-evals 1|drafts|2026-11-02|{name}".encode()).hexdigest() for name in members}
        assert ids(row for row in rows if row["stratum"] == category) == set(sorted(members, key=keys.get)[:units])


def test_weights_and_inclusion_probabilities_say_what_each_log_stands_for():
    rows = drawn(MIXED, n=14, floor=2)
    assert {
        (row["stratum"], row["stratum_size"], row["stratum_sampled"], row["inclusion_probability"], row["weight"])
        for row in rows
    } == {("a", 20, 2, 0.1, 10.0), ("b", 20, 2, 0.1, 10.0), ("c", 100, 10, 0.1, 10.0)}
    assert sum(row["weight"] for row in rows) == 140


def test_the_order_of_the_logs_does_not_matter_and_the_item_comes_along():
    assert drawn(MIXED, n=14) == drawn(MIXED[::-1], n=14)
    assert all(row["output"] == "out " + row["log_id"].removeprefix("log-") for row in drawn(MIXED, n=14))


def test_a_larger_sample_holds_every_smaller_one():
    samples = [ids(drawn(MIXED, n=n, floor=3)) for n in (2, 3, 9, 20, 60, 140)]
    assert [len(sample) for sample in samples] == [2, 3, 9, 20, 60, 140]
    assert all(smaller < larger for smaller, larger in zip(samples, samples[1:], strict=False))


def test_one_more_log_changes_the_sample_by_at_most_itself_and_what_it_displaces():
    before = ids(drawn(MIXED, n=14))
    for number in range(1000, 1010):
        after = ids(drawn([*MIXED, log(number, category="c")], n=14))
        assert len(before - after) <= 1


def test_logs_without_an_output_cannot_be_judged_and_are_no_part_of_the_population():
    rows = drawn([log(1), log(2, output=None, error="timeout")], n=5)
    assert ids(rows) == {"log-1"}
    assert rows[0]["stratum_size"] == 1


def test_only_the_stages_cohorts_are_sampled():
    logs = [log(1, cohort="internal"), log(2, cohort="5%"), log(3), log(4, cohort="friends")]
    assert ids(drawn(logs, cohorts="[internal, friends]")) == {"log-1", "log-4"}
    assert len(drawn(logs)) == 4


@pytest.mark.parametrize("by", ["category", "cohort", "locale", "model", "prompt_version"])
def test_any_slice_can_be_the_stratum_and_what_has_none_is_one_too(by):
    rows = drawn([log(1, **{by: "x"}), log(2, **{by: "x"}), log(3, **{by: None})], by=by)
    assert {row["log_id"]: row["stratum"] for row in rows} == {"log-1": "x", "log-2": "x", "log-3": "(none)"}


def test_names_that_would_be_sql_or_a_path_are_names():
    logs = [log(1, category="'); DROP TABLE x; --"), log(2, category="../../etc"), log(3, category="$n")]
    assert {row["stratum"] for row in drawn(logs)} == {each["category"] for each in logs}


def test_free_text_in_place_of_a_category_does_not_make_the_sample_larger_than_n():
    # 10 of "large", and 100 values with one log each: with n = 5, "large" and the first three values are strata
    logs = [log(number, category="large") for number in range(10)]
    logs += [log(100 + number, category=f"text {number:03}") for number in range(100)]
    rows = drawn(logs, n=5, floor=10)
    sizes = {row["stratum"]: (row["stratum_size"], row["weight"]) for row in rows}
    assert sizes == {
        "large": (10, 10.0),
        "text 000": (1, 1.0),
        "text 001": (1, 1.0),
        "text 002": (1, 1.0),
        "(other)": (97, 97.0),
    }
    assert sum(row["weight"] for row in rows) == 110


def test_samples_stay_nested_while_strata_outnumber_n():
    logs = [log(number, category=f"text {number % 12:03}") for number in range(60)]
    samples = [ids(drawn(logs, n=n, floor=3)) for n in range(1, 16)]
    assert all(smaller < larger for smaller, larger in zip(samples, samples[1:], strict=False))


def test_a_day_on_which_nothing_can_be_judged_has_an_empty_sample():
    assert drawn([log(1, output=None, error="timeout")]) == []
