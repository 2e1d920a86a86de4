"""Which nights may be pooled."""

from pipelines.statistics.epochs import epoch_starts


def test_an_epoch_lasts_while_its_key_stays_the_same():
    assert epoch_starts(["a", "a", "b", "b"]) == [0, 0, 2, 2]


def test_what_comes_back_begins_a_new_epoch():
    assert epoch_starts(["a", "b", "a"]) == [0, 1, 2]


def test_a_day_without_a_key_neither_ends_an_epoch_nor_belongs_to_it():
    assert epoch_starts(["a", None, "a", None, "b"]) == [0, None, 0, None, 4]


def test_no_days_no_epochs():
    assert epoch_starts([]) == []
