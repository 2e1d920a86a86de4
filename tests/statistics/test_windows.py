"""Nights alone and with their epoch: what is pooled with what, and what a gap does."""

import numpy as np
import pytest

from pipelines.statistics.confidence_sequence import sequence
from pipelines.statistics.missing_bounds import View
from pipelines.statistics.verdict import Estimate, Verdict
from pipelines.statistics.windows import Nights, each_night, epoch_so_far

NAN = float("nan")
COLD = Estimate(np.array([[0.8]]), np.array([[0.0]]), np.array([[600]]))


def nights(means, items=200, variance=0.0002):
    mean = np.array(means)[:, None]
    view = View(mean, np.where(np.isnan(mean), NAN, variance))
    return Nights(
        Estimate(*view, np.where(np.isnan(mean), 0, items)),
        view,
        view,
        np.zeros(mean.shape),
        np.full(mean.shape, np.inf),
    )


def so_far(means, epoch=None, rubric=None, **more):
    same = np.zeros(len(means), dtype=int)
    epoch, rubric = (same if each is None else np.array(each) for each in (epoch, rubric))
    return epoch_so_far(nights(means, **more), COLD, 0.05, epoch, rubric, np.full((len(means), 1), 0.04))


def test_a_new_epoch_begins_anew_and_knows_of_the_old_one_only_how_much_its_nights_differed():
    old, new = [0.80, 0.70, 0.90, 0.75], [0.80, 0.81]
    both = so_far(old + new, epoch=[0] * 4 + [1] * 2)
    alone = so_far(new)
    assert both.prod.mean[4:] == pytest.approx(alone.prod.mean)
    assert both.nights[4:, 0].tolist() == alone.nights[:, 0].tolist() == [1, 2]
    assert (both.prod.variance[4:] > alone.prod.variance).all()
    other_rubric = so_far(old + new, epoch=[0] * 4 + [1] * 2, rubric=[0] * 4 + [1] * 2)
    assert other_rubric.prod.variance[4:] == pytest.approx(alone.prod.variance)


def test_an_epochs_reach_knows_the_degrees_of_freedom_of_all_its_nights():
    few = nights([0.8, 0.8])._replace(degrees_of_freedom=np.full((2, 1), 7.0))
    same = np.zeros(2, dtype=int)
    found = epoch_so_far(few, COLD, 0.05, same, same, np.full((2, 1), 0.04))
    expected = sequence(np.array([1, 2]), found.rho[:, 0], np.array([7.0, 14.0]))(found.prod.variance[:, 0], 0.05)
    assert found.comparison.ci_high[:, 0] == pytest.approx(expected)
    assert (found.comparison.ci_high > so_far([0.8, 0.8]).comparison.ci_high).all()


def test_a_night_without_the_cell_leaves_the_epoch_as_it_was_and_says_nothing_itself():
    found, alone = so_far([0.8, 0.8, NAN]), each_night(nights([0.8, 0.8, NAN]), COLD, 0.05)
    assert found.prod.mean[2] == found.prod.mean[1] and found.nights[:, 0].tolist() == [1, 2, 2]
    assert found.comparison.verdict[2, 0] is found.comparison.verdict[1, 0]
    assert (alone.comparison.verdict[2, 0], alone.nights[2, 0]) == (Verdict.NO_DATA, 0)


def test_items_of_the_first_night_alone_plan_the_sequence():
    fewer_first = so_far([NAN, 0.8, 0.8], items=np.array([[0], [150], [200]]))
    # seven nights of 0.04 / 150, over x + ln(1 + x) = 6.32885
    assert fewer_first.rho[:, 0] == pytest.approx([7 * 0.04 / 150 / 6.32885] * 3, rel=1e-5)


def test_a_first_night_of_few_items_does_not_slow_down_the_nights_after_it():
    # five items on the day of a launch, then 200 a night; planned as if they were 100
    after_five, after_hundred = (so_far([0.8] * 7, items=np.array([[first]] + [[200]] * 6)) for first in (5, 100))
    assert after_five.rho == pytest.approx(after_hundred.rho)
    # nights all alike: tau^2 = 2 (0.02 * 0.8)^2 / (6 + 2) = 0.000064, V = 7 (0.0002 + 0.000064) = 0.001848;
    # rho = 7 * 0.04 / 100 / 6.32885 = 0.00044242; u_7 = sqrt(2 (V + rho) ln(1 + 10 sqrt((V + rho) / rho))) / 7
    # = sqrt(2 * 0.00229042 * ln(1 + 10 * 2.27531)) / 7 = sqrt(0.0145107) / 7 = 0.017209
    assert after_five.comparison.ci_high[6, 0] == pytest.approx(0.017209, abs=1e-6)


