"""Plan the resampling, once per search: which rows train and which validate, for candidates and ensemble alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError, OptionError
from automl.registry import Registry
from automl.steps.read_dates import date_seconds
from automl.steps.type_columns import type_column
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.schema import ColumnKind
from automl.vocabulary.settings import SearchSettings

HOLDOUT_ROWS = 200_000
"""From this many rows on, one holdout judges as well as several folds and costs a fraction."""
HOLDOUT_SHARE = 0.1
MOST_HOLDOUT_ROWS = 50_000
CELLS_PER_SECOND = 4e5
"""Rows x columns x outputs that one core fits per second with a typical boosted model, for choosing the folds."""


def plan_resampling(
    dataset: Dataset,
    settings: SearchSettings,
    registry: Registry,
    time: Array | None = None,
    kept: Array | None = None,
) -> ResamplingPlan:
    """Return the folds: the user's own, a plugin's, or those that suit the rows, groups, time order and budget.

    `time` holds one sortable value a row and asks for folds that validate on later rows than they train on. `kept`
    tells which of the user's rows the dataset holds, where some were dropped: the user's index pairs count them all.
    """
    decided = registry.decide("automl_plan_resampling", dataset=dataset, settings=settings)
    if isinstance(decided, ResamplingPlan):
        return _checked(decided, dataset.n_rows)
    if settings.cv is not None and not isinstance(settings.cv, int | np.integer):
        return _checked(_users_own(settings.cv, dataset, kept), dataset.n_rows)
    rng = np.random.default_rng([settings.random_state, 101])
    n_folds = (
        _check_count(int(settings.cv), dataset.n_rows) if settings.cv is not None else choose_folds(dataset, settings)
    )
    if time is not None:
        return _checked(time_ordered(time, max(2, n_folds)), dataset.n_rows)
    if dataset.groups is not None:
        return _checked(_grouped(dataset, max(2, n_folds), settings.random_state), dataset.n_rows)
    if n_folds == 1:
        return holdout(dataset, rng)
    return stratified(dataset, n_folds, rng)


def choose_folds(dataset: Dataset, settings: SearchSettings) -> int:
    """Return the number of folds for this many rows and this budget; 1 stands for a holdout."""
    n_rows = dataset.n_rows
    if n_rows >= HOLDOUT_ROWS:
        return 1
    wanted = 8 if n_rows <= 3_000 else 5
    if settings.time_limit is not None:
        cells = n_rows * dataset.n_features * max(1, dataset.task.n_outputs if dataset.task.n_outputs > 2 else 1)
        affordable = settings.time_limit * settings.n_jobs / 10.0 * CELLS_PER_SECOND / max(1, cells)
        if affordable < wanted:
            wanted = 5 if affordable >= 4 else 3 if affordable >= 1.5 else 1 if n_rows >= 20_000 else 3
    return int(min(wanted, max(2, n_rows // 2)))


def stratified(dataset: Dataset, n_folds: int, rng: np.random.Generator) -> ResamplingPlan:
    """Deal the rows of each class, or of neighbouring target values, evenly over the folds.

    A class with fewer rows than folds stands in as many folds as it has rows; no row is ever copied.
    """
    fold_of_row = deal(dataset, n_folds, rng)
    rows = np.arange(dataset.n_rows)
    folds = tuple(Fold(rows[fold_of_row != k], rows[fold_of_row == k]) for k in range(n_folds))
    how = "stratified by class" if dataset.task.kind.is_classification else "stratified by target value"
    return ResamplingPlan(folds, f"{n_folds}-fold cross-validation, {how}")


def deal(dataset: Dataset, n_folds: int, rng: np.random.Generator) -> Rows:
    """Return a fold number for each row, dealt round by round down the rows sorted by target."""
    order = rng.permutation(dataset.n_rows)
    order = order[np.argsort(dataset.target[order], kind="stable")]
    dealt = np.empty(dataset.n_rows, dtype=np.int64)
    for start in range(0, len(order), n_folds):
        block = order[start : start + n_folds]
        dealt[block] = rng.permutation(n_folds)[: len(block)]
    if dataset.task.kind.is_classification:  # whole rounds across class borders would leave a class uneven
        position = 0
        for code in np.unique(dataset.target):
            block = order[dataset.target[order] == code]
            dealt[block] = (position + np.arange(len(block))) % n_folds
            position += len(block)
    return dealt


def holdout(dataset: Dataset, rng: np.random.Generator) -> ResamplingPlan:
    """Hold out one stratified share of the rows."""
    n_valid = int(min(MOST_HOLDOUT_ROWS, max(1, round(HOLDOUT_SHARE * dataset.n_rows))))
    n_parts = max(2, round(dataset.n_rows / n_valid))
    held = deal(dataset, n_parts, rng) == 0
    rows = np.arange(dataset.n_rows)
    share = held.mean()
    return ResamplingPlan((Fold(rows[~held], rows[held]),), f"one stratified holdout of {share:.1%} of the rows")


def time_ordered(time: Array, n_folds: int) -> ResamplingPlan:
    """Cut the rows into `n_folds + 1` stretches of time; each but the first is validated on all that is earlier.

    Rows of one moment stay on one side of a cut.
    """
    moments, position = np.unique(time, return_inverse=True)
    if len(moments) < 3:
        raise InputError(f"The time column has {len(moments)} distinct values; expected at least 3 to cut folds by.")
    n_folds = min(n_folds, len(moments) - 1)
    cumulative = np.cumsum(np.bincount(position)) / len(time)
    stretch = np.minimum((cumulative * (n_folds + 1) - 1e-9).astype(int), n_folds)[position]
    rows = np.arange(len(time))
    folds = tuple(
        Fold(rows[stretch < k], rows[stretch == k])
        for k in range(1, n_folds + 1)
        if (stretch == k).any() and (stretch < k).any()
    )
    return ResamplingPlan(folds, f"{len(folds)} folds in order of time, each validated on later rows")


def sortable_time(values: pd.Series) -> Array:
    """Return the values of a time column as numbers that sort in order of time."""
    column = type_column(values.rename("time"))
    if column.kind is ColumnKind.DATETIME:
        numbers = date_seconds(values, column.date_format)
    else:
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    missing = int(np.isnan(numbers).sum())
    if missing:
        raise InputError(
            f"The time column has {missing} values that are neither dates nor numbers; expected one for each row."
        )
    return np.asarray(numbers)


def _grouped(dataset: Dataset, n_folds: int, seed: int) -> ResamplingPlan:
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    assert dataset.groups is not None
    n_groups = len(np.unique(dataset.groups))
    if n_groups < 2:
        raise InputError("Found a single group; expected at least 2, so that one can be held out.")
    n_folds = min(n_folds, n_groups)
    dummy = np.zeros(dataset.n_rows)
    if dataset.task.kind.is_classification and np.bincount(dataset.target).max() >= n_folds:
        pairs = list(
            StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed).split(dummy, dataset.target, dataset.groups)
        )
        pairs = pairs if all(len(valid) and len(train) for train, valid in pairs) else []
        if pairs:
            return ResamplingPlan(_folds(pairs), f"{n_folds} folds, groups kept whole, stratified by class")
    pairs = list(GroupKFold(n_folds, shuffle=True, random_state=seed).split(dummy, dataset.target, dataset.groups))
    return ResamplingPlan(_folds(pairs), f"{n_folds} folds, groups kept whole")


def _users_own(cv: Any, dataset: Dataset, kept: Array | None) -> ResamplingPlan:
    if hasattr(cv, "split"):
        try:
            pairs = list(cv.split(np.zeros((dataset.n_rows, 1)), dataset.target, dataset.groups))
        except (TypeError, ValueError) as error:
            raise InputError(f"The splitter given as cv cannot split this table: {error}") from error
        return ResamplingPlan(_folds(pairs), f"{len(pairs)} folds of the user's {type(cv).__name__}")
    if (isinstance(cv, Sequence) and not isinstance(cv, str)) or hasattr(cv, "__iter__"):
        return ResamplingPlan(_renumber(_folds(list(cv)), kept), "the user's own index pairs")
    raise OptionError(
        f"Found cv={cv!r}; expected a number of folds, a scikit-learn splitter, or a list of (train, valid) index pairs."
    )


def _renumber(folds: tuple[Fold, ...], kept: Array | None) -> tuple[Fold, ...]:
    """Turn row numbers of the user's table into those of the rows that were kept."""
    if kept is None:
        return folds
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    moved = ((number[fold.train], number[fold.valid]) for fold in folds)
    return tuple(Fold(train[train >= 0], valid[valid >= 0]) for train, valid in moved)


