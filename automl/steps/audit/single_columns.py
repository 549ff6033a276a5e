"""Single columns: how much of a target one column alone tells, by cross-fitted means and trees."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.vocabulary.arrays import Array
from automl.vocabulary.schema import Column, ColumnKind

MOST_BINS = 64
ROWS_PER_BIN = 8
WORTH_A_TREE = 0.5
"""Skill of the bins from which a tree, which finds the exact threshold and takes longer, is grown as well."""


def column_skill(values: Any, column: Column, target: Array, rng: np.random.Generator) -> float:
    """Return the share of the target's variance that the column explains on rows that it was not learnt from.

    values: stored, `(n_rows,)`. target: `(n_rows, n_outputs)`. At most 1; below 0 where what was learnt does harm.
    """
    half = rng.permutation(len(target)) % 2 == 0
    total = float(((target - target.mean(axis=0)) ** 2).sum())
    if total <= 0 or half.all():
        return 0.0
    codes = _codes(values, column)
    skill = 1.0 - sum(_error_of_bins(codes, target, half == side) for side in (True, False)) / total
    if column.kind is ColumnKind.CATEGORICAL or skill < WORTH_A_TREE:
        return skill
    return max(skill, 1.0 - sum(_error_of_tree(values, target, half == side) for side in (True, False)) / total)


def _codes(values: Any, column: Column) -> Array:
    """Return a bin number for each stored value: quantiles of numbers, each category by itself, 0 for missing."""
    if column.kind is ColumnKind.CATEGORICAL:
        return np.asarray(values, dtype=np.int64) + 1
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    ordered = np.sort(numbers[known])
    n_bins = int(max(2, min(MOST_BINS, len(ordered) // ROWS_PER_BIN)))
    edges = (
        np.unique(ordered[np.linspace(0, len(ordered) - 1, n_bins + 1).astype(np.int64)]) if len(ordered) else ordered
    )
    codes = np.zeros(len(numbers), dtype=np.int64)
    codes[known] = np.searchsorted(edges, numbers[known], side="left") + 1
    return codes


def _error_of_bins(codes: Array, target: Array, fitted: Array) -> float:
    """Return the squared error on the other rows of the bins' means over the fitted ones."""
    n_bins = int(codes.max()) + 1
    counts = np.bincount(codes[fitted], minlength=n_bins)
    middle, error = target[fitted].mean(axis=0), 0.0
    for output in range(target.shape[1]):
        sums = np.bincount(codes[fitted], target[fitted, output], minlength=n_bins)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), middle[output])
        error += float(((target[~fitted, output] - means[codes[~fitted]]) ** 2).sum())
    return error


def _error_of_tree(values: Any, target: Array, fitted: Array) -> float:
    from sklearn.tree import DecisionTreeRegressor

    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    numbers = np.where(known, numbers, numbers[known].min() - 1.0)[:, None]
    tree = DecisionTreeRegressor(max_depth=5, min_samples_leaf=3, random_state=0)
    found = tree.fit(numbers[fitted], target[fitted]).predict(numbers[~fitted])
    return float(((target[~fitted] - found.reshape(-1, target.shape[1])) ** 2).sum())
