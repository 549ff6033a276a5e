"""Strata of several targets: rows with the same labels, rare combinations together; of values, rows that lie near."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array, Task
from automl_builtins.first_component import first_component

OWN_STRATUM = 10
"""Rows that share a combination of labels from which on they are a stratum of their own."""
ROWS_OF_BIN = 10


def strata_of_targets(target: Array, task: Task) -> Array:
    """Return the stratum of each row, `(n_rows,)` whole numbers from 0 on.

    Rows of one combination of labels are a stratum. Those of a rare one go by the rarest of the labels that they have,
    which is the one that a fold would most likely lack (Sechidis, Tsoumakas and Vlahavas, "On the stratification of
    multi-label data", ECML PKDD 2011, deal the rarest label first likewise). Without classes they are neighbours along
    the first principal component of the values.
    """
    classes = [number for number, each in enumerate(task.targets) if each.has_classes]
    if not classes:
        return _bins(np.asarray(target, dtype=np.float64))
    labels = target[:, classes].astype(np.int64)
    _, combination, counts = np.unique(labels, axis=0, return_inverse=True, return_counts=True)
    combination = combination.ravel()
    rare = counts[combination] < OWN_STRATUM
    if rare.any():
        combination = np.where(rare, len(counts) + _rarest(labels), combination)
    return np.unique(combination, return_inverse=True)[1].ravel()


def _rarest(labels: Array) -> Array:
    """Return for each row the number of its rarest label among all labels of all targets."""
    sizes = labels.max(axis=0) + 1
    starts = np.cumsum(sizes) - sizes
    numbers = labels + starts
    counts = np.bincount(numbers.ravel(), minlength=int(sizes.sum()))
    order = np.lexsort((np.arange(len(counts)), counts))
    rank = np.empty(len(counts), dtype=np.int64)
    rank[order] = np.arange(len(counts))
    return np.asarray(order[rank[numbers].min(axis=1)])


def _bins(values: Array) -> Array:
    """Return the bin of each row along the direction in which the values, each on one scale, differ most."""
    along = first_component(values)
    edges = np.quantile(along, np.linspace(0.0, 1.0, max(2, len(along) // ROWS_OF_BIN) + 1)[1:-1])
    return np.unique(np.searchsorted(np.unique(edges), along, side="right"), return_inverse=True)[1].ravel()
