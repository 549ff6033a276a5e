"""Support vectors with calibrated probabilities."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from automl.plugin_api import Dataset, Deadline, FitContext, Schema, Task, TaskKind
from automl_builtins.models._shared.margins import fit_terms, margin_seconds


def rows_of(n_classes, n_rows=300, weights=None, seed=0):
    rng = np.random.default_rng(seed)
    target = np.arange(n_rows) % n_classes
    matrix = csr_matrix(0.6 * rng.normal(size=(n_rows, n_classes)) + np.eye(n_classes)[target])
    task = Task(TaskKind.MULTICLASS, "y", tuple(range(n_classes)))
    return matrix, Dataset(matrix, target, Schema(()), task, np.arange(n_rows), weights=weights)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_probabilities_add_up_and_are_as_sure_as_they_are_right(n_classes):
    matrix, train = rows_of(n_classes)
    later, others = rows_of(n_classes, 2_000, seed=1)
    found = fit_terms(matrix, train, 0.5, FitContext()).probabilities(later)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    right = (found.argmax(axis=1) == others.target).mean()
    assert right > 0.6
    assert abs(found.max(axis=1).mean() - right) < 0.08


def test_a_row_alone_gives_what_it_gives_among_others():
    matrix, train = rows_of(4)
    fitted = fit_terms(matrix, train, 0.5, FitContext())
    together = fitted.probabilities(matrix[:7])
    for number in range(7):
        np.testing.assert_array_equal(fitted.probabilities(matrix[number]), together[[number]])


def test_rows_without_weight_change_nothing_but_chance():
    matrix, train = rows_of(3, weights=np.repeat([1.0, 0.0], [200, 100]))
    fitted = fit_terms(matrix, train, 0.5, FitContext())
    assert (fitted.probabilities(matrix[:200]).argmax(axis=1) == train.target[:200]).mean() > 0.6


def test_with_no_time_left_a_single_pass_is_made():
    matrix, train = rows_of(3)
    fitted = fit_terms(matrix, train, 0.5, FitContext(deadline=Deadline(0.0)))
    assert list(fitted.classes) == [0, 1, 2]


def test_more_classes_are_estimated_to_take_longer():
    assert margin_seconds(1e6, 2) < margin_seconds(1e6, 3) < margin_seconds(2e6, 3)
