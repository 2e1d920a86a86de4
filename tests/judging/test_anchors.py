"""Which cold items are anchors."""

from pipelines.judging.anchors import choose_anchors


def test_the_anchors_are_mostly_the_same_when_the_cold_eval_grows():
    items = {f"c{number}": None for number in range(100)}
    chosen = choose_anchors(items, 40)
    grown = choose_anchors(items | {f"new{number}": None for number in range(10)}, 40)
    # of 110 items 10 are new: about 40 * 10 / 110 = 3.6 of the anchors are
    assert len(chosen) == len(grown) == 40
    assert set(chosen) - set(grown) and len(set(chosen) & set(grown)) >= 32
    assert choose_anchors(dict(reversed(items.items())), 40) == chosen
    assert len(choose_anchors(items, 1000)) == 100
