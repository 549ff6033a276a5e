"""Held-out folds: rows dealt at random into parts, of which each is told from the others."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array

FEWEST_ROWS = 50
"""In a smaller table nothing can be told on rows held out."""


def held_out_folds(n_rows: int, n_folds: int, seed: int, groups: Array | None, strata: Array | None = None) -> Array:
    """Return each row's fold, from 0, `(n_rows,)`; fewer folds where there are fewer rows, or groups.

    groups: `(n_rows,)`, which rows are not parted, but for a group with more than half of them, as the others would be
    too few to tell anything of it; None where each row is for itself.
    strata: `(n_rows,)` numbers, the rows of each of which are spread evenly where they have no groups.
    """
    rng = np.random.default_rng(seed)
    if groups is not None:
        names, unit, sizes = np.unique(groups, return_inverse=True, return_counts=True)
        large = 2 * sizes[unit] > n_rows
        unit[large] = len(names) + np.arange(large.sum())
        units, unit = np.unique(unit, return_inverse=True)
        return np.asarray((rng.permutation(len(units)) % n_folds)[unit])
    drawn = rng.permutation(n_rows)
    if strata is None:
        return np.asarray(drawn % n_folds)
    folds = np.empty(n_rows, dtype=np.int64)
    folds[drawn[np.argsort(strata[drawn], kind="stable")]] = np.arange(n_rows) % n_folds
    return folds
