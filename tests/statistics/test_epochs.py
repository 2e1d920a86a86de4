"""Which nights may be pooled."""

from pipelines.statistics.epochs import epoch_starts, prevailing


def test_an_epoch_lasts_while_its_key_stays_the_same():
    assert epoch_starts(["a", "a", "b", "b"]) == [0, 0, 2, 2]


def test_what_comes_back_begins_a_new_epoch():
    assert epoch_starts(["a", "b", "a"]) == [0, 1, 2]


def test_a_day_without_a_key_neither_ends_an_epoch_nor_belongs_to_it():
    assert epoch_starts(["a", None, "a", None, "b"]) == [0, None, 0, None, 4]


def test_no_days_no_epochs():
    assert epoch_starts([]) == []


def test_a_day_on_which_no_value_prevails_keeps_the_one_before_it():
    assert prevailing([None, "v1", None, None, "v2", None]) == [None, "v1", "v1", "v1", "v2", "v2"]
    assert prevailing([]) == []


def test_a_share_about_the_limit_makes_one_epoch_and_not_one_a_night():
    assert epoch_starts(prevailing(["v1", None, "v1", None, "v1"])) == [0] * 5
