"""The rule read every night of simulated rollouts: how often it is wrong on the margin, and how soon it is right."""

from functools import cache

import numpy as np
import pytest

from pipelines.statistics.confidence_sequence import mixture_parameter
from pipelines.statistics.planning import nights_to_tell
from pipelines.statistics.rollouts import NEVER, Rollouts, replay
from tests.statistics.simulated import BAND, COLD_ITEMS, SCORES, STRATA_ITEMS, cold_evals, nightly

ROLLOUTS, NIGHTS = 3000, 28
SIMULATION_ERROR = 2 * np.sqrt(0.05 * 0.95 / ROLLOUTS)  # 0.8 %

# No divergence, on the margin, and 1.6 and 2.4 times as far as it.
NONE, MARGIN, FAR, FURTHER = 0.0, -0.05, -0.08, -0.12


@cache
def replayed(kind: str, divergence: float, night_sd: float, fixed: bool = False) -> Rollouts:
    random = np.random.default_rng([ROLLOUTS, *kind.encode(), round(-1000 * divergence), round(1000 * night_sd), fixed])
    mean, variance = nightly(random, kind, divergence, ROLLOUTS, NIGHTS, night_sd)
    cold_mean, cold_variance = cold_evals(random, kind, ROLLOUTS)
    items = STRATA_ITEMS.sum()
    planned = COLD_ITEMS * cold_variance / items
    if fixed:
        cold_mean, cold_variance = SCORES[kind].mean, 0.0
    return replay(mean, variance, items, cold_mean, cold_variance, BAND, planned)


def by(first: np.ndarray, night: int) -> float:
    """The share of rollouts of which it had been said by a night."""
    return float(((first != NEVER) & (first <= night)).mean())


EVERY_CASE = pytest.mark.parametrize(
    ("kind", "night_sd"), [("graded", 0.0), ("graded", 0.02), ("binary", 0.0), ("binary", 0.02)]
)


@EVERY_CASE
@pytest.mark.parametrize("nights", [7, 28])
def test_on_the_margin_a_wrong_verdict_is_given_in_at_most_5_percent_of_rollouts(kind, night_sd, nights):
    found = replayed(kind, MARGIN, night_sd)
    for said in (found.clear, found.within, found.below):
        assert by(said, nights) <= 0.05 + SIMULATION_ERROR


def test_on_the_margin_of_a_yardstick_without_error_a_wrong_verdict_is_as_rare():
    found = replayed("graded", MARGIN, 0.02, fixed=True)
    for said in (found.clear, found.within, found.below):
        assert by(said, NIGHTS) <= 0.05 + SIMULATION_ERROR


@EVERY_CASE
def test_without_divergence_a_ramp_is_rolled_back_in_hardly_one_of_a_thousand(kind, night_sd):
    found = replayed(kind, NONE, night_sd)
    assert by(np.maximum(found.below, found.alarm), NIGHTS) <= 0.001
    assert by(replayed(kind, MARGIN, night_sd).alarm, NIGHTS) <= 0.001


# Nights by which the right thing has been said, as simulated with 20,000 rollouts; less simulation error.
@pytest.mark.parametrize(
    ("kind", "night_sd", "clear", "below_far", "below_further"),
    [
        ("graded", 0.0, 0.94, 0.39, 0.98),
        ("graded", 0.02, 0.86, 0.34, 0.95),
        ("binary", 0.0, 0.61, 0.17, 0.75),
        ("binary", 0.02, 0.54, 0.16, 0.70),
    ],
)
def test_the_right_verdict_has_come_by_night_7(kind, night_sd, clear, below_far, below_further):
    assert by(replayed(kind, NONE, night_sd).clear, 7) >= clear
    assert by(replayed(kind, FAR, night_sd).below, 7) >= below_far
    assert by(replayed(kind, FURTHER, night_sd).below, 7) >= below_further


@pytest.mark.parametrize("kind", ["graded", "binary"])
def test_by_the_night_that_the_planner_names_at_least_half_are_told(kind):
    # the planner takes means to be just as they truly are; in half of the rollouts they are better than that
    scores = SCORES[kind]
    spread = scores.cold @ (np.arange(5) / 4 - scores.mean) ** 2
    night, cold = spread / STRATA_ITEMS.sum(), spread / COLD_ITEMS
    prior = (0.02 * scores.mean) ** 2  # an upper limit of what the spread of nights adds
    named = nights_to_tell(BAND * scores.mean, night + prior, mixture_parameter(7 * night), 1 - BAND, cold)
    assert by(replayed(kind, NONE, 0.0).clear, int(named)) >= 0.5


