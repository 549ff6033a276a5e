"""Kernel machines' learner: what the kernel can part, and exact or sampled by the number of rows."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import TaskKind
from automl_builtins.models.svm import EXACT_ROWS, LANDMARKS, SVM
from automl_builtins.models.svm.learner import ROWS_AT_ONCE, kernel_features
from tests.plugins.models.tables import fit, halves, loss, make_table

RING = {"kernel": "rbf", "C": 5.0, "gamma": 1.0}


def ring(n_rows):
    data = make_table(TaskKind.BINARY, n_rows, 2)
    radius = (data.features.to_numpy() ** 2).sum(axis=1)
    return replace(data, target=(radius > 1.4).astype(np.int64))


def test_the_rbf_kernel_learns_a_ring_that_no_line_can_part():
    train, valid = halves(ring(400))
    rounded = loss(valid, fit(SVM, train, params=RING).predict(valid.features))
    straight = loss(valid, fit(SVM, train, params={**RING, "kernel": "linear"}).predict(valid.features))
    assert rounded < 0.5 * straight


def test_few_values_are_fitted_exactly_and_many_on_sampled_rows():
    small, large = (halves(make_table(TaskKind.REGRESSION, n))[0] for n in (300, int(1.6 * EXACT_ROWS)))
    assert len(fit(SVM, small)._terms.points) < small.n_rows  # the support vectors
    assert len(fit(SVM, large)._terms.points) == LANDMARKS


def test_regression_does_not_depend_on_the_scale_of_the_target():
    train, valid = halves(make_table(TaskKind.REGRESSION, 200))
    plain = fit(SVM, train).predict(valid.features)
    scaled = fit(SVM, replace(train, target=train.target * 1e6)).predict(valid.features)
    np.testing.assert_allclose(scaled / 1e6, plain, rtol=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_features_of_the_kernel_are_those_of_all_rows_at_once_and_take_little_more_than_themselves(dtype):
    from sklearn.kernel_approximation import Nystroem

    matrix = np.random.default_rng(0).normal(size=(4 * ROWS_AT_ONCE + 7, 3)).astype(np.float32)
    landmarks = Nystroem(gamma=0.3, n_components=100, random_state=0)
    tracemalloc.start()
    made = kernel_features(landmarks, matrix, dtype)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert made.dtype == dtype
    np.testing.assert_allclose(made, landmarks.transform(matrix.astype(np.float64)), atol=1e-5)
    assert peak < made.nbytes + 4 * ROWS_AT_ONCE * 100 * 8
