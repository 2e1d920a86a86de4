"""population.sql, strata.sql and sample.sql: who can be sampled, into which strata, and that the same logs are drawn every time."""

import hashlib
import itertools
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines import lake
from pipelines.assets.sample import make_sample
from pipelines.feature import Feature, features_directory, load_feature
from pipelines.sampling.drawing import SALT
from pipelines.sampling.population import view_population
from pipelines.sampling.strata import allocate_strata
from tests.publishing.rows import write
from tests.sql.rows import ask, fill

DAY = date(2026, 11, 2)
FEATURE = """\
start: 2026-11-02
logs: {{path: "{{{{ day }}}}.jsonl"}}
sample: {{n: {n}, floor: {floor}, stratify_by: {by}, allocation: {allocation}, spread: {spread}}}
ramp: {{stages: [{{name: internal, cohorts: {cohorts}}}]}}
"""


def feature(n=20, floor=2, by="category", cohorts="null", allocation="proportional", spread="{}") -> Feature:
    path = features_directory() / "drafts.yaml"
    path.write_text(FEATURE.format(n=n, floor=floor, by=by, cohorts=cohorts, allocation=allocation, spread=spread))
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


@pytest.fixture(scope="module")
def connection():
    with lake.connect() as opened:
        yield opened


def draw(connection, made: Feature, n: int | None = None) -> list[dict]:
    """The sample of the logs that are on the connection, in the order of their ids."""
    view_population(connection, made, DAY)
    most = max(allocate_strata(connection, made.sample, n).stratum_sampled, default=1)
    rows = ask(connection, "sampling/sample", feature="drafts", day=DAY, salt=SALT, most=most)
    return sorted(rows, key=lambda row: row["log_id"])


def ids(rows: list[dict]) -> set[str]:
    return {row["log_id"] for row in rows}


def key(row: dict) -> str:
    return hashlib.sha256(f"prod-evals 1|drafts|2026-11-02|{row['log_id']}".encode()).hexdigest()


MIXED = [log(number, category="abc"[min(number % 7, 2)]) for number in range(140)]  # 20 of a, 20 of b, 100 of c


def test_the_logs_with_the_smallest_keys_of_each_stratum_are_drawn():
    rows = drawn(MIXED, n=14, floor=2)
    for category, units in (("a", 2), ("b", 2), ("c", 10)):
        members = [each["log_id"] for each in MIXED if each["category"] == category]
        nearest = sorted(members, key=lambda name: key({"log_id": name}))[:units]
        assert ids(row for row in rows if row["stratum"] == category) == set(nearest)


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
    assert all(smaller < larger for smaller, larger in itertools.pairwise(samples))


def test_logs_without_an_output_cannot_be_judged_and_are_no_part_of_the_population():
    rows = drawn([log(1), log(2, output=None, error="timeout")], n=5)
    assert ids(rows) == {"log-1"}
    assert rows[0]["stratum_size"] == 1


@pytest.mark.parametrize("outside", [{"output": None, "error": "timeout"}, {"cohort": "5%"}, {"cohort": None}])
@pytest.mark.parametrize("category", ["billing", "only there"])
def test_logs_that_cannot_be_sampled_take_no_place_though_their_keys_are_the_smallest(outside, category):
    # of 12 logs the six with the smallest keys are outside the population: all of the first that are drawn
    # would be theirs
    by_key = sorted((log(number, cohort="internal") for number in range(12)), key=key)
    inside = by_key[6:]
    logs = [each | outside | {"category": category} for each in by_key[:6]] + inside
    rows = drawn(logs, n=3, cohorts="[internal]")
    assert ids(rows) == ids(inside[:3])
    assert strata(rows) == {"billing": (6, 3)}


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


def test_several_columns_make_strata_of_their_combinations():
    logs = [log(1, locale="en"), log(2, locale="es"), log(3, locale=None), log(4, category=None, locale="en")]
    for by in ("[category, locale]", "[locale, category]"):  # the order in the file does not matter
        assert {row["log_id"]: row["stratum"] for row in drawn(logs, by=by)} == {
            "log-1": "billing / en",
            "log-2": "billing / es",
            "log-3": "billing / (none)",
            "log-4": "(none) / en",
        }


def strata(rows: list[dict]) -> dict[str, tuple[int, int]]:
    """N_h and n_h by stratum; every row of a stratum says the same."""
    found = {(row["stratum"], row["stratum_size"], row["stratum_sampled"]) for row in rows}
    assert len(found) == len({stratum for stratum, *_ in found})
    return {stratum: (size, sampled) for stratum, size, sampled in found}


