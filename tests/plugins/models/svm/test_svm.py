"""Kernel machines: which of them is used when, and their calibration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from automl.plugin_api import FitSize, TaskKind
from automl_builtins.models.svm import EXACT_ROWS, LANDMARKS, SVM
from automl_builtins.models.svm.calibration import Calibration, hold_out
from tests.plugins.models.tables import TASKS, fit, halves, loss, make_table

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


def test_calibration_finds_the_scale_of_decision_values():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 3)) * 2
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    target = (probabilities.cumsum(axis=1) < rng.random((4000, 1))).sum(axis=1)
    found = Calibration.of(logits / 5, target, None)
    assert abs(found.scale - 5) < 0.5
    np.testing.assert_allclose(found.probabilities(logits / 5), probabilities, atol=0.05)


def test_a_row_of_every_class_is_kept_when_rows_are_held_out():
    target = np.array([0] * 20 + [1] * 10 + [2])
    for seed in range(20):
        kept, held = hold_out(target, seed)
        assert set(target[kept]) == {0, 1, 2}
        assert not set(kept) & set(held)
        assert len(kept) + len(held) == len(target)


def test_where_no_class_has_two_rows_all_are_kept_and_held_out():
    kept, held = hold_out(np.array([2, 0, 1]), 0)
    assert kept.tolist() == held.tolist() == [0, 1, 2]


def test_hundreds_of_classes_are_declined_with_the_reason():
    assert SVM.limits(FitSize(1000, 10, TASKS[TaskKind.BINARY])) == ""
    many = replace(TASKS[TaskKind.MULTICLASS], classes=tuple(range(300)))
    assert "300 classes" in SVM.limits(FitSize(1000, 10, many))
