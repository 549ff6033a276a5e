"""Class shares of a training fold, over all classes of the task, and predictions drawn slightly toward them."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array, Dataset
from automl_builtins.mean_one import mean_one
from automl_builtins.smoothed_shares import smoothed_shares


def class_shares(train: Dataset) -> Array:
    """Return `(n_outputs,)` weighted shares with one row added to every class, so that none is 0."""
    weights = None if train.weights is None else mean_one(train.weights)
    return smoothed_shares(train.target, weights, len(train.task.classes), added=1.0)


def label_shares(train: Dataset) -> Array:
    """Return `(n_labels,)` weighted shares of rows that have each label, with one row added to either side."""
    weights = np.ones(train.n_rows) if train.weights is None else mean_one(train.weights)
    return np.asarray((weights @ train.target + 1.0) / (weights.sum() + 2.0))


def draw_toward(probabilities: Array, shares: Array, rows: float) -> Array:
    """Return the probabilities as if `rows` predictions had been averaged with one of the class or label shares.

    A model that is certain and wrong on one row would otherwise spoil the log loss of all rows.
    """
    return np.asarray((rows * probabilities + shares) / (rows + 1.0))
