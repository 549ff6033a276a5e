"""Telling columns: which of many columns made of a text say something of the target, on rows not learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array, Dataset, TaskKind
from automl_builtins.mean_one import mean_one
from automl_builtins.preprocessors._held_out_folds import FEWEST_ROWS
from automl_builtins.preprocessors._held_out_gain import Unexplained, held_out_gains
from automl_builtins.preprocessors._quick_trees import Explained, goal_of, n_scores, sampled_rows
from automl_builtins.smoothed_shares import smoothed_shares

BINS = (3, 32)
"""Bins into which each column is cut, once for weak trends and once for crooked ones."""
LEAST_DEVIATIONS = 1.0
"""Standard errors by which what a column saves on held-out rows must lie above nothing."""
MOST_SHARE = 0.25
"""Share of telling columns from which all are kept: where so many tell something, so do the others a little."""
MOST_CLASSES = 10
"""Of more all columns are kept: looking at each class would take as long as a fit does."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Rows, by their position in the data, and what columns made of these rows may tell of them."""

    rows: Array
    unexplained: Unexplained


def untold_of(data: Dataset, seed: int) -> Untold | None:
    """Return what columns may tell of the data, as if nothing were known; None of few rows or many classes.

    None of several targets, too: a column that tells one of them may tell nothing of what all have in common.
    """
    target, kind = goal_of(data)
    if data.n_rows < FEWEST_ROWS or data.task.targets or n_scores(data, kind) > MOST_CLASSES:
        return None
    rows = sampled_rows(data.n_rows, seed)
    weights = None if data.weights is None else mean_one(data.weights[rows])
    target, groups = target[rows], None if data.groups is None else data.groups[rows]
    scores = np.repeat(_constant_scores(target, kind, weights, n_scores(data, kind))[None, :], len(rows), axis=0)
    return Untold(rows, Unexplained.beyond(Explained(scores, target, kind, weights, groups), seed))


def telling_columns(made: Array, untold: Untold | None) -> Array:
    """Return the positions of the columns worth keeping, in order.

    made: `(n_rows, n_columns)`, of the rows of the data; untold: of the same data. Each column is looked at by itself.
    Where many tell something, and where nothing can be told, all are kept; it may also be that none is.
    """
    n_columns = made.shape[1]
    if untold is None:
        return np.arange(n_columns)
    sample = made[untold.rows]
    tells = np.zeros(n_columns, dtype=bool)
    for n_bins in BINS:
        tells |= held_out_gains(sample, untold.unexplained, LEAST_DEVIATIONS, n_bins) > 0
    if tells.sum() >= MOST_SHARE * n_columns:
        return np.arange(n_columns)
    return np.flatnonzero(tells)


def _constant_scores(target: Array, kind: TaskKind, weights: Array | None, n_outputs: int) -> Array:
    """Return `(n_outputs,)`, the raw scores of the mean, or of the classes' shares."""
    if kind is TaskKind.REGRESSION:
        return np.array([np.average(target, weights=weights)])
    logs = np.log(smoothed_shares(target, weights, max(n_outputs, 2), added=0.5))
    return np.asarray(logs[1:] - logs[:1] if kind is TaskKind.BINARY else logs)
