"""Which items people are asked to label: new ones, at random, of every stratum, of production and the cold eval."""

from collections import Counter

import pandas as pd

from pipelines.people.labelling import NIGHTS, items_to_label, newest_rubric

DAYS = [f"2026-11-{day:02}" for day in range(1, 11)]


def judged(kinds=("prod", "cold"), rubric="r", days=DAYS):
    """Ten nights of 40 items, a quarter of them rare, and 60 cold items."""
    rows = []
    if "prod" in kinds:
        rows += [("prod", day, f"log-{n:02}", "rare" if n % 4 == 0 else "common") for day in days for n in range(40)]
    if "cold" in kinds:
        rows += [("cold", "", f"c{n:02}", "rare" if n % 10 == 0 else "common") for n in range(60)]
    frame = pd.DataFrame(rows, columns=["item_kind", "day", "item_id", "stratum"])
    return frame.assign(criterion="overall", ruler_id=rubric, baseline_id="b")


def test_half_are_of_the_newest_nights_and_half_of_the_cold_eval_and_every_stratum_has_some():
    found = items_to_label(judged(), set(), 31).merge(judged())
    assert Counter(found.item_kind) == {"prod": 16, "cold": 15}
    assert set(found.day) - {""} <= set(DAYS[-NIGHTS:])
    assert min(Counter(zip(found.item_kind, found.stratum, strict=True)).values()) >= 4


def test_they_are_drawn_at_random_and_the_same_again():
    found = items_to_label(judged(), set(), 60)
    assert found.equals(items_to_label(judged().sample(frac=1, random_state=1), set(), 60).loc[found.index])
    # the first by name would all be of the first of the newest nights
    assert len(set(found.day)) > NIGHTS / 2
    assert sorted(found.item_id[found.item_kind == "cold"]) != sorted(judged(("cold",)).item_id)[:30]


def test_a_larger_number_keeps_what_a_smaller_one_drew():
    few, many = (items_to_label(judged(), set(), n) for n in (30, 60))
    assert len(few.merge(many)) == 30


def test_labelled_items_are_left_out_by_id_and_day_or_by_id_where_no_day_is_said():
    labelled = {(f"log-{n:02}", DAYS[-1]) for n in range(40)} | {(f"c{n:02}", "") for n in range(60)}
    found = items_to_label(judged(), labelled, 500)
    assert set(found.item_kind) == {"prod"} and DAYS[-1] not in set(found.day)


def test_only_what_the_newest_rubric_judged_is_asked_about():
    both = pd.concat([judged(rubric="old", days=DAYS[:5]), judged(("prod",), rubric="newer", days=DAYS[5:])])
    assert newest_rubric(both) == "newer"
    assert set(items_to_label(both, set(), 20).day) <= set(DAYS[5:])


def test_nothing_judged_is_nothing_to_label():
    assert items_to_label(judged().iloc[:0], set(), 5).empty
