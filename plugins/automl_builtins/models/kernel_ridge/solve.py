"""Kernel ridge regression of weighted rows, with predictions of each row by a fit without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array

STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Penalties, against a kernel whose diagonal is 1."""
FIRST = 4
"""Place of the penalty that is tried first."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A fitted ridge: `dual` `(n_rows, n_targets)`, which the kernel is multiplied with.

    left_out: predictions of each row by the fit to all others, in closed form; loss: their mean squared error.
    place: that of the penalty among `STRENGTHS`.
    """

    dual: Array
    left_out: Array
    loss: float
    place: int


def solve(kernel: Array, targets: Array, weights: Array, place: int) -> Solution:
    """Solve with one penalty; the kernel is left as it is.

    targets `(n_rows, n_targets)` of mean about 0; weights `(n_rows,)` of mean 1. A row's residual without it is its dual
    coefficient over its place on the diagonal of the inverse.
    """
    from scipy.linalg import cho_factor, cho_solve, lapack

    lifted = kernel.copy(order="F")
    lifted[np.diag_indices_from(lifted)] += STRENGTHS[place] / weights
    factor = cho_factor(lifted, lower=True, overwrite_a=True, check_finite=False)
    dual = cho_solve(factor, targets, check_finite=False)
    inverse, _ = lapack.dpotri(factor[0], lower=True, overwrite_c=True)
    residual = dual / np.diagonal(inverse)[:, None]
    loss = float(np.average(np.square(residual).mean(axis=1), weights=weights))
    return Solution(dual, targets - residual, loss, place)


def solve_best(kernel: Array, targets: Array, weights: Array, start: int = FIRST) -> Solution:
    """Solve with the penalty of the least error on rows that were left out, found by steps away from `start`."""
    best = solve(kernel, targets, weights, start)
    for step in (-1, 1):
        moved = False
        while 0 <= best.place + step < len(STRENGTHS):
            found = solve(kernel, targets, weights, best.place + step)
            if found.loss >= best.loss:
                break
            best, moved = found, True
        if moved:
            break
    return best