def users_of_a_night(divergence: float, users: int, items: int, alike: float, seed: int) -> Rollouts:
    """Nights of so many users with so many yes-or-no items each, of whom a share `alike` of the variance is common."""
    random = np.random.default_rng([users, items, seed])
    true = 0.86 * (1 + divergence)
    rate = random.beta(true * (1 - alike) / alike, (1 - true) * (1 - alike) / alike, (ROLLOUTS, 14, users))
    scores = random.binomial(items, rate) / items
    mean, variance = scores.mean(axis=-1), scores.var(axis=-1, ddof=1) / users
    return replay(mean, variance, users * items, 0.86, 0.0, BAND, 0.86 * 0.14 / (users * items), users - 1)


@pytest.mark.parametrize(("users", "items", "alike"), [(8, 22, 0.1), (15, 12, 0.1), (15, 12, 0.3), (40, 5, 0.3)])
def test_a_few_users_a_night_break_no_error_rate(users, items, alike):
    found = users_of_a_night(MARGIN, users, items, alike, seed=1)
    for said in (found.clear, found.below):
        assert by(said, 14) <= 0.05 + SIMULATION_ERROR


def test_eight_users_a_night_are_enough_to_tell():
    assert by(users_of_a_night(NONE, 8, 22, 0.02, seed=2).clear, 14) >= 0.9


def test_a_sudden_breach_late_in_an_epoch_is_told_by_the_alarm_long_before_the_mean_shows_it():
    random = np.random.default_rng(20)
    divergence = np.where(np.arange(NIGHTS) < 20, 0.0, -0.30)
    mean, variance = nightly(random, "graded", divergence, 500, NIGHTS, 0.02)
    cold_mean, cold_variance = cold_evals(random, "graded", 500)
    found = replay(mean, variance, 200, cold_mean, cold_variance, BAND, 3 * cold_variance)
    assert by(found.alarm, 20) == 0
    assert by(found.alarm, 21) >= 0.6
    assert by(found.alarm, 22) >= 0.95
    assert by(found.below, 28) <= 0.05


def test_a_shift_that_no_single_night_can_tell_is_told_by_the_last_few_together():
    random = np.random.default_rng(21)
    divergence = np.where(np.arange(14) < 7, 0.0, -0.18)
    mean, variance = nightly(random, "graded", divergence, 500, 14, 0.02)
    cold_mean, cold_variance = cold_evals(random, "graded", 500)
    found = replay(mean, variance, 200, cold_mean, cold_variance, BAND, 3 * cold_variance)
    # of 1,000 rollouts 2 % on its first night, 71 % by its third, 99 % by its seventh
    assert by(found.alarm, 7) == 0 and by(found.alarm, 8) <= 0.06
    assert by(found.alarm, 10) >= 0.6 and by(found.alarm, 14) >= 0.95
    assert by(found.below, 14) <= 0.03


def test_a_spread_of_nights_that_is_passed_over_would_break_the_error_rate(monkeypatch):
    monkeypatch.setattr("pipelines.statistics.windows.between_nights_so_far", lambda mean, *_: np.zeros_like(mean))
    assert by(replayed.__wrapped__("graded", MARGIN, 0.02).clear, NIGHTS) > 0.08


def test_scores_that_never_vary_say_nothing_on_their_first_nights():
    # every item of every night is perfect, and so is the cold eval: 40 items have an error of sqrt(2) / 44 = 0.032
    perfect = np.ones((1, 20))
    found = replay(perfect, np.zeros((1, 20)), 40, 1.0, 0.0, BAND, 0.001)
    assert found.below[0] == found.alarm[0] == NEVER
    assert 3 < found.within[0] < 10


def test_a_rollout_is_read_the_same_alone_and_among_others():
    random = np.random.default_rng(5)
    mean, variance = nightly(random, "graded", -0.06, 20, NIGHTS, 0.02)
    together = replay(mean, variance, 200, 0.86, 0.0001, BAND, 0.0003)
    for number in range(20):
        alone = replay(mean[[number]], variance[[number]], 200, 0.86, 0.0001, BAND, 0.0003)
        assert [each[0] for each in alone] == [each[number] for each in together]
