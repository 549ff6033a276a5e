"""Class shares of a training fold, over all classes of the task, and predictions drawn slightly toward them."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array, Dataset


def class_shares(train: Dataset) -> Array:
    """Return `(n_outputs,)` weighted shares with one row added to every class, so that none is 0."""
    weights = None if train.weights is None else train.weights * (train.n_rows / max(train.weights.sum(), 1e-12))
    counts = np.bincount(np.asarray(train.target, dtype=np.int64), weights, minlength=len(train.task.classes)) + 1.0
    return np.asarray(counts / counts.sum())


def label_shares(train: Dataset) -> Array:
    """Return `(n_labels,)` weighted shares of rows that have each label, with one row added to either side."""
    weights = np.ones(train.n_rows) if train.weights is None else train.weights / max(train.weights.mean(), 1e-12)
    return np.asarray((weights @ train.target + 1.0) / (weights.sum() + 2.0))


def draw_toward(probabilities: Array, shares: Array, rows: float) -> Array:
    """Return the probabilities as if `rows` predictions had been averaged with one of the class or label shares.

    A model that is certain and wrong on one row would otherwise spoil the log loss of all rows.
    """
    return np.asarray((rows * probabilities + shares) / (rows + 1.0))
