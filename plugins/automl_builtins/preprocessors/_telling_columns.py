"""Telling columns: which of many columns made of a text say something of the target, on rows not learned."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array, Dataset, TaskKind
from automl_builtins.preprocessors._held_out_gain import held_out_gains
from automl_builtins.preprocessors._quick_trees import Explained, goal_of, mean_one, sampled_rows

BINS = (3, 32)
"""Bins into which each column is cut, once for weak trends and once for crooked ones."""
LEAST_DEVIATIONS = 1.0
"""Standard errors by which what a column saves on held-out rows must lie above nothing."""
MOST_SHARE = 0.25
"""Share of telling columns from which all are kept: where so many tell something, so do the others a little."""
FEWEST_ROWS = 50
"""In a smaller table nothing can be told."""
MOST_OUTPUTS = 10
"""Of more classes all columns are kept: looking at each class would take as long as a fit does."""


def telling_columns(made: Array, data: Dataset, seed: int) -> Array:
    """Return the positions of the columns worth keeping, in order.

    made: `(n_rows, n_columns)`, of the rows of the data. Each column is looked at by itself, as if nothing else were
    known. Where many tell something, and of few rows or many classes, all are kept; it may also be that none is.
    """
    n_rows, n_columns = made.shape
    if n_rows < FEWEST_ROWS or data.task.n_outputs > MOST_OUTPUTS:
        return np.arange(n_columns)
    rows = sampled_rows(n_rows, seed)
    sample, nothing = made[rows], _nothing_known(data, rows)
    tells = np.zeros(n_columns, dtype=bool)
    for n_bins in BINS:
        tells |= held_out_gains(sample, nothing, LEAST_DEVIATIONS, seed, n_bins) > 0
    if tells.sum() >= MOST_SHARE * n_columns:
        return np.arange(n_columns)
    return np.flatnonzero(tells)


def _nothing_known(data: Dataset, rows: Array) -> Explained:
    """Return what is explained of the rows without any column: every row has the scores of the mean."""
    target, kind = goal_of(data)
    target, weights = target[rows], mean_one(None if data.weights is None else data.weights[rows])
    if kind is TaskKind.REGRESSION:
        scores = np.array([np.average(target, weights=weights)])
    else:
        n_classes = 2 if kind is TaskKind.BINARY else data.task.n_outputs
        counts = np.bincount(target.astype(np.int64), weights=weights, minlength=n_classes) + 0.5
        logs = np.log(counts / counts.sum())
        scores = logs[1:] - logs[:1] if kind is TaskKind.BINARY else logs
    groups = None if data.groups is None else data.groups[rows]
    return Explained(np.zeros(0), np.repeat(scores[None, :], len(rows), axis=0), target, kind, weights, groups)
