"""The rule's own error rates on resampled rollouts, with a truth that is known."""

from math import sqrt

import numpy as np
import pytest

from pipelines.planning.own_scores import OwnScores
from pipelines.planning.selftest import AT_ONCE, _outcome, blocks, selftest
from pipelines.statistics.resampling import Stratum
from pipelines.statistics.rollouts import Rollouts

ROLLOUTS = 400
SIMULATION_ERROR = 3 * sqrt(0.05 * 0.95 / ROLLOUTS)


def own(kind, fixed=False, cold=600):
    """Four unequal strata, and nights that differ by 2 %."""
    generator = np.random.default_rng(2)
    points = 4 if kind == "graded" else 1
    strata = tuple(
        Stratum(generator.binomial(points, mean, 400) / points, share, sampled)
        for mean, share, sampled in ((0.88, 0.5, 90), (0.83, 0.3, 60), (0.93, 0.1, 25), (0.73, 0.1, 25))
    )
    return OwnScores(
        strata,
        {"a": 900, "b": 500, "c": 200, "d": 200},
        0.017**2,
        14,
        generator.binomial(points, 0.86, cold) / points,
        fixed,
    )


@pytest.mark.parametrize("kind", ["graded", "binary"])
def test_errors_at_the_edge_are_rare_after_28_looks_and_health_is_never_rolled_back(kind):
    healthy, edge, beyond, far = selftest(own(kind), 0.05, ROLLOUTS, 28, seed=4)
    assert edge.advances[1].value <= 0.05 + SIMULATION_ERROR
    assert edge.advances[1].value > 0  # the margin is where errors are made
    assert beyond.advances[1].value < 0.01 and far.advances[1].value == 0
    assert healthy.roll_backs[1].value <= 0.01
    assert (healthy.false, edge.false, far.false) == (healthy.roll_backs, edge.advances, far.advances)
    if kind == "graded":
        assert healthy.advances[0].value > 0.8 and far.roll_backs[0].value > 0.95
        assert healthy.nights_to_advance < 7 and far.nights_to_roll_back < 7


def test_later_looks_only_add_and_intervals_hold_their_share():
    shares = [
        pair
        for each in selftest(own("graded", cold=100), 0.05, 200, 28, seed=1)
        for pair in (each.advances, each.roll_backs)
    ]
    assert all(week.value <= last.value for week, last in shares)
    assert any(week.value < last.value for week, last in shares)
    assert all(last.low <= last.value <= last.high for _, last in shares)


def test_a_rollout_is_rolled_back_by_the_first_of_verdict_and_alarm():
    never = np.zeros(4, dtype=int)
    said = Rollouts(clear=never, within=never, below=np.array([12, 0, 9, 0]), alarm=np.array([2, 4, 0, 0]))
    found = _outcome(2.4, 0.12, said, nights=28)
    # on nights 2, 4 and 9, and once never
    assert ([share.value for share in found.roll_backs], found.nights_to_roll_back) == ([0.5, 0.75], 4)
    assert (found.advances[1].value, found.nights_to_advance) == (0, None)


def test_the_same_seed_gives_the_same_rollouts_and_another_others():
    first, again, other = (selftest(own("graded"), 0.05, 200, 7, seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_yardstick_without_error_advances_sooner():
    sampled, fixed = (selftest(own("graded", fixed, cold=100), 0.05, 200, 7, seed=1)[0] for fixed in (False, True))
    assert fixed.advances[0].value > sampled.advances[0].value + 0.1


def test_rollouts_are_drawn_in_blocks_of_which_progress_hears():
    heard = []
    selftest(own("graded"), 0.05, AT_ONCE + 1, 1, 1, heard.append)
    assert list(blocks(AT_ONCE + 1)) == [AT_ONCE, 1]
    assert [heard.count(what) for what in dict.fromkeys(heard)] == [2, 2, 2, 2]
    assert heard[0] == "0.0% below the cold eval" and heard[-1] == "12.0% below the cold eval"