def test_small_cells_get_their_verdict_once_the_epoch_has_twenty_items():
    found = so_far([0.8] * 4, items=6)
    assert [verdict is Verdict.SMALL_CELL for verdict in found.comparison.verdict[:, 0]] == [True, True, True, False]


def test_the_alarm_of_a_new_epoch_does_not_go_back_into_the_old_one():
    # seven nights at 0.69 fire together; the first of a new epoch is one night, which at 0.69 of 0.8 does not
    one = so_far([0.69] * 7, epoch=[0] * 7, variance=0.0001).alarm
    two = so_far([0.69] * 7, epoch=[0] * 6 + [1], variance=0.0001).alarm
    assert one.nights.shape == two.nights.shape == (7, 1)
    assert one.nights[6, 0] > 1 and two.nights[5, 0] > 1
    assert two.nights[6, 0] == 0


def with_missing(means, greatest, share, least=0.0):
    """Nights of these means of the scored items, of which a share has no verdict and could move the mean so far."""
    found = nights(means)
    low, high = (np.full(found.missing.shape, value) for value in (least, greatest))
    return found._replace(
        least=View(low, np.full(low.shape, 0.0002)),
        greatest=View(high, np.full(high.shape, 0.0002)),
        missing=np.full(found.missing.shape, share),
    )


def test_the_alarm_counts_the_missing_at_their_best_where_they_are_many():
    # 0.5 is far below 0.8; a tenth of the items is missing, more than a fifth of the band, and could make it 0.75
    same = np.zeros(1, dtype=int)
    alarms = {
        (greatest, share): epoch_so_far(
            with_missing([0.5], greatest, share), COLD, 0.05, same, same, np.full((1, 1), 0.04)
        ).alarm
        for greatest, share in ((0.75, 0.1), (0.55, 0.1), (0.75, 0.01))
    }
    assert {case: found.nights[0, 0] for case, found in alarms.items()} == {
        (0.75, 0.1): 0,  # at its best it is not far below
        (0.55, 0.1): 1,  # far below, whatever the missing would have scored: by 0.25 of 0.8
        (0.75, 0.01): 1,  # so few are taken to be like the others
    }
    assert alarms[0.55, 0.1].relative_difference[0, 0] == pytest.approx(-0.25 / 0.8)
    assert alarms[0.75, 0.01].relative_difference[0, 0] == pytest.approx(-0.3 / 0.8)


def test_bounds_are_pooled_over_the_nights_of_the_mean_alone():
    # on the second night every item is missing: its mean is nowhere, and its bounds of 0 and 1 are not either
    found = nights([0.8, NAN, 0.7])
    least, greatest = np.array([[0.75], [0.0], [0.65]]), np.array([[0.85], [1.0], [0.75]])
    found = found._replace(
        least=View(least, np.full((3, 1), 0.0002)),
        greatest=View(greatest, np.full((3, 1), 0.0002)),
        missing=np.array([[0.1], [1.0], [0.2]]),
    )
    same = np.zeros(3, dtype=int)
    window = epoch_so_far(found, COLD, 0.05, same, same, np.full((3, 1), 0.04))
    assert window.nights[:, 0].tolist() == [1, 1, 2]
    assert window.prod.mean[:, 0] == pytest.approx([0.8, 0.8, 0.75])
    assert window.least[:, 0] == pytest.approx([0.75, 0.75, 0.7])
    assert window.greatest[:, 0] == pytest.approx([0.85, 0.85, 0.8])
    assert window.missing[:, 0] == pytest.approx([0.1, 0.1, 0.15])
    # two nights of 0.0002 each, and what nights differ by besides, which the mean of the scored carries too
    assert window.low.variance[2, 0] == window.high.variance[2, 0] == pytest.approx(window.prod.variance[2, 0])