def _folds(pairs: Sequence[Any]) -> tuple[Fold, ...]:
    try:
        return tuple(
            Fold(np.asarray(train, dtype=np.int64).ravel(), np.asarray(valid, dtype=np.int64).ravel())
            for train, valid in pairs
        )
    except (TypeError, ValueError) as error:
        raise OptionError(f"cv holds something other than (train rows, valid rows) pairs: {error}") from error


def _check_count(n_folds: int, n_rows: int) -> int:
    if not 2 <= n_folds <= n_rows:
        raise OptionError(f"Found cv={n_folds}; expected 2 to {n_rows} folds for a table of {n_rows} rows.")
    return n_folds


def _checked(plan: ResamplingPlan, n_rows: int) -> ResamplingPlan:
    """Refuse folds that are empty, reach outside the table, or share a row between training and validation."""
    if not plan.folds:
        raise InputError("The resampling plan has no folds; expected at least one.")
    for number, fold in enumerate(plan.folds):
        where = f"Fold {number} of {plan.description}"
        if not len(fold.train) or not len(fold.valid):
            raise InputError(f"{where} has {len(fold.train)} training and {len(fold.valid)} validation rows.")
        both = np.concatenate([fold.train, fold.valid])
        if both.min() < 0 or both.max() >= n_rows:
            raise InputError(f"{where} names row {both.max()}; the table has rows 0 to {n_rows - 1}.")
        shared = np.intersect1d(fold.train, fold.valid)
        if len(shared):
            raise InputError(
                f"{where} has {len(shared)} rows on both sides, such as row {shared[0]}; a row that trains cannot judge."
            )
    return plan
