"""Rows in the order of their scores, and classes in the order of their probabilities."""

import numpy as np
import pytest

from automl_builtins.metrics._ranking import cumulated_by_block, mean_average_precision


def test_equal_scores_are_one_block():
    counted, weight = cumulated_by_block(np.array([1, 0, 1, 1]), np.array([0.2, 0.5, 0.2, 0.9]), None)
    assert (counted.tolist(), weight.tolist()) == ([2, 2, 3], [2, 3, 4])


def test_weights_count_for_rows_and_for_what_they_hold():
    counted, weight = cumulated_by_block(np.array([1, 1]), np.array([2.0, 1.0]), np.array([3.0, 0.5]))
    assert (counted.tolist(), weight.tolist()) == ([0.5, 3.5], [0.5, 3.5])


@pytest.mark.parametrize(("k", "expected"), [(1, 1 / 3), (2, 1 / 2), (3, 11 / 18)])
def test_the_true_class_counts_one_over_its_rank_among_the_first_k(k, expected):
    shares = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2]])
    assert mean_average_precision(np.array([0, 1, 2]), shares, k=k) == pytest.approx(expected)


def test_of_equal_probabilities_the_lower_class_ranks_first():
    assert mean_average_precision(np.array([1]), np.array([[0.5, 0.5]]), k=2) == 0.5
    assert mean_average_precision(np.array([0]), np.array([[0.5, 0.5]]), k=2) == 1.0