def test_values_smaller_than_the_floor_are_merged_and_can_fill_it_together():
    # a has 20 logs, b 4 and c 3: with a floor of 5, b and c are one stratum of 7; floors 5 + 5, the other 2 of 12 by
    # size: 20 / sqrt(5 * 6) = 3.65 against 1.28, then 20 / sqrt(6 * 7) = 3.09
    logs = [log(number, category="a" if number < 20 else "b" if number < 24 else "c") for number in range(27)]
    rows = drawn(logs, n=12, floor=5)
    assert strata(rows) == {"a": (20, 7), "(other)": (7, 5)}
    assert {row["category"] for row in rows if row["stratum"] == "(other)"} <= {"b", "c"}
    assert sum(row["weight"] for row in rows) == pytest.approx(27)


def test_a_value_smaller_than_the_floor_keeps_its_name_when_it_is_the_only_one():
    logs = [log(number, category="a" if number < 20 else "b") for number in range(23)]
    assert strata(drawn(logs, n=12, floor=5)) == {"a": (20, 9), "b": (3, 3)}


def test_nothing_is_merged_on_a_day_that_is_judged_whole():
    logs = [log(number, category="abc"[number % 3]) for number in range(6)]
    assert strata(drawn(logs, n=6, floor=5)) == {"a": (2, 2), "b": (2, 2), "c": (2, 2)}


def test_free_text_in_place_of_a_category_is_one_stratum_beside_the_real_ones():
    # 10 of "large", and 100 values with one log each; the rounds of the floors give 3 and 2 of n = 5
    logs = [log(number, category="large") for number in range(10)]
    logs += [log(100 + number, category=f"text {number:03}") for number in range(100)]
    assert strata(drawn(logs, n=5, floor=10)) == {"large": (10, 2), "(other)": (100, 3)}


def test_more_strata_than_n_do_not_make_the_sample_larger_than_n():
    # 12 values of 5 logs, all at the floor: with n = 4 the first three stay, and the other nine are one
    logs = [log(number, category=f"text {number % 12:03}") for number in range(60)]
    assert strata(drawn(logs, n=4, floor=5)) == {
        **{f"text {number:03}": (5, 1) for number in range(3)},
        "(other)": (45, 1),
    }
    # a and b reach the floor, c and d together are a third: with n = 2 only a stays
    logs = [log(number, category="aaaaabbbbbccdd"[number]) for number in range(14)]
    assert strata(drawn(logs, n=3, floor=5)) == {"a": (5, 1), "b": (5, 1), "(other)": (4, 1)}
    assert strata(drawn(logs, n=2, floor=5)) == {"a": (5, 1), "(other)": (9, 1)}


def test_power_allocation_gives_small_strata_more_and_large_ones_less():
    # 20, 20, 100 logs, n = 14, floors of 2, the other 8 by sqrt(N) = 4.47, 4.47, 10. With k units the next is worth
    # sqrt(N) / sqrt(k (k+1)): c 4.08, 2.89, 2.24 -> 5 units; a, b 1.83 -> 3, 3; c 1.83 (10 / sqrt(30)) -> 6; then
    # c 1.54 -> 7; c 1.34 -> 8; a, b had 1.29. In all a, b, c = 3, 3, 8; proportional would be 2, 2, 10
    assert strata(drawn(MIXED, n=14, floor=2, allocation="power")) == {"a": (20, 3), "b": (20, 3), "c": (100, 8)}


def test_neyman_allocation_gives_more_where_scores_spread_more():
    # N S = 20 * 0.5 = 10, 20 * 0.1 = 2, 100 * 0.1 = 10; n = 14, floors of 2, 8 left. a and c are alike: 4 each
    rows = drawn(MIXED, n=14, floor=2, allocation="neyman", spread="{a: 0.5, b: 0.1, c: 0.1}")
    assert strata(rows) == {"a": (20, 6), "b": (20, 2), "c": (100, 6)}


def test_a_stratum_whose_spread_is_not_written_down_has_the_usual_one():
    # the root mean square of 0.1 and 0.7 is 0.5: as if it were written
    written = drawn(MIXED, n=14, allocation="neyman", spread="{a: 0.1, b: 0.7, c: 0.5}")
    assert drawn(MIXED, n=14, allocation="neyman", spread="{a: 0.1, b: 0.7}") == written


def test_a_neyman_sample_does_not_depend_on_which_other_nights_were_judged():
    made = feature(n=14, allocation="neyman", spread="{a: 0.5, b: 0.1, c: 0.1}")
    days = [DAY + timedelta(days=offset) for offset in range(3)]
    for day in days:
        write("prod_logs", MIXED, feature=made.name, day=day)
    samples = []
    with lake.connect() as connection:
        for order in (days, days[::-1]):
            lake.remove_feature(made.name)
            for day in order:
                write("prod_logs", MIXED, feature=made.name, day=day)
                make_sample(connection, made, day)
                score = {"item_kind": "prod", "criterion": "tone", "status": "scored", "score": day.day % 2}
                write("judgments", [score | {"item_id": "log-2"}], feature=made.name, day=day)
            lake.read(connection, "sample", feature=made.name)
            samples.append(connection.execute("SELECT * FROM sample ORDER BY day, log_id").fetchall())
    assert samples[0] == samples[1]


