"""Learn a metric: the features, and the directions between them, along which a fitted kernel machine changes."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array

WIDE = 300
"""With more features each has a weight of its own, and no directions between them are learnt."""
NEGLIGIBLE = 1e-6
"""Share of the largest below which a direction's weight counts as none."""
CLOSE = 1e-6
"""Share of the mean distance below which a matrix product cannot tell one from none."""
BLOCK_CELLS = 2**17
"""Cells that are multiplied at a time."""


def distances(points: Array, others: Array) -> Array:
    """Return Euclidean distances `(n_points, n_others)`, each worked out by itself."""
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(points, others))


def quick_distances(points: Array, others: Array) -> Array:
    """Return the same from a matrix product, which is some times as fast; below `CLOSE` of their mean they are 0."""
    middle = others.mean(axis=0)  # differences of large squares would be coarse
    points, others = points - middle, others - middle
    squares = np.square(points).sum(axis=1)[:, None] + np.square(others).sum(axis=1)
    squares -= 2.0 * (points @ others.T)
    np.maximum(squares, 0.0, out=squares)
    np.sqrt(squares, out=squares)
    squares[squares < CLOSE * squares.mean()] = 0.0
    return np.asarray(squares)


def laplace(apart: Array, width: float) -> Array:
    """Return the kernel of distances."""
    return np.asarray(np.exp(apart * (-1.0 / width)))


def gradient_products(matrix: Array, metric: Array, apart: Array, width: float, dual: Array, rows: Array) -> Array:
    """Return the mean outer product of a machine's gradients at some rows, `(n_features, n_features)`.

    It is the average gradient outer product of recursive feature machines (Radhakrishnan et al., Science 2024), summed
    over the targets. matrix `(n_rows, n_features)`; metric `(n_features, n_features)`, in which distances are
    `apart` `(n_rows, n_rows)`; dual `(n_rows, n_targets)`. Where the metric is `(n_features,)`, weights of single
    features, so is what is returned.
    """
    near = apart[rows]
    with np.errstate(divide="ignore"):
        pull = np.where(near > 0, laplace(near, width) / (width * near), 0.0)
    found = np.zeros(metric.shape)
    for coefficients in dual.T:
        toward = pull @ (coefficients[:, None] * matrix) - matrix[rows] * (pull @ coefficients)[:, None]
        found += (toward**2).sum(axis=0) if metric.ndim == 1 else toward.T @ toward
    found /= len(rows)
    return np.asarray(found * metric**2 if metric.ndim == 1 else metric @ found @ metric)


def power(metric: Array, exponent: float) -> Array:
    """Return a power of a metric, its mean weight set to 1."""
    if metric.ndim == 1:
        raised = np.maximum(metric, 0.0) ** exponent
        return np.asarray(raised / max(float(raised.mean()), 1e-300))
    values, vectors = _parts(metric)
    raised = values**exponent
    return np.asarray((vectors * (raised / max(float(raised.sum()) / len(metric), 1e-300))) @ vectors.T)


def root(metric: Array) -> Array:
    """Return the map to a space in which the metric's distances are Euclidean: `(n_features, n_directions)`, or
    `(n_features,)` for weights of single features."""
    if metric.ndim == 1:
        return np.asarray(np.sqrt(metric))
    values, vectors = _parts(metric)
    kept = values > NEGLIGIBLE * values.max()
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))


def place_rows(matrix: Array, mapped: Array) -> Array:
    """Return rows in that space, each by itself, so that one row gives what it gives among many."""
    if mapped.ndim == 1:
        return np.asarray(matrix * mapped)
    directions = np.ascontiguousarray(mapped.T)
    step = max(1, BLOCK_CELLS // directions.size)
    starts = range(0, max(1, len(matrix)), step)
    return np.concatenate([(matrix[start : start + step, None, :] * directions).sum(axis=2) for start in starts])


def _parts(metric: Array) -> tuple[Array, Array]:
    values, vectors = np.linalg.eigh(metric)
    return np.maximum(values, 0.0), vectors
