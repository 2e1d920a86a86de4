"""Means of domains and their variances: by hand, and by how often their intervals cover the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.statistics.domain_means import domain_means

NAN = float("nan")


def one(scores, strata, weights):
    """Mean, variance and items of a single domain."""
    codes = np.unique(strata, return_inverse=True)[1]
    found = domain_means(codes, np.array(weights, dtype=float), np.array(scores, dtype=float)[:, None])
    return found.mean[0], found.variance[0], found.items[0]


def test_a_whole_sample_has_the_textbook_mean_and_variance():
    # N = 30 and 10, n = 2 and 2; means 0.75 and 0.25; P = 0.75 * 0.75 + 0.25 * 0.25 = 0.625
    # s^2 = 0.125 and 0.125; v = 0.75^2 * 0.125 / 2 + 0.25^2 * 0.125 / 2 = 0.03515625 + 0.00390625 = 0.0390625
    assert one([0.5, 1.0, 0.0, 0.5], list("aabb"), [15, 15, 5, 5]) == pytest.approx((0.625, 0.0390625, 4))


def test_a_domain_is_linearised_over_the_whole_design_and_not_subset():
    # one stratum, N_h / n_h = 10, n = 4, two in the domain with 1 and 0: mean 1/2
    # w z = 10 (1 - 1/2) / 20 = 1/4, -1/4, and 0 for the two outside; their mean is 0; 4/3 * 2/16 = 1/6
    # (a subset of two would give s^2 / n = 0.5 / 2 = 1/4)
    assert one([1.0, 0.0, NAN, NAN], list("aaaa"), [10] * 4) == pytest.approx((0.5, 1 / 6, 2))


def test_a_domain_across_strata_by_hand():
    # weights 2 (a: n = 3) and 4 (b: n = 2). In the domain: a 1.0, a 0.5, b 0.0. N = 2 + 2 + 4 = 8, mean (2 + 1) / 8 = 0.375
    # w z: a 2 * 0.625 / 8 = 0.15625, 2 * 0.125 / 8 = 0.03125, 0; b 4 * -0.375 / 8 = -0.1875, 0
    # a: mean 0.0625, squares 0.00878906 + 0.00097656 + 0.00390625 = 0.01367188, times 3/2 = 0.02050781
    # b: mean -0.09375, squares 2 * 0.00878906 = 0.01757813, times 2 = 0.03515625. Together 0.05566406
    found = one([1.0, 0.5, NAN, 0.0, NAN], list("aaabb"), [2, 2, 2, 4, 4])
    assert found == pytest.approx((0.375, 0.05566406, 3), abs=1e-8)


def test_a_stratum_of_one_is_centred_at_the_grand_mean():
    # weights 10, 10, 20: N = 40, mean (10 + 5 + 0) / 40 = 0.375
    # w z: 10 * 0.625 / 40 = 0.15625, 10 * 0.125 / 40 = 0.03125, 20 * -0.375 / 40 = -0.1875; their mean is 0
    # a: 2/1 * 2 * 0.0625^2 = 0.015625; b: 0.1875^2 = 0.03515625
    assert one([1.0, 0.5, 0.0], list("aab"), [10, 10, 20])[1] == pytest.approx(0.015625 + 0.03515625)


def test_items_of_one_cluster_are_one_unit_within_their_stratum():
    # one stratum, weights 1, n = 4, scores 1, 1, 0, 0: mean 1/2, z = 1/8, 1/8, -1/8, -1/8
    # units of two alike: totals 1/4, -1/4: 2/1 * 2/16 = 1/4 (single items: 4/3 * 4/64 = 1/12), 2 - 1 degrees of freedom
    scores = np.array([1.0, 1.0, 0.0, 0.0])[:, None]
    found = domain_means(np.zeros(4, dtype=int), np.ones(4), scores, np.array([7, 7, 3, 3]))
    assert (found.variance[0], found.degrees_of_freedom[0]) == pytest.approx((1 / 4, 1))
    # a cluster in two strata is a unit in each: three units in a, two in b
    strata, cluster = np.array([0, 0, 0, 0, 1, 1]), np.array([1, 1, 2, 3, 1, 4])
    assert domain_means(strata, np.ones(6), np.arange(6.0)[:, None], cluster).degrees_of_freedom[0] == 5 - 2


def test_what_a_user_has_in_common_across_strata_counts_where_clusters_cross():
    # two strata of two items each, weights 1, scores 1, 0 and 1, 0: mean 1/2, z = 1/8, -1/8, 1/8, -1/8; factor 2/1
    # one user has both 1s and another both 0s: (sqrt(2) (1/8 + 1/8))^2 twice, 1/4; as four units half of it
    strata, ones, scores = np.array([0, 0, 1, 1]), np.ones(4), np.array([1.0, 0.0, 1.0, 0.0])[:, None]
    alike = domain_means(strata, ones, scores, np.array([5, 6, 5, 6]), crossing=True)
    # two users in one group of strata: one degree of freedom; four units in two strata: two
    assert (alike.variance[0], alike.degrees_of_freedom[0]) == pytest.approx((1 / 4, 1))
    four = domain_means(strata, ones, scores, np.array([5, 6, 5, 6]))
    assert (four.variance[0], four.degrees_of_freedom[0]) == pytest.approx((1 / 8, 2))
    # a user who scores high in one and low in the other evens out
    assert domain_means(strata, ones, scores, np.array([5, 6, 6, 5]), crossing=True).variance[0] == pytest.approx(0)


def test_a_domain_has_the_degrees_of_freedom_of_its_own_units_and_strata():
    # in the domain: two items of a and one of b; nobody of c
    scores = np.array([1.0, 0.0, NAN, 0.5, NAN, NAN, NAN])[:, None]
    found = domain_means(np.array([0, 0, 0, 1, 1, 2, 2]), np.ones(7), scores)
    assert found.degrees_of_freedom[0] == 3 - 2


def test_this_days_mean_has_no_variance_once_the_whole_day_is_judged():
    # as the textbook mean above, times 1 - n / N: 0.75^2 * 0.125 / 2 * (1 - 2/30) + 0.25^2 * 0.125 / 2 * (1 - 2/10)
    strata, scores = np.array([0, 0, 1, 1]), np.array([0.5, 1.0, 0.0, 0.5])[:, None]
    found = domain_means(strata, np.array([15.0, 15, 5, 5]), scores, population=np.array([30.0, 10]))
    assert found.variance[0] == pytest.approx(0.03515625 * 28 / 30 + 0.00390625 * 0.8)
    assert domain_means(strata, np.ones(4), scores, population=np.array([2.0, 2])).variance[0] == 0


def test_more_sampled_than_there_are_is_an_error():
    with pytest.raises(ValueError, match=r"strata of \[1.0\] sampling units cannot have \[2\] in the sample"):
        domain_means(np.zeros(2, dtype=int), np.ones(2), np.ones((2, 1)), population=np.array([1.0]))


def test_several_items_of_one_cluster_alone_have_a_mean_and_no_variance():
    found = domain_means(np.zeros(3, dtype=int), np.ones(3), np.array([[1.0], [0.0], [NAN]]), np.array([1, 1, 2]))
    assert found.mean[0] == 0.5
    assert np.isnan(found.variance[0])


def test_each_domain_may_have_weights_of_its_own():
    scores, weights = np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([[3.0, 1.0], [1.0, 1.0]])
    assert domain_means(np.zeros(2, dtype=int), weights, scores).mean.tolist() == [0.75, 0.5]


SAMPLES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 5), st.floats(0.1, 50), st.sampled_from([0, 0.25, 0.5, 0.75, 1, NAN])),
    min_size=1,
    max_size=30,
)


def estimated(rows, scale=1.0, crossing=False):
    stratum, cluster, weight, score = (np.array(column) for column in zip(*rows, strict=True))
    stratum = np.unique(stratum, return_inverse=True)[1]
    return domain_means(stratum, scale * weight, score[:, None].astype(float), cluster, crossing=crossing)


@given(SAMPLES)
def test_nothing_crosses_where_each_cluster_has_one_stratum(rows):
    rows = [(stratum, 10 * stratum + cluster, weight, score) for stratum, cluster, weight, score in rows]
    same(estimated(rows), estimated(rows, crossing=True))


def same(one, other):
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)


@given(SAMPLES, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    for crossing in (False, True):
        same(estimated(rows, crossing=crossing), estimated(shuffled, crossing=crossing))


@given(SAMPLES, st.floats(1e-3, 1e3))
def test_only_the_proportions_of_weights_matter(rows, scale):
    same(estimated(rows), estimated(rows, scale))


def test_every_domain_of_a_night_goes_through_one_call():
    scores = np.array([[1.0, 1.0, NAN], [0.0, NAN, NAN], [0.5, 0.5, NAN]])
    together = domain_means(np.zeros(3, dtype=int), np.ones(3), scores)
    for column in range(2):
        alone = one(scores[:, column], list("aaa"), [1] * 3)
        assert (together.mean[column], together.variance[column], together.items[column]) == alone
    assert np.isnan(together.mean[2]) and np.isnan(together.variance[2]) and together.items[2] == 0


def test_one_item_has_a_mean_and_no_variance():
    mean, variance, items = one([0.5, NAN], list("aa"), [3, 3])
    assert (mean, items) == (0.5, 1)
    assert np.isnan(variance)


def test_no_items_at_all_are_no_error():
    found = domain_means(np.empty(0, dtype=int), np.empty(0), np.empty((0, 2)))
    assert np.isnan(found.mean).all() and (found.items == 0).all()


def test_intervals_cover_the_population_mean_as_often_as_they_say():
    # 11 categories of unequal size and mean, about 200 items, and a domain that cuts across them. Over 2,000 samples a 95 %
    # interval covers 95 % give or take 1.5 (three binomial standard errors), and a little less for the smaller domain.
    random = np.random.default_rng(20261102)
    sizes = np.linspace(60, 485, 11).astype(int)
    shares = random.dirichlet(np.ones(5), 11)
    population = [random.choice([0, 0.25, 0.5, 0.75, 1.0], size, p=p) for size, p in zip(sizes, shares, strict=True)]
    domain = [random.random(size) < 0.3 for size in sizes]
    everyone, members = np.concatenate(population), np.concatenate(domain)
    truth = np.array([everyone.mean(), everyone[members].mean()])
    drawn = np.maximum(10, sizes * 200 // sizes.sum())
    stratum, weight = np.repeat(np.arange(11), drawn), np.repeat(sizes / drawn, drawn)
    covered = np.zeros(2)
    for _ in range(2000):
        rows = [random.integers(0, size, n) for size, n in zip(sizes, drawn, strict=True)]
        y = np.concatenate([values[chosen] for values, chosen in zip(population, rows, strict=True)])
        d = np.concatenate([values[chosen] for values, chosen in zip(domain, rows, strict=True)])
        found = domain_means(stratum, weight, np.column_stack([y, np.where(d, y, NAN)]))
        covered += np.abs(found.mean - truth) <= 1.96 * np.sqrt(found.variance)
    assert ((covered / 2000 > 0.93) & (covered / 2000 < 0.97)).all(), covered / 2000


def test_users_with_ways_of_their_own_are_covered_when_they_are_the_clusters():
    # 40 users of 5 items each, in strata as they come, which differ by 0.1. A user's own level has a variance of 0.04,
    # and the items add 0.04: the mean has 0.04 / 40 + 0.04 / 200 = 0.0012. Single items would show 0.08 / 200 = 0.0004,
    # and cover where 1.96 * sqrt(1/3) errors do, 74 %; users cut up by strata do not do much better
    random = np.random.default_rng(20261103)
    users, weight = np.repeat(np.arange(40), 5), np.ones(200)
    covered = dict.fromkeys(("items", "cut up", "crossing"), 0)
    for _ in range(1000):
        stratum = np.tile([0, 1, 2, 3], 50)
        y = 0.1 * stratum + 0.2 * random.standard_normal(40)[users] + 0.2 * random.standard_normal(200)
        for name, cluster in (("items", None), ("cut up", users), ("crossing", users)):
            found = domain_means(stratum, weight, y[:, None], cluster, crossing=name == "crossing")
            covered[name] += abs(found.mean[0] - 0.15) <= 1.96 * np.sqrt(found.variance[0])
    assert covered["items"] / 1000 == pytest.approx(0.74, abs=0.04)
    assert covered["cut up"] / 1000 < 0.85
    assert covered["crossing"] / 1000 == pytest.approx(0.95, abs=0.025)
