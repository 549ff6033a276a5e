"""Confusion matrix: what all metrics of predicted labels are worked out from."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array


def confusion_matrix(target: Array, labels: Array, weights: Array | None) -> Array:
    """Return the float64 weight of the rows of each true class (down) and predicted class (across), at least 2 x 2."""
    n_classes = max(int(target.max(initial=0)), int(labels.max(initial=0)), 1) + 1
    cells = np.asarray(target, dtype=np.int64) * n_classes + np.asarray(labels, dtype=np.int64)
    counts = np.bincount(cells, weights=weights, minlength=n_classes**2)
    return counts.astype(np.float64).reshape(n_classes, n_classes)


def per_class(confusion: Array) -> tuple[Array, Array, Array]:
    """Return for each class the weight of its hits, of its rows in truth, and of its rows as predicted."""
    return np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)


def f_scores(confusion: Array, beta: float = 1.0) -> Array:
    """Return the F score of each class, recall counting `beta` times as much; 0 for one neither there nor predicted."""
    hits, true, predicted = per_class(confusion)
    both = beta**2 * true + predicted
    return np.asarray((1.0 + beta**2) * hits / np.where(both > 0, both, 1.0))