def test_a_smaller_n_of_a_budget_is_a_part_of_the_sample_and_says_what_was_wanted(connection):
    made = feature(n=14, floor=3)
    fill(connection, "prod_logs", MIXED)
    whole, part = draw(connection, made), draw(connection, made, n=9)
    assert ids(part) < ids(whole)
    # 14: floors 3, 3, 3, the other 5 to c. 9: the floors
    assert {(row["stratum"], row["stratum_wanted"], row["stratum_sampled"]) for row in part} == {
        ("a", 3, 3),
        ("b", 3, 3),
        ("c", 8, 3),
    }
    assert all(row["stratum_wanted"] == row["stratum_sampled"] for row in whole)
    assert sum(row["weight"] for row in part) == pytest.approx(140)
    assert len(draw(connection, made, n=2)) == 2  # fewer than there are strata
    for n in (0, 15):
        with pytest.raises(ValueError, match=f"n is {n}; it must be from 1 to sample.n, which is 14"):
            allocate_strata(connection, made.sample, n)


DAYS = st.lists(st.sampled_from("aaabbc"), min_size=1, max_size=25).map(
    lambda categories: [log(number, category=category) for number, category in enumerate(categories)]
)


@settings(max_examples=40)
@given(DAYS, st.integers(1, 20), st.integers(1, 6), st.sampled_from("abc"))
def test_a_late_row_enters_only_before_the_last_one_taken_and_judged_rows_stay(connection, logs, n, floor, category):
    late = log(10_000, category=category)
    made = feature(n=n, floor=floor)
    fill(connection, "prod_logs", logs)
    before = draw(connection, made)
    fill(connection, "prod_logs", [*logs, late])
    after = draw(connection, made)
    assert sum(row["weight"] for row in after) == pytest.approx(len(logs) + 1)
    assume(strata(before).keys() == strata(after).keys())
    assert len(ids(before) - ids(after)) <= 1  # what it displaces, or what the stratum that gives it its unit gives up
    own = category if category in strata(after) else "(other)"
    others = [each for each in logs if (each["category"] if each["category"] in strata(after) else "(other)") == own]
    for other in others:
        if (late["log_id"] in ids(after)) != (other["log_id"] in ids(after)):
            assert (key(late) < key(other)) == (late["log_id"] in ids(after))


@settings(max_examples=40)
@given(DAYS, st.integers(1, 20), st.integers(1, 20), st.integers(1, 6))
def test_a_sample_of_another_n_is_a_part_or_the_whole_of_it(connection, logs, n, more, floor):
    fill(connection, "prod_logs", logs)
    smaller, larger = (draw(connection, feature(n=size, floor=floor)) for size in (n, n + more))
    assert ids(smaller) <= ids(larger)
    assert (len(smaller), len(larger)) == (min(n, len(logs)), min(n + more, len(logs)))
    for rows in (smaller, larger):
        assert sum(row["weight"] for row in rows) == pytest.approx(len(logs))


def test_a_day_on_which_nothing_can_be_judged_has_an_empty_sample():
    assert drawn([log(1, output=None, error="timeout")]) == []


# A day of logs that can be sampled, logs without an output and logs of cohorts that the stage has not.
CATEGORIES = ["a", "a", "a", "b", "b", "c", "d", None]
COHORTS = ["internal", "internal", "internal", "friends", "5%", None]
MIXED_LOGS = st.fixed_dictionaries(
    {
        "category": st.sampled_from(CATEGORIES),
        "cohort": st.sampled_from(COHORTS),
        "output": st.sampled_from(["an answer", "another", None]),
    }
)
MIXED_DAYS = st.one_of(
    st.lists(MIXED_LOGS, max_size=8),
    st.lists(MIXED_LOGS, min_size=15, max_size=40),
).map(lambda rows: [log(number, **row) for number, row in enumerate(rows)])
SIZES, FLOORS = st.integers(1, 15), st.integers(1, 5)


def eligible(logs: list[dict]) -> list[dict]:
    return [each for each in logs if each["output"] is not None and each["cohort"] in ("internal", "friends")]


def two_cohorts(n: int, floor: int) -> Feature:
    return feature(n=n, floor=floor, cohorts="[internal, friends]")


