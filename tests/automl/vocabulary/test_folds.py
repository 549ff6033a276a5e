"""A plan counts its folds, and is in order of time where its rows lie in stretches."""

import numpy as np

from automl.vocabulary.folds import Fold, ResamplingPlan

FOLDS = (Fold(np.arange(2), np.arange(2, 4)), Fold(np.arange(2, 4), np.arange(2)))


def test_repeats_are_counted_as_folds():
    assert ResamplingPlan(FOLDS * 3, "repeated").n_folds == 6


def test_a_plan_is_in_order_of_time_where_rows_lie_in_stretches():
    assert not ResamplingPlan(FOLDS, "drawn").ordered
    assert ResamplingPlan(FOLDS, "by time", np.array([0, 0, 1, 1])).ordered
