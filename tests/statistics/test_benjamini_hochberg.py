"""Benjamini and Hochberg's adjustment, by hand."""

import numpy as np
import pytest

from pipelines.statistics.benjamini_hochberg import benjamini_hochberg
from pipelines.statistics.holm import holm

NAN = float("nan")


def test_it_steps_up_and_keeps_the_order_it_was_given():
    # sorted .01 .02 .03 .04 times 4/1 4/2 4/3 4/4: .04 .04 .04 .04; with .05 for .04: .04 .04 .04 .05
    assert list(benjamini_hochberg(np.array([0.04, 0.01, 0.03, 0.02]))) == pytest.approx([0.04] * 4)
    assert list(benjamini_hochberg(np.array([0.05, 0.01, 0.03, 0.02]))) == pytest.approx([0.05, 0.04, 0.04, 0.04])


def test_the_example_of_its_authors():
    # Benjamini and Hochberg 1995, section 3.2: of 15 p-values at q = 0.05 the four smallest are rejected, by
    # Bonferroni three
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590]
    p.append(1.0)
    assert (benjamini_hochberg(np.array(p)) <= 0.05).sum() == 4
    assert (holm(np.array(p)) <= 0.05).sum() == 3


def test_a_test_that_was_not_made_does_not_count():
    assert list(benjamini_hochberg(np.array([NAN, 0.01, 0.02]))) == pytest.approx([NAN, 0.02, 0.02], nan_ok=True)
    assert np.isnan(benjamini_hochberg(np.array([NAN, NAN]))).all()
    assert len(benjamini_hochberg(np.array([]))) == 0
