"""Given rows: a user's table, with its target or without, as a fitted model reads it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.fitted_model import Fitted
from automl.steps.plan.read_targets import encode_targets
from automl.table.list_cells import Spread, as_lists, spread_rows
from automl.table.open_table import with_names
from automl.table.read_like import opened
from automl.table.take_table import as_frame, is_unnamed, named_frame, score_groups, take_labelled
from automl.table.take_target import columns_of
from automl.table.widen_table import widened
from automl.vocabulary.arrays import Array
from automl.vocabulary.task import Task


def laid_out(fitted: Fitted, X: Any, y: Any = None) -> tuple[Any, Any, Spread | None]:
    """Return a table and its target with one row for each element of its lists, where the task takes some, and how.

    Lists of the target are then a column of the table. A file comes as its table, all else as it is, with None.
    """
    X = opened(X, fitted.schema, fitted.task)
    if not fitted.predictor.in_lists or is_unnamed(X):
        return X, y, None
    frame, target, values = named_frame(X), fitted.task.target, as_lists(y)
    if values is not None:
        if len(values) != len(frame):
            raise InputError(
                f"Found {len(values)} lists of the target for {len(frame)} rows; expected one for each row."
            )
        frame = frame.assign(**{target: values.to_numpy(dtype=object)})
    known = [name for name in frame.columns if name in (*fitted.schema.given, target)]
    lists = spread_rows(frame[known], [target], fitted.task.grouped_by)
    if lists is None:
        return X, y, None
    return lists.frame, None if values is not None else y, lists


def features_of(fitted: Fitted, X: Any) -> pd.DataFrame:
    """Return a table, or the path of a file, as a frame with the names of the fitted columns."""
    X, _, _ = laid_out(fitted, X)
    names = fitted.schema.given
    if isinstance(X, pd.Series) and len(names) > 1:
        raise InputError("Found a Series; expected a table. For one row of a frame use df.iloc[[0]].")
    frame = as_frame(X)
    return _wide(fitted, with_names(frame, names, fitted.kind) if is_unnamed(X) else frame)


def features_and_values(fitted: Fitted, X: Any, y: Any) -> tuple[pd.DataFrame, pd.Series | pd.DataFrame]:
    """Return a table that has the target, or comes with it, as features and target; y as in `fit`."""
    X, y, _ = laid_out(fitted, X, y)
    frame, targets = named_frame(X), fitted.task.target_names
    for target in targets if y is None else ():
        if target not in frame.columns:
            raise InputError(f"The table has no column {target!r} to compare with; give y, or a table that has it.")
    names = targets if y is None else columns_of(y, frame, "target column")
    features = features_of(fitted, X) if names is None else frame
    frame, values = take_labelled(X, features, y, names, fitted.schema.given)
    return frame if names is None else _wide(fitted, frame), _as_fitted(values, fitted.task)


def _as_fitted(values: pd.Series | pd.DataFrame, task: Task) -> pd.Series | pd.DataFrame:
    """Return target values with the names of the fitted targets, in their order."""
    found = 1 if isinstance(values, pd.Series) else values.shape[1]
    if found != len(task.target_names):
        raise InputError(f"Found {found} target columns; expected {len(task.target_names)}: {task.target}.")
    if isinstance(values, pd.Series):
        return values
    names = [str(name) for name in values.columns]
    if set(names) == set(task.target_names):
        return values.set_axis(names, axis=1)[list(task.target_names)]
    if not all(isinstance(name, int | np.integer) for name in values.columns):
        raise InputError(f"Found the target columns {names[:10]}; expected those that were fitted: {task.target}.")
    return values.set_axis(list(task.target_names), axis=1)


def _wide(fitted: Fitted, frame: pd.DataFrame) -> pd.DataFrame:
    """Return plain columns as the task widens them, where it does: of the fitted columns, in their order."""
    if fitted.predictor.widen is None:
        return frame
    by, given = fitted.task.grouped_by, fitted.schema.given
    lacks = [name for name in (*given, by) if name not in frame.columns]
    if lacks:
        raise InputError(
            f"The table lacks the columns {lacks}; expected every column that the model was fitted on, and {by!r}, "
            f"which says which group each row is of. Found: {list(frame.columns)[:30]}."
        )
    groups = score_groups(by, frame)
    return frame if groups is None else widened(frame[list(given)], groups, fitted.predictor.widen)


def features_and_target(fitted: Fitted, X: Any, y: Any) -> tuple[pd.DataFrame, Array]:
    """Return what `features_and_values` does, the target as numbers; a label that was not fitted is an InputError."""
    frame, values = features_and_values(fitted, X, y)
    return frame, encode_targets(values, fitted.task)


def groups_of(fitted: Fitted, X: Any, groups: Any) -> Array | None:
    """Return the number of the group of each row of a table, None where there are none; groups as in `fit`.

    Of a task that is about groups they are by default in the column that they were in when it was fitted.
    """
    if groups is None and not fitted.task.grouped_by:
        return None
    frame = named_frame(laid_out(fitted, X)[0])
    if groups is None and fitted.task.grouped_by not in frame.columns:
        return None
    return score_groups(fitted.task.grouped_by if groups is None else groups, frame)
