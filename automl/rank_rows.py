"""Rank rows: the best rows of each group of a table, in the order of their scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError, OptionError
from automl.fitted_model import Fitted
from automl.given_rows import groups_of
from automl.table.read_like import opened
from automl.table.take_table import named_frame
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.outputs import gives_scores
from automl.vocabulary.task import Task

ADDED = {"rank": "predicted_rank", "score": "predicted_score"}
"""The columns that are added, and their names in a table that has columns of these names."""


def can_rank(task: Task) -> bool:
    """Tell whether there are scores by which rows are put in order; an AttributeError where there are none."""
    if not gives_scores(task):
        raise AttributeError(f"rank is for tasks whose outputs are scores; this is a {task.kind.value}. Use predict.")
    return True


def checked_count(k: Any) -> int | None:
    """Return how many rows of each group are wanted, None for all; an OptionError where that is no number of rows."""
    if k is not None and (isinstance(k, bool) or not hasattr(k, "__index__") or int(k) < 1):
        raise OptionError(f"Found k={k!r}; expected how many rows of each group to return: 1 or more, None for all.")
    return None if k is None else int(k)


def rank_rows(fitted: Fitted, X: Any, scores: Array, groups: Any, k: int | None) -> pd.DataFrame:
    """Return the best `k` rows of each group with their rank, from 1 on, and their score, `(n_rows,)` all in all.

    Groups come in the order in which they first stand in the table. Rows of equal scores are put in an order that
    follows from their content alone, never from their place.
    """
    numbers = groups_of(fitted, X, groups)
    if numbers is None:
        expected = f"the column {fitted.task.grouped_by!r}" if fitted.task.grouped_by else "groups="
        raise InputError(
            f"Found no groups to put rows in order within; expected {expected}, as when the model was fitted. Give "
            f"a table with that column, or groups=, the name of another column or an array."
        )
    frame = X if isinstance(X, pd.DataFrame) else named_frame(opened(X, fitted.schema, fitted.task))
    order = np.lexsort((_by_content(frame, scores, numbers), -scores, numbers))
    in_order = numbers[order]
    starts = np.flatnonzero(np.append(True, in_order[1:] != in_order[:-1])) if len(order) else order
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order)))) + 1
    kept = rank <= (len(order) if k is None else k)
    added = {"rank": rank[kept], "score": scores[order][kept]}
    names = {name: ADDED[name] if name in frame.columns else name for name in added}
    return frame.iloc[order[kept]].assign(**{names[name]: values for name, values in added.items()})


def _by_content(frame: pd.DataFrame, scores: Array, numbers: Array) -> Rows:
    """Return numbers that put rows of equal scores in order: a hash of what stands in them, 0 where no other is equal.

    Rows that are alike in all columns are the same, whatever their order.
    """
    pairs = pd.DataFrame({"group": numbers, "score": scores})
    tied = pairs.duplicated(keep=False).to_numpy()
    found = np.zeros(len(frame), dtype=np.uint64)
    if tied.any():
        texts = frame[tied].astype(str).agg("\x1f".join, axis=1)
        found[tied] = pd.util.hash_array(texts.to_numpy(dtype=object), categorize=False)
    return found
