"""Calibration: from decision values to class probabilities by a scale and a shift per class, fitted on other rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array
from automl_builtins.mean_one import mean_one

SHIFT_PENALTY = 2.0
"""Weight of the squared shifts against the summed log loss: with few rows of a class its shift stays near 0."""
LOG_SCALES = (-4.0, 5.0)
HELD_OUT = 0.2
"""Share of the training rows on which decision values are calibrated."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Multinomial logistic calibration of one slope: Platt's sigmoid (1999) for two classes, its softmax for more."""

    scale: float
    shifts: Array

    @staticmethod
    def of(decisions: Array, target: Array, weights: Array | None) -> Calibration:
        """Fit on decision values of rows that their model has not seen, `(n_rows, n_classes)`."""
        from scipy.optimize import minimize

        rows, n_classes = np.arange(len(target)), decisions.shape[1]
        share = np.ones(len(target)) if weights is None else mean_one(weights)

        def loss(params: Array) -> tuple[float, Array]:
            scale = np.exp(params[0])
            found = _softmax(scale * decisions + params[1:])
            value = -(share * np.log(np.maximum(found[rows, target], 1e-300))).sum()
            found[rows, target] -= 1.0
            residual = found * share[:, None]
            slope = np.concatenate([[scale * (residual * decisions).sum()], residual.sum(axis=0)])
            slope[1:] += 2 * SHIFT_PENALTY * params[1:]
            return float(value + SHIFT_PENALTY * (params[1:] ** 2).sum()), slope

        bounds = [LOG_SCALES] + [(-10.0, 10.0)] * n_classes
        best = minimize(loss, np.zeros(n_classes + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
        return Calibration(float(np.exp(best[0])), np.asarray(best[1:]))

    def probabilities(self, decisions: Array) -> Array:
        """Return `(n_rows, n_classes)` probabilities."""
        return _softmax(self.scale * decisions + self.shifts)


def decision_matrix(model: object, matrix: Array) -> Array:
    """Return a classifier's decision values with one column per class, also for two classes."""
    found = np.asarray(model.decision_function(matrix), dtype=np.float64)  # type: ignore[attr-defined]
    return one_column_per_class(found)


def one_column_per_class(found: Array) -> Array:
    """Return decision values with two columns where a classifier of two classes gives one."""
    if found.ndim == 2 and found.shape[1] > 1:
        return found
    flat = np.asarray(found, dtype=np.float64).ravel()
    return np.column_stack([-flat / 2, flat / 2])


def hold_out(target: Array, seed: int) -> tuple[Array, Array]:
    """Return the rows to keep and to hold out; at least one row of every class is kept.

    Where no class has two rows, all are kept and held out alike.
    """
    order = np.random.default_rng(seed).permutation(len(target))
    _, firsts = np.unique(target[order], return_index=True)
    free = np.delete(order, firsts)
    if not len(free):
        return np.sort(order), np.sort(order)
    held = np.sort(free[: max(1, round(HELD_OUT * len(target)))])
    return np.setdiff1d(np.arange(len(target)), held), held


def _softmax(values: Array) -> Array:
    shifted = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
