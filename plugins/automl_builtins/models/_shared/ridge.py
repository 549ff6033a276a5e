"""Ridge regression of many features, with predictions of each row by a fit without it, and probabilities from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array
from automl_builtins.mean_one import mean_one

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Penalties tried, relative to the mean of the features' squares."""
FEW_ROWS, MOST_DUAL = 2_000, 6_000
"""Up to so many rows, and up to so many where there are more features, each row is predicted by a fit without it; with
more rows a part of them is held out."""
HELD_OUT = 0.15


@dataclass(frozen=True, slots=True)
class Ridge:
    """A fitted ridge: `weights` `(n_features, n_targets)` and `constant` `(n_targets,)`.

    honest: predictions of the rows `rows` that were not fitted to them; loss: their mean squared error.
    """

    weights: Array
    constant: Array
    rows: Array
    honest: Array
    loss: float


def fit_ridge(features: Array, targets: Array, weights: Array | None, rng: np.random.Generator) -> Ridge:
    """Fit with the penalty of least squared error on rows that were not fitted.

    features `(n, d)` float32 of mean about 0; targets `(n, k)`; weights `(n,)` or None.
    """
    given = np.ones(len(features)) if weights is None else np.maximum(mean_one(weights), 1e-6)
    constant = np.average(targets, axis=0, weights=given)
    if len(features) <= (FEW_ROWS if features.shape[1] < len(features) else MOST_DUAL):
        return _dual(features, targets - constant, given, constant)
    return _primal(features, targets - constant, given, constant, rng)


def _dual(features: Array, targets: Array, given: Array, constant: Array) -> Ridge:
    """Solve in the rows. Without a row its residual is that of the fit over the diagonal of the inverse."""
    from scipy.linalg import cho_factor, cho_solve, lapack

    root = np.sqrt(given)
    scaled = features * root[:, None].astype(np.float32)
    kernel = scaled @ scaled.T
    size = float(np.trace(kernel)) / len(kernel) or 1.0
    best: tuple[float, Array, Array] | None = None
    for strength in STRENGTHS:
        lifted = kernel.copy()
        lifted[np.diag_indices_from(lifted)] += np.float32(strength * size)
        factor, lower = cho_factor(lifted, lower=True, overwrite_a=True, check_finite=False)
        dual = cho_solve((factor, lower), targets * root[:, None], check_finite=False)
        inverse, _ = lapack.get_lapack_funcs(("potri",), (factor,))[0](factor, lower=True, overwrite_c=True)
        residual = dual / np.diag(inverse)[:, None] / root[:, None]
        loss = float(np.average(np.square(residual).mean(axis=1), weights=given))
        if best is None or loss < best[0]:
            best = (loss, dual, targets - residual)
    assert best is not None
    loss, dual, honest = best
    found = scaled.T @ dual.astype(np.float32)
    return Ridge(found.astype(np.float64), constant, np.arange(len(features)), honest + constant, loss)


def _primal(features: Array, targets: Array, given: Array, constant: Array, rng: np.random.Generator) -> Ridge:
    """Solve in the features; the penalty is chosen on a part of the rows that the fit then takes in."""
    from scipy.linalg import cho_factor, cho_solve

    held = np.sort(rng.permutation(len(features))[: int(HELD_OUT * len(features))])
    kept = np.setdiff1d(np.arange(len(features)), held)
    products = [_products(features[rows], targets[rows], given[rows]) for rows in (kept, held)]
    size = float(np.trace(products[0][0])) / features.shape[1] or 1.0

    def solve(square: Array, cross: Array, strength: float) -> Array:
        lifted = square.copy()
        lifted[np.diag_indices_from(lifted)] += np.float32(strength * size)
        factor = cho_factor(lifted, lower=True, overwrite_a=True, check_finite=False)
        return np.asarray(cho_solve(factor, cross, check_finite=False))

    best: tuple[float, float, Array] | None = None
    for strength in STRENGTHS:
        honest = features[held] @ solve(*products[0], strength)
        loss = float(np.average(np.square(honest - targets[held]).mean(axis=1), weights=given[held]))
        if best is None or loss < best[0]:
            best = (loss, strength, honest)
    assert best is not None
    whole = [part + other for part, other in zip(*products, strict=True)]
    found = solve(whole[0], whole[1], best[1])
    return Ridge(found.astype(np.float64), constant, held, best[2] + constant, best[0])


def _products(features: Array, targets: Array, given: Array) -> tuple[Array, Array]:
    scaled = features * given[:, None].astype(np.float32)
    return features.T @ scaled, scaled.T @ targets.astype(np.float32)


def fit_softmax(scores: Array, target: Array, weights: Array | None) -> tuple[float, Array]:
    """Return the slope and the offsets `(k,)` by which scores `(n, k)` best become probabilities of classes."""
    from scipy.optimize import minimize

    n_rows, n_classes = scores.shape
    given = np.full(n_rows, 1.0 / n_rows) if weights is None else weights / weights.sum()
    hit = np.zeros((n_rows, n_classes))
    hit[np.arange(n_rows), target] = 1.0

    def loss(values: Array) -> tuple[float, Array]:
        shares = softmax(values[0] * scores + values[1:])
        away = (shares - hit) * given[:, None]
        value = -float(given @ np.log(np.maximum(shares[np.arange(n_rows), target], 1e-15)))
        offsets = values[1:]
        return value + 1e-4 * float(offsets @ offsets), np.concatenate(
            [[float((away * scores).sum())], away.sum(axis=0) + 2e-4 * offsets]
        )

    found = minimize(loss, np.concatenate([[3.0], np.zeros(n_classes)]), jac=True, method="L-BFGS-B")
    return float(found.x[0]), np.asarray(found.x[1:])


def softmax(values: Array) -> Array:
    """Return each row's shares."""
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
