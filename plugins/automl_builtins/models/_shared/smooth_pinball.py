"""Linear quantile regression (Koenker and Bassett, 1978) by a smoothed pinball loss, for all levels at once.

The kink at 0 is rounded off over a shrinking width, so that L-BFGS gets in a few hundred passes what a linear programme
takes minutes for (convolution smoothing: Fernandes, Guerre and Horta, J. Business & Economic Statistics 2021).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from automl.plugin_api import Array, FitContext
from automl_builtins.models._shared.decision_values import LinearTerms

WIDTHS = (0.5, 0.1)
"""Widths of the smoothing, one after the other, in units of the target's spread."""
PASSES = 150
"""The most iterations at each."""
KEPT_SHARE = 0.1
"""Share of the time left that is kept for what follows."""


def fit_quantiles(
    matrix: Any, target: Array, levels: tuple[float, ...], penalty: float, weights: Array | None, context: FitContext
) -> LinearTerms:
    """Return coefficients and intercepts, one row a level, of a dense or CSR matrix; target with spread 1, `(n_rows,)`.

    penalty: what the squares of coefficients count beside the sum of the losses. Out of time, the best so far counts.
    """
    from scipy.optimize import minimize

    mass = np.full(len(target), 1.0) if weights is None else np.asarray(weights, dtype=np.float64)
    mass = mass / mass.sum()
    order = np.argsort(target, kind="stable")
    start = target[order[np.minimum(np.searchsorted(np.cumsum(mass[order]), levels), len(target) - 1)]]
    point = np.concatenate([np.zeros(len(levels) * matrix.shape[1]), start])
    until = KEPT_SHARE * context.seconds_left() if np.isfinite(context.seconds_left()) else 0.0

    def watch(found: Array) -> None:
        nonlocal point
        point = found.copy()
        if context.seconds_left() <= until:
            raise StopIteration

    for width in WIDTHS:
        loss = _loss(matrix, target, np.asarray(levels), mass, (penalty / len(target), width))
        found = minimize(loss, point, jac=True, method="L-BFGS-B", callback=watch, options={"maxiter": PASSES})
        point = found.x
    split = len(levels) * matrix.shape[1]
    return LinearTerms(point[:split].reshape(len(levels), -1), point[split:])


def _loss(
    matrix: Any, target: Array, levels: Array, mass: Array, shape: tuple[float, float]
) -> Callable[[Array], tuple[float, Array]]:
    """Return the function of coefficients and intercepts that gives loss and gradient."""
    penalty, width = shape
    split = len(levels) * matrix.shape[1]

    def loss(point: Array) -> tuple[float, Array]:
        coefficients, intercepts = point[:split].reshape(len(levels), -1), point[split:]
        missing = target[:, None] - np.asarray(matrix @ coefficients.T, dtype=np.float64) - intercepts
        size = np.abs(missing)
        rounded = np.where(size < width, 0.5 * (missing * missing / width + width), size)
        value = float(mass @ ((levels - 0.5) * missing + 0.5 * rounded).sum(axis=1))
        slope = -mass[:, None] * ((levels - 0.5) + 0.5 * np.clip(missing / width, -1.0, 1.0))
        by_coefficient = np.asarray(matrix.T @ slope, dtype=np.float64).T + penalty * coefficients
        value += 0.5 * penalty * float((coefficients * coefficients).sum())
        return value, np.concatenate([by_coefficient.ravel(), slope.sum(axis=0)])

    return loss
