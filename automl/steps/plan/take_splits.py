"""Take the splits that a user gives: a scikit-learn splitter, or pairs of row numbers, as checked folds."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from automl.errors import InputError, OptionError
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import Fold, ResamplingPlan


def users_own(cv: Any, dataset: Dataset, kept: Array | None) -> ResamplingPlan:
    """Return the folds of a splitter, or of (train, valid) pairs of row numbers or masks.

    `kept` tells which of the user's rows the dataset holds: pairs, and splitters that hold a fold for each row, count
    all of them; other splitters see the kept rows alone. Groups that the folds split are told in a warning.
    """
    if isinstance(cv, str) or not (hasattr(cv, "split") or isinstance(cv, Iterable)):
        raise OptionError(
            f"Found cv={cv!r}; expected a number of folds, a scikit-learn splitter, or a list of (train, valid) index "
            f"pairs."
        )
    n_given = dataset.n_rows if kept is None else len(kept)
    if hasattr(cv, "split"):
        folds, description = _split(cv, dataset, kept, n_given), f"the user's {type(cv).__name__}"
    else:
        folds, description = _renumber(_folds(cv, n_given), kept, n_given), "the user's own index pairs"
        if not folds and isinstance(cv, Iterator):
            raise OptionError(
                "cv is a generator that has been read to its end, which can be done once; expected (train, valid) "
                "index pairs. Give cv=list(...), or the splitter itself."
            )
    _warn_of_split_groups(folds, description, dataset)
    return ResamplingPlan(folds, f"{len(folds)} folds of {description}")


def _split(cv: Any, dataset: Dataset, kept: Array | None, n_given: int) -> tuple[Fold, ...]:
    holds_rows = hasattr(cv, "test_fold")  # PredefinedSplit
    if holds_rows and len(cv.test_fold) != n_given:
        raise InputError(f"The {type(cv).__name__} given as cv has {len(cv.test_fold)} rows; the table has {n_given}.")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
            pairs = list(cv.split(np.zeros((dataset.n_rows, 1)), dataset.target, dataset.groups))
    except Exception as error:  # whatever a splitter raises, the user is told in one line
        hint = " Splitting by groups needs fit(..., groups=...)." if dataset.groups is None else ""
        raise InputError(
            f"The splitter {type(cv).__name__} given as cv cannot split this table of {dataset.n_rows} rows: {error} "
            f"Choose another one, or a number of folds.{hint}"
        ) from error
    return _renumber(_folds(pairs, n_given), kept, n_given) if holds_rows else _folds(pairs, dataset.n_rows)


def _warn_of_split_groups(folds: tuple[Fold, ...], description: str, dataset: Dataset) -> None:
    if dataset.groups is None or not _is_inside(folds, dataset.n_rows):
        return
    if any(len(np.intersect1d(dataset.groups[fold.train], dataset.groups[fold.valid])) for fold in folds):
        warnings.warn(
            f"The folds of {description} hold rows of one group on both sides, so the score may be optimistic. Leave "
            f"out cv, or use a splitter that keeps groups whole, such as GroupKFold.",
            UserWarning,
            stacklevel=2,
        )


def _is_inside(folds: tuple[Fold, ...], n_rows: int) -> bool:
    return all(rows.max(initial=0) < n_rows for fold in folds for rows in (fold.train, fold.valid))


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
