"""Spread what was given: rows that hold lists, such as sentences, become one row for each element."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.errors import InputError, OptionError
from automl.plugin_api.specs import TaskSpec
from automl.steps.plan.given import Given
from automl.table.list_cells import Spread, as_lists, spread_rows
from automl.table.take_table import Extras, as_frame, column_name, named_frame, read_given
from automl.table.take_target import compare_index
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.settings import SearchSettings


def spread_given(given: Given, asks: TaskSpec | None, settings: SearchSettings) -> tuple[Given, tuple[Finding, ...]]:
    """Return a table that the task takes in lists with one row for each element, and what to tell; any other as it is.

    Each row is then a group, named by a column of its own.
    """
    if asks is None or not asks.in_lists:
        return given, ()
    data, told = read_given(given.data, given.target)
    frame, name, lists = named_frame(data), given.target, as_lists(given.target)
    if lists is not None:
        told = (*told, *compare_index(data, given.target, "y"))
        if len(lists) != len(frame):
            raise InputError(
                f"Found {len(lists)} lists of the target for {len(frame)} rows; expected one for each row."
            )
        name = "target" if lists.name is None else column_name(lists.name)
        frame = frame.assign(**{name: lists.to_numpy(dtype=object)})
    found = spread_rows(frame, [column_name(name)] if np.isscalar(name) else [])
    if found is None:
        return Given(data, given.target, given.extras), told
    _refuse_others(given.extras, settings)
    extras = Extras(
        found.by, _weights(found, given.extras.sample_weight), None, _unlabeled(found, given.extras.unlabeled)
    )
    return Given(found.frame, name, extras), (*told, *_tell(found))


def _refuse_others(extras: Extras, settings: SearchSettings) -> None:
    """Refuse what says of rows that are lists how they belong together."""
    for what in ("groups", "time_column"):
        if getattr(extras, what) is not None:
            raise InputError(
                f"Found lists in the cells of the table, and {what}; expected none, as each row is a group by itself. "
                f"Leave {what} out, or give one row for each element."
            )
    if settings.cv is not None and not isinstance(settings.cv, int | np.integer):
        raise OptionError(
            "Found lists in the cells of the table, and cv as a splitter or index pairs; expected a number of folds, "
            "as their rows are not those that are learned from. Give one row for each element, or a number."
        )


def _weights(found: Spread, weights: Any) -> Any:
    """Return the weight of each element; a name is that of a column, which is repeated already."""
    is_one_each = not np.isscalar(weights) and hasattr(weights, "__len__") and len(weights) == len(found.lengths)
    return found.repeated(weights) if is_one_each else weights


def _unlabeled(found: Spread, unlabeled: Any) -> Any:
    if unlabeled is None:
        return None
    frame = as_frame(unlabeled) if not hasattr(unlabeled, "columns") else named_frame(unlabeled)
    other = spread_rows(frame, (), found.by)
    return unlabeled if other is None else other.frame


def _tell(found: Spread) -> list[Finding]:
    n_rows, n_empty = len(found.lengths), int((found.lengths == 0).sum())
    said = f"each of the {n_rows:,} rows holds lists, with {int(found.lengths.sum()):,} elements in all"
    done = f"each element is a row, and the column {found.by!r} says which row it is of"
    told = [Finding(Severity.NOTE, "rows", found.by, said, done)]
    if n_empty:
        said = f"{n_empty:,} of {n_rows:,} rows hold empty lists"
        told.append(Finding(Severity.NOTE, "rows", found.by, said, "there is nothing to learn from them"))
    return told
