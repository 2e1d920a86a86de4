"""A made history is what nights would have left: complete days that add up, and that a history can be made of."""

from datetime import timedelta

import pytest

from benchmarks import one_evening
from benchmarks.history import PUBLISHING, Measured, print_lengths
from benchmarks.made_history import START, copy_feature, day_of, make_feature, make_nights, noon_after
from pipelines import clock, lake
from pipelines.judging.ledger import Ledger
from tests.nights.rollout import tables

DAY_TABLES = ("log_files", "rejected_logs", "prod_logs", "signals", "sample", "judgments", "judge_votes", "funnel")


@pytest.fixture
def now(monkeypatch):
    """Sets the clock to the noon after so many nights."""
    return lambda count: monkeypatch.setenv(clock.NOW_VARIABLE, noon_after(count))


def rows(query: str, *read: str) -> list[tuple]:
    with lake.connect() as connection:
        lake.read(connection, *read, feature="made")
        if "day_states" in query:
            lake.view(connection, "night/day_states")
        return connection.execute(query).fetchall()


def test_every_made_night_is_complete_and_a_missing_verdict_would_make_it_incomplete(now):
    now(3)
    make_nights(make_feature(), 0, 3)
    read = ("log_files", "sample", "judgments", "funnel")
    assert rows("FROM day_states", *read) == [(day_of(night), "complete") for night in range(3)]
    with lake.connect() as connection:
        lake.read(connection, "judgments", feature="made", day=START)
        kept = "SELECT * FROM judgments QUALIFY row_number() OVER (ORDER BY item_id, criterion) > 1"
        lake.write(connection, "judgments", f"FROM ({kept})", feature="made", day=START)
    assert rows("FROM day_states", *read)[0] == (START, "incomplete")


def test_weights_add_up_to_the_logs_that_the_account_of_lines_and_the_funnel_have(now):
    now(2)
    make_nights(make_feature(), 0, 2)
    weights = rows("SELECT day, count(*), round(sum(weight)) FROM sample GROUP BY day ORDER BY day", "sample")
    lines = rows("SELECT day, prod_logs, physical_lines FROM log_files ORDER BY day", "log_files")
    # 8 categories of 48, 40, 30, 24, 20, 16, 12 and 10 sampled logs
    assert [items for _, items, _ in weights] == [200, 200]
    assert [logs for _, _, logs in weights] == [logs for _, logs, _ in lines]
    counted = "SELECT day, stage, sum(items) FROM funnel GROUP BY day, stage ORDER BY day, stage"
    expected = []
    for day, logs, physical_lines in lines:
        assert physical_lines == logs + 3 + 1  # three that were rejected, and a blank one
        expected += [(day, "judgments", 600), (day, "lines", physical_lines), (day, "logs", logs), (day, "sample", 200)]
    assert rows(counted, "funnel") == expected


@pytest.mark.slow  # of the benchmark alone
def test_ten_nights_are_compared_within_their_epochs_and_decided_on(now):
    now(10)
    make_nights(make_feature(), 0, 10)
    one_evening.prepare(["made"], 10)
    compared = rows(
        "SELECT day, epoch_start, nights, items FROM divergence WHERE \"window\" = 'epoch' "
        "AND slice_kind = 'overall' AND criterion = 'overall' ORDER BY day",
        "divergence",
    )
    scored = dict(rows("SELECT day, items FROM funnel WHERE stage = 'sample' AND status = 'scored'", "funnel"))
    expected = []
    for night in range(10):
        first = 0 if night < 7 else 7  # the second stage begins a week after the first
        pooled = [day_of(number) for number in range(first, night + 1)]
        expected.append((day_of(night), day_of(first), len(pooled), sum(scored[day] for day in pooled)))
    assert compared == expected
    assert [day for (day,) in rows("SELECT day FROM gate_decisions ORDER BY day", "gate_decisions")] == sorted(scored)
    # anchors are judged the day after each night, and a few of them land a level off, as often below as above
    drift = rows(
        "SELECT DISTINCT judged_on FROM judge_drift WHERE status <> 'drifted' ORDER BY judged_on", "judge_drift"
    )
    assert drift == [(day_of(night + 1),) for night in range(10)]


@pytest.mark.slow  # of the benchmark alone
def test_the_same_seed_makes_the_same_nights_however_many_are_made_at_once(now):
    now(3)
    for name, calls in (("once", [(0, 3)]), ("in_parts", [(0, 2), (2, 1)])):
        feature = make_feature(name)
        for first, count in calls:
            make_nights(feature, first, count)
    once, in_parts = (
        {table: without_feature(tables(name)[table]) for table in DAY_TABLES} for name in ("once", "in_parts")
    )
    assert once == in_parts
    make_nights(make_feature("other_seed"), 0, 3, seed=2)
    assert without_feature(tables("other_seed")["judgments"]) != once["judgments"]


def test_a_copy_has_the_same_nights_and_verdicts_of_its_own(now):
    now(2)
    feature = make_feature()
    make_nights(feature, 0, 2)
    copied = copy_feature(feature, "copied")
    first, second = (
        {name: without_feature(found) for name, found in tables(each.name).items()} for each in (feature, copied)
    )
    assert first == second
    with Ledger() as ledger:
        spent = [[(each.judged_on, each.verdicts) for each in ledger.spent(name)] for name in ("made", "copied")]
    assert spent[0] == spent[1] != []
    make_nights(copied, 2, 1)
    assert lake.days("sample", "made") == [START, START + timedelta(days=1)]


def without_feature(found: list[tuple]) -> list[tuple]:
    return [row[1:] for row in found]


@pytest.mark.slow  # of the benchmark alone
def test_an_evening_makes_the_history_asset_by_asset_and_publishes_it(now):
    now(2)
    one_evening.make(["made", "second"], 2, first=0)
    parts = one_evening.history(["made"], 2)
    assert {one_evening.BEGINNING, "divergence", "mix_shift", "gate_decisions", *PUBLISHING} <= parts.keys()
    assert list(one_evening.publish_rest(["made"], 2)) == ["published"]


def test_the_ratio_is_that_of_history_and_publishing_together(capsys):
    def night(divergence: float, published: float, peak_mb: float) -> Measured:
        return Measured({"divergence": (divergence, 9.0), "published": (published, 9.0)}, peak_mb, 2.0, 150.0, {})

    print_lengths({35: night(2.0, 2.0, 300.0), 1095: night(3.0, 2.5, 450.0)})
    printed = capsys.readouterr().out
    assert "1,095 nights to 35: 1.38 times the CPU seconds" in printed  # (3 + 2.5) / (2 + 2)
    assert "peak memory: 450 MB" in printed
