"""Take the splits that a user gives: a scikit-learn splitter, or pairs of row numbers, as checked folds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from automl.errors import InputError, OptionError
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import Fold, ResamplingPlan


def users_own(cv: Any, dataset: Dataset, kept: Array | None) -> ResamplingPlan:
    """Return the folds of a splitter, or of (train, valid) pairs of row numbers or masks.

    `kept` tells which of the user's rows the dataset holds: pairs, and splitters that hold a fold for each row, count
    all of them; other splitters see the kept rows alone.
    """
    if not hasattr(cv, "split"):
        if not isinstance(cv, Iterable) or isinstance(cv, str):
            raise OptionError(
                f"Found cv={cv!r}; expected a number of folds, a scikit-learn splitter, or a list of (train, valid) "
                f"index pairs."
            )
        n_given = dataset.n_rows if kept is None else len(kept)
        return ResamplingPlan(_renumber(_folds(cv, n_given), kept, n_given), "the user's own index pairs")
    try:
        pairs = list(cv.split(np.zeros((dataset.n_rows, 1)), dataset.target, dataset.groups))
    except Exception as error:  # whatever a splitter raises, the user is told in one line
        raise InputError(
            f"The splitter {type(cv).__name__} given as cv cannot split this table: {error} "
            f"(A splitter by groups needs fit(..., groups=...).)"
        ) from error
    holds_rows = hasattr(cv, "test_fold")  # PredefinedSplit
    n_given = len(cv.test_fold) if holds_rows else dataset.n_rows
    if holds_rows and n_given != (dataset.n_rows if kept is None else len(kept)):
        raise InputError(f"The PredefinedSplit given as cv has {n_given} rows; the table has {dataset.n_rows}.")
    folds = _renumber(_folds(pairs, n_given), kept if holds_rows else None, n_given)
    return ResamplingPlan(folds, f"{len(pairs)} folds of the user's {type(cv).__name__}")


def _folds(pairs: Iterable[Any], n_rows: int) -> tuple[Fold, ...]:
    try:
        return tuple(Fold(_rows(train, n_rows), _rows(valid, n_rows)) for train, valid in pairs)
    except (TypeError, ValueError) as error:
        raise OptionError(
            f"cv holds something other than (train rows, valid rows) pairs: {error}. Expected row numbers from 0, or "
            f"masks of {n_rows} booleans."
        ) from error


def _rows(given: Any, n_rows: int) -> Rows:
    """Return row numbers from row numbers or from a mask."""
    rows = np.asarray(given)
    if rows.size == 0:
        return np.zeros(0, dtype=np.int64)
    if rows.dtype == bool and rows.shape == (n_rows,):
        return np.flatnonzero(rows)
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise ValueError(f"found an array of shape {rows.shape} and type {rows.dtype}")
    return rows.astype(np.int64)


def _renumber(folds: tuple[Fold, ...], kept: Array | None, n_given: int) -> tuple[Fold, ...]:
    """Turn row numbers of the user's table into those of the rows that were kept."""
    if kept is None:
        return folds
    for fold in folds:
        both = np.concatenate([fold.train, fold.valid])
        outside = both[(both < 0) | (both >= n_given)]
        if len(outside):
            raise InputError(f"cv names row {outside[0]}; expected row numbers from 0 to {n_given - 1}.")
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    moved = ((number[fold.train], number[fold.valid]) for fold in folds)
    return tuple(Fold(train[train >= 0], valid[valid >= 0]) for train, valid in moved)
