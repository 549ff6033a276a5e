"""Decision values from plain arrays: what linear and kernel models of scikit-learn compute, without its checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array
from automl_builtins.models._shared.row_products import row_products

BLOCK_CELLS = 4_000_000
"""Kernel values computed at once."""


@dataclass(frozen=True, slots=True)
class LinearTerms:
    """Coefficients `(n_outputs, n_features)` and intercepts `(n_outputs,)`."""

    coefficients: Array
    intercepts: Array

    @staticmethod
    def of(model: Any) -> LinearTerms:
        """Take over a fitted linear model of scikit-learn."""
        coefficients = np.atleast_2d(model.coef_)
        intercepts = np.broadcast_to(np.atleast_1d(model.intercept_), len(coefficients))
        return LinearTerms(coefficients, intercepts)

    def values(self, matrix: Any) -> Array:
        """Return `(n_rows, n_outputs)` for a dense or CSR matrix."""
        return np.asarray(row_products(matrix, self.coefficients) + self.intercepts)


@dataclass(frozen=True, slots=True)
class KernelTerms:
    """A weighted sum of RBF kernel values: points `(n_points, n_features)`, weights `(n_points, n_outputs)`."""

    points: Array
    gamma: float
    weights: Array
    intercepts: Array

    @staticmethod
    def of_landmarks(landmarks: Any, model: Any) -> KernelTerms:
        """Join Nystroem's map and a linear model on its features: both are linear in the kernel values."""
        terms = LinearTerms.of(model)
        weights = landmarks.normalization_.T @ terms.coefficients.T
        return KernelTerms(landmarks.components_, float(landmarks.gamma), weights, terms.intercepts)

    @staticmethod
    def of_machine(machine: Any) -> KernelTerms:
        """Take over a fitted support vector regression."""
        return KernelTerms(
            np.asarray(machine.support_vectors_, dtype=np.float64),
            float(machine.gamma),
            np.asarray(machine.dual_coef_.T, dtype=np.float64),
            np.asarray(machine.intercept_, dtype=np.float64),
        )

    def values(self, matrix: Array) -> Array:
        """Return `(n_rows, n_outputs)` for a dense matrix, worked out in float64."""
        size = max(1, BLOCK_CELLS // max(1, len(self.points)))
        starts = range(0, max(1, len(matrix)), size)
        return np.concatenate([self._block(matrix[start : start + size]) for start in starts])

    def _block(self, matrix: Array) -> Array:
        from scipy.spatial.distance import cdist  # pair by pair, unlike distances from a matrix product

        kernel = cdist(matrix.astype(np.float64), self.points, "sqeuclidean")
        kernel *= -self.gamma
        np.exp(kernel, out=kernel)
        return np.asarray(row_products(kernel, self.weights.T) + self.intercepts)


def class_probabilities(decisions: Array) -> Array:
    """Return `(n_rows, n_classes)`: the sigmoid of one decision value, the softmax of several."""
    if decisions.shape[1] == 1:
        positive = _sigmoid(decisions[:, 0])
        return np.column_stack([1.0 - positive, positive])
    raised = np.exp(decisions - decisions.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _sigmoid(values: Array) -> Array:
    small = np.exp(-np.abs(values))
    return np.where(values >= 0, 1.0, small) / (1.0 + small)
