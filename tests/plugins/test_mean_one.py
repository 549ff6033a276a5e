"""Weights are in rows, whatever their size."""

import numpy as np
import pytest

from automl_builtins.mean_one import mean_one


@pytest.mark.parametrize("size", [1e-14, 1.0, 1e9, 5e307])
def test_the_size_of_weights_says_nothing(size):
    assert mean_one(size * np.array([1.0, 2.0, 3.0])) == pytest.approx([0.5, 1.0, 1.5])


def test_whole_numbers_are_weights_too():
    assert mean_one(np.array([1, 3])).tolist() == [0.5, 1.5]


@pytest.mark.parametrize("weights", [np.zeros(3), np.zeros(0)])
def test_of_no_weight_at_all_there_is_no_scale(weights):
    assert mean_one(weights).tolist() == weights.tolist()