def members(logs: list[dict], names: set[str]) -> dict[str, list[dict]]:
    """The logs that can be sampled by their stratum, when strata of these names are drawn from."""
    found: dict[str, list[dict]] = {name: [] for name in names}
    for each in eligible(logs):
        value = each["category"] or "(none)"
        found[value if value in names else "(other)"].append(each)
    return found


@settings(max_examples=40)
@given(MIXED_DAYS, SIZES, FLOORS)
def test_what_cannot_be_sampled_is_never_drawn_and_moves_nothing(connection, logs, n, floor):
    made = two_cohorts(n, floor)
    fill(connection, "prod_logs", logs)
    among_others = draw(connection, made)
    fill(connection, "prod_logs", eligible(logs))
    assert among_others == draw(connection, made)
    assert ids(among_others) <= ids(eligible(logs))


@settings(max_examples=40)
@given(MIXED_DAYS, SIZES, FLOORS, st.randoms(use_true_random=False))
def test_a_sample_is_the_same_in_whatever_order_the_logs_come(connection, logs, n, floor, random):
    made = two_cohorts(n, floor)
    fill(connection, "prod_logs", logs)
    rows = draw(connection, made)
    assert draw(connection, made) == rows
    fill(connection, "prod_logs", random.sample(logs, len(logs)))
    assert draw(connection, made) == rows


@settings(max_examples=60)
@given(MIXED_DAYS, SIZES, FLOORS)
def test_each_stratum_stands_for_its_own_logs_and_gives_those_with_the_smallest_keys(connection, logs, n, floor):
    fill(connection, "prod_logs", logs)
    rows = draw(connection, two_cohorts(n, floor))
    assert len(rows) == min(n, len(eligible(logs)))
    design = strata(rows)
    for name, own in members(logs, set(design)).items():
        size, sampled = design[name]
        assert size == len(own)
        nearest = sorted(own, key=key)[:sampled]
        of_stratum = [row for row in rows if row["stratum"] == name]
        assert ids(of_stratum) == ids(nearest)
        assert {row["inclusion_probability"] for row in of_stratum} == {sampled / size}
        assert {row["weight"] for row in of_stratum} == {size / sampled}


@settings(max_examples=60)
@given(MIXED_DAYS, SIZES, FLOORS)
def test_every_stratum_has_its_floor_where_n_reaches_and_none_goes_without(connection, logs, n, floor):
    fill(connection, "prod_logs", logs)
    design = strata(draw(connection, two_cohorts(n, floor)))
    floors = {name: min(floor, size) for name, (size, _) in design.items()}
    reaches = n >= sum(floors.values())
    for name, (size, sampled) in design.items():
        assert 1 <= sampled <= size
        assert sampled >= floors[name] if reaches else sampled <= floor
    # every log that can be sampled is in some stratum that is drawn from
    assert sum(size for size, _ in design.values()) == len(eligible(logs))


@settings(max_examples=60)
@given(MIXED_DAYS, SIZES, FLOORS)
def test_only_values_below_the_floor_are_merged_and_only_with_each_other(connection, logs, n, floor):
    fill(connection, "prod_logs", logs)
    design = strata(draw(connection, two_cohorts(n, floor)))
    values = {name: len(own) for name, own in members(logs, {each or "(none)" for each in CATEGORIES}).items() if own}
    large = {name for name, logs_ in values.items() if logs_ >= floor}
    merged = values.keys() - design.keys()
    assert len(merged) != 1  # one alone would only lose its name
    assert ("(other)" in design) == bool(merged)
    if sum(values.values()) <= n:
        assert not merged
    elif len(large) < n:
        small = values.keys() - large
        assert merged == (small if len(small) > 1 else set())
    else:
        assert len(design) == min(n, len(values))  # the smallest of the large ones make room


def test_each_log_of_a_stratum_is_drawn_as_often_as_its_inclusion_probability_says(connection):
    # 3 of 10 and 2 of 4, over 200 salts: 60 and 100 times each, with deviations of sqrt(200 * 0.21) = 6.5 and 7.1
    logs = [log(number, category="a" if number < 10 else "b") for number in range(14)]
    fill(connection, "prod_logs", logs)
    made = feature(n=5, floor=2)
    view_population(connection, made, DAY)
    allocate_strata(connection, made.sample)
    design = {"feature": "drafts", "day": DAY, "most": 3}
    times = dict.fromkeys(ids(logs), 0)
    for number in range(200):
        for row in ask(connection, "sampling/sample", salt=f"salt {number}", **design):
            times[row["log_id"]] += 1
            assert row["inclusion_probability"] == (0.3 if row["category"] == "a" else 0.5)
    for each in logs:
        expected, deviation = (60, 6.5) if each["category"] == "a" else (100, 7.1)
        assert abs(times[each["log_id"]] - expected) < 4 * deviation
