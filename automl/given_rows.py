"""Given rows: a user's table, with its target or without, as a fitted model reads it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from automl.errors import InputError
from automl.fitted_model import Fitted
from automl.steps.plan.read_target import encode_labels
from automl.table.open_table import with_names
from automl.table.read_like import opened
from automl.table.take_table import as_frame, is_unnamed, named_frame, score_groups, take_labelled
from automl.table.take_target import column_of
from automl.vocabulary.arrays import Array


def features_of(fitted: Fitted, X: Any) -> pd.DataFrame:
    """Return a table, or the path of a file, as a frame with the names of the fitted columns."""
    names = fitted.schema.given
    if isinstance(X, pd.Series) and len(names) > 1:
        raise InputError("Found a Series; expected a table. For one row of a frame use df.iloc[[0]].")
    frame = as_frame(opened(X, fitted.schema, fitted.task))
    return with_names(frame, names, fitted.kind) if is_unnamed(X) else frame


def features_and_values(fitted: Fitted, X: Any, y: Any) -> tuple[pd.DataFrame, pd.Series]:
    """Return a table that has the target, or comes with it, as features and target; y as in `fit`."""
    X = opened(X, fitted.schema, fitted.task)
    frame, target = named_frame(X), fitted.task.target
    if y is None and target not in frame.columns:
        raise InputError(f"The table has no column {target!r} to compare with; give y, or a table that has it.")
    name = column_of(target if y is None else y, frame, "target column")
    return take_labelled(X, features_of(fitted, X) if name is None else frame, y, name, fitted.schema.given)


def features_and_target(fitted: Fitted, X: Any, y: Any) -> tuple[pd.DataFrame, Array]:
    """Return what `features_and_values` does, the target as numbers; a label that was not fitted is an InputError."""
    frame, values = features_and_values(fitted, X, y)
    return frame, encode_labels(values, fitted.task)


def groups_of(fitted: Fitted, X: Any, groups: Any) -> Array | None:
    """Return the number of the group of each row of a table, None where there are none; groups as in `fit`.

    Of a task that is about groups they are by default in the column that they were in when it was fitted.
    """
    if groups is None and not fitted.task.grouped_by:
        return None
    frame = named_frame(opened(X, fitted.schema, fitted.task))
    if groups is None and fitted.task.grouped_by not in frame.columns:
        return None
    return score_groups(fitted.task.grouped_by if groups is None else groups, frame)
