"""A judge read on its anchors: steady, drifted, or not yet told."""

from math import log, sqrt

import numpy as np
import pytest

from pipelines.statistics.drift import Drift, drift

TOLERANCE = 0.0215  # half of a 5 % band of 0.86


def judged(random, rollouts, dates, flipped, shift=0.0, since=0, anchors=40):
    """Differences (rollouts, dates, anchors) of a judge that gives a share of its verdicts one level off, either way,
    and from a date on a share of them one level lower."""
    levels = random.integers(1, 4, (rollouts, 1, anchors)) / 4  # one level away from either end

    def verdicts(number):
        off = random.random((rollouts, number, anchors)) < flipped
        return levels + off * random.choice([-0.25, 0.25], (rollouts, number, anchors))

    lower = (random.random((rollouts, dates, anchors)) < shift / 0.25) & (np.arange(dates) >= since)[:, None]
    return verdicts(dates) - 0.25 * lower - verdicts(1)


def share(differences, status, by):
    return np.mean([(drift(each, TOLERANCE).status[:by] == status).any() for each in differences])


def test_one_date_by_hand():
    # 20 of 40 anchors a level lower: mean -0.125; s^2 = 0.125^2 * 40/39 = 0.0160256; v = 0.00040064, half 0.00020032
    # at 2.5 % a side x = 2 ln(20) = 5.99146; rho = 7 * 0.1 * 0.0625 / 2 / 40 / (5.99146 + ln(6.99146))
    difference = np.array([[-0.25] * 20 + [0.0] * 20])
    rho = 0.000546875 / (5.99146 + log(6.99146))
    own = shared = 0.0160256 / 40 / 2
    u = sqrt(2 * (own + rho) * log(1 + sqrt((own + rho) / rho) / 0.05))
    reach = sqrt(u**2 + 2.241403**2 * shared)
    found = drift(difference, TOLERANCE)
    assert found.difference[0] == -0.125
    assert (found.low[0], found.high[0]) == pytest.approx((-0.125 - reach, -0.125 + reach), abs=1e-6)
    assert found.status[0] is Drift.DRIFTED


def test_verdicts_that_are_all_the_same_are_steady_but_not_after_one_date_of_few_anchors():
    assert drift(np.zeros((1, 10)), TOLERANCE).status.tolist() == [Drift.INCONCLUSIVE]
    assert drift(np.zeros((10, 40)), TOLERANCE).status.tolist()[-1] is Drift.STEADY


def test_a_judge_that_only_wavers_is_hardly_ever_called_drifted_in_two_months_of_dates():
    differences = judged(np.random.default_rng(1), 400, 60, flipped=0.1)
    assert share(differences, Drift.DRIFTED, 60) <= 0.05


def test_the_first_verdicts_own_wavering_does_not_average_away():
    # without it every interval would shrink onto the difference that the first verdicts happened to have
    found = drift(judged(np.random.default_rng(2), 1, 200, flipped=0.2)[0], TOLERANCE)
    assert found.high[-1] - found.low[-1] > 0.05


def test_a_shift_of_a_tenth_is_told_within_days_and_a_sudden_one_late_by_its_date():
    random = np.random.default_rng(3)
    assert share(judged(random, 100, 5, flipped=0.05, shift=0.1), Drift.DRIFTED, 3) >= 0.95
    late = judged(random, 100, 42, flipped=0.05, shift=0.2, since=40)
    assert share(late, Drift.DRIFTED, 40) <= 0.05
    assert share(late, Drift.DRIFTED, 41) >= 0.95


def test_a_drift_that_is_there_and_does_little_is_steady():
    # one of 40 anchors a level lower on every date: -0.00625, told from 0 in the end and well inside the tolerance
    difference = np.zeros((300, 40))
    difference[np.arange(300), np.arange(300) % 40] = -0.25
    found = drift(difference, TOLERANCE)
    assert found.difference[-1] == pytest.approx(-0.00625)
    assert found.status[-1] is Drift.STEADY


def test_anchors_without_a_score_and_dates_without_anchors_are_left_out():
    full = judged(np.random.default_rng(4), 1, 6, flipped=0.1)[0]
    gaps = np.full((8, 45), np.nan)
    gaps[[0, 1, 3, 4, 5, 7], :40] = full
    assert drift(gaps, TOLERANCE).difference[[0, 1, 3, 4, 5, 7]] == pytest.approx(drift(full, TOLERANCE).difference)
    assert drift(np.full((2, 3), np.nan), TOLERANCE).status.tolist() == [Drift.INCONCLUSIVE] * 2
