"""Smoothed shares: the part of the rows that is of each class, as if some more were of each."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array


def smoothed_shares(target: Array, weights: Array | None, n_classes: int, added: float) -> Array:
    """Return `(n_classes,)` shares with so many rows added to each class.

    target: `(n_rows,)` class numbers. weights: `(n_rows,)`, in rows; None where each counts as one.
    """
    counts = np.bincount(np.asarray(target, dtype=np.int64), weights, minlength=n_classes) + added
    return np.asarray(counts / counts.sum())
