"""The four terms of a mix shift: by hand, and adding up to the difference whatever the categories."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.statistics.mix_shift import mix_shift, pooled_mix


def arrays(*rows):
    return [np.array(row, dtype=float) for row in rows]


def terms(found):
    return [float(term.sum()) for term in found]


def test_two_common_categories_by_hand():
    # production: 60 % at 0.8, 40 % at 0.5: mean 0.68. Baseline: 80 % at 0.9, 20 % at 0.5: mean 0.82. Difference -0.14
    shares, means, cold_shares, cold_means = arrays([0.6, 0.4], [0.8, 0.5], [0.8, 0.2], [0.9, 0.5])
    found = mix_shift(shares, means, cold_shares, cold_means)
    # composition = (.6 - .8)(.8 + .9)/2 + (.4 - .2)(.5 + .5)/2 = -.17 + .10 = -.07
    # quality = (.8 - .9)(.6 + .8)/2 + 0 = -.07
    assert terms(found) == pytest.approx([-0.07, -0.07, 0, 0])
    # centred at (.68 + .82)/2 = .75: -.2 (.85 - .75) and .2 (.5 - .75)
    assert found.composition == pytest.approx([-0.02, -0.05])


def test_categories_of_one_side_by_hand():
    # production: a 50 % at .8, new 50 % at .4: .6. Baseline: a 80 % at .9, old 20 % at .5: .82. Difference -.22
    shares, means, cold_shares, cold_means = arrays(
        [0.5, 0.5, 0.0], [0.8, 0.4, np.nan], [0.8, 0.0, 0.2], [0.9, np.nan, 0.5]
    )
    found = mix_shift(shares, means, cold_shares, cold_means)
    # common: a alone, p = q = 1: quality -.1. only_in_production = .5 (.4 - .8); only_in_baseline = .2 (.9 - .5)
    assert terms(found) == pytest.approx([0, -0.1, -0.2, 0.08])


def test_a_mix_that_moved_alone_leaves_no_quality_term():
    shares, means, cold_shares = arrays([0.2, 0.8], [0.9, 0.5], [0.8, 0.2])
    found = mix_shift(shares, means, cold_shares, means)
    # .2 * .9 + .8 * .5 = .58 and .8 * .9 + .2 * .5 = .82
    assert terms(found) == pytest.approx([-0.24, 0, 0, 0])


def test_without_a_common_category_nothing_is_told():
    found = mix_shift(*arrays([1, 0], [0.5, np.nan], [0, 1], [np.nan, 0.9]))
    assert all(np.isnan(term).all() for term in found)


def test_nights_pool_into_shares_and_means_whose_product_is_the_mean_of_the_nightly_means():
    # night 1: all in a, at .8. Night 2: half a at .6, half b at .4. Nightly means .8 and .5: pooled .65
    share, mean = arrays([[1, 0], [0.5, 0.5]], [[0.8, np.nan], [0.6, 0.4]])
    shares, means = pooled_mix(share, mean)
    assert shares == pytest.approx(np.array([[1, 0], [0.75, 0.25]]))
    # a: (1 * .8 + .5 * .6) / 1.5
    assert means == pytest.approx(np.array([[0.8, np.nan], [1.1 / 1.5, 0.4]]), nan_ok=True)
    assert shares[1] @ means[1] == pytest.approx(0.65)


CATEGORY = st.tuples(
    st.one_of(st.just(0.0), st.floats(0.01, 1)),
    st.floats(0, 1),
    st.one_of(st.just(0.0), st.floats(0.01, 1)),
    st.floats(0, 1),
)


@given(
    st.tuples(st.floats(0.01, 1), st.floats(0, 1), st.floats(0.01, 1), st.floats(0, 1)), st.lists(CATEGORY, max_size=8)
)
def test_the_terms_add_up_exactly_and_shares_may_be_counts(common, others):
    p, y, q, z = arrays(*zip(common, *others, strict=True))
    difference = p @ y / p.sum() - q @ z / q.sum()
    means = np.where(p > 0, y, np.nan), np.where(q > 0, z, np.nan)
    assert sum(terms(mix_shift(p, means[0], q, means[1]))) == pytest.approx(difference, abs=1e-12)
    assert sum(terms(mix_shift(200 * p, means[0], 60 * q, means[1]))) == pytest.approx(difference, abs=1e-12)
