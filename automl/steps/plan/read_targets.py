"""Read targets: one column or several, each read as a target of its own, and encoded side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.steps.plan.read_target import ReadTarget, check_types, encode_labels
from automl.vocabulary.arrays import Array
from automl.vocabulary.task import Task, in_words


@dataclass(frozen=True, slots=True)
class ReadTargets:
    """Several target columns, of the rows that have a value in each; see `TargetTable`."""

    columns: tuple[ReadTarget, ...]
    asked: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The names of the columns, in words."""
        return in_words([each.name for each in self.columns])

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0].values)

    def check(self) -> None:
        """Refuse columns of containers or of mixed types, and a table whose columns all have one value alone."""
        for each in self.columns:
            check_types(each.values, each.name)
        if all(each.values.nunique() < 2 for each in self.columns):
            raise InputError(
                f"Each of the {len(self.columns)} targets {self.name} has a single value in all {self.n_rows} rows; "
                f"expected one at least with different values or classes. Check the columns, or the rows that were "
                f"selected."
            )


def read_targets(
    target: pd.Series | pd.DataFrame,
    name: str,
    asked: str | None,
    sign: str = "",
    options: Mapping[str, Any] | None = None,
) -> ReadTarget | ReadTargets:
    """Return the ways to read a target of one column, or of several, which a frame has.

    `asked` is the task or family of tasks that the user named, `sign` the decimal sign of numbers as text that could be
    read in two ways, `options` those that the user gave for single tasks.
    """
    options = options or {}
    if isinstance(target, pd.Series):
        return ReadTarget(target, name, asked, sign, options)
    columns = (ReadTarget(target[each], str(each), asked, sign, options) for each in target.columns)
    return ReadTargets(tuple(columns), asked, options)


def encode_targets(target: pd.Series | pd.DataFrame, task: Task) -> Array:
    """Encode new values of one target or of several for a known task; a class that was not fitted is an error."""
    if isinstance(target, pd.Series):
        return encode_labels(target, task)
    columns = [encode_labels(target[each.target], each) for each in task.targets]
    return np.column_stack(columns)
