"""Rows are dealt into folds class by class, in turn."""

import numpy as np

from automl.steps.plan.deal_rows import deal_rows


def test_folds_have_as_many_rows_and_of_each_class_as_many_as_can_be():
    labels = np.repeat([0, 1, 2], [50, 13, 4])
    dealt = deal_rows(labels, 5, np.random.default_rng(0))
    assert np.ptp(np.bincount(dealt)) <= 1
    for label in range(3):
        assert np.ptp(np.bincount(dealt[labels == label], minlength=5)) <= 1


def test_which_rows_of_a_class_go_together_is_drawn():
    labels = np.zeros(40, dtype=int)
    one, other = (deal_rows(labels, 4, np.random.default_rng(seed)) for seed in (0, 1))
    assert (one != other).any()
