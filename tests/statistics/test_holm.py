"""Holm's adjustment, by hand."""

import numpy as np
import pytest

from pipelines.statistics.holm import holm

NAN = float("nan")


def test_it_steps_down_and_keeps_the_order_it_was_given():
    # sorted .01 .02 .03 .04 times 4 3 2 1: .04 .06 .06 .04, made monotone: .04 .06 .06 .06
    assert list(holm(np.array([0.04, 0.01, 0.03, 0.02]))) == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_no_adjusted_p_is_above_1():
    assert list(holm(np.array([0.9, 0.6]))) == [1.0, 1.0]


def test_a_test_that_was_not_made_does_not_count():
    assert list(holm(np.array([NAN, 0.01, 0.02]))) == pytest.approx([NAN, 0.02, 0.02], nan_ok=True)
    assert np.isnan(holm(np.array([NAN, NAN]))).all()
    assert len(holm(np.array([]))) == 0
