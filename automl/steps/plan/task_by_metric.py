"""Task by metric: the tasks that a named metric is for, where the target's values look like another."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd

from automl.plugin_api.specs import MetricSpec
from automl.registry import Registry
from automl.steps.plan.choose_metric import find_metric
from automl.steps.plan.infer_task import decided_by_plugin
from automl.steps.plan.read_target import is_text
from automl.table.columns.type_columns import as_numbers
from automl.vocabulary.task import Task, TaskKind

REPEATED = 2
"""Rows of one value, on average, from which numbers may be classes because a metric of classes is named."""
NO_NUMBERS = (bool, np.bool_, pd.Timedelta, datetime.timedelta, np.timedelta64)
"""Types of values that could be read as numbers, of truth and of time, and that nobody calls so."""


def task_by_metric(
    wanted: MetricSpec | str | Any, task: Task, target: pd.Series | pd.DataFrame, registry: Registry
) -> str | None:
    """Return the family of tasks that a metric is for, or the task, where it cannot score the one that was inferred.

    None where it can, where it is a function, which tells nothing, where a plugin has decided, where the task has
    another table made, which is for the user to name, and where the values are hardly what the metric is for: words or
    booleans for one of numbers, numbers that do not repeat for one of classes. One of two classes alone means nothing
    by it: two values are classes anyway.
    """
    if not isinstance(wanted, str | MetricSpec) or isinstance(target, pd.DataFrame):
        return None
    metric = find_metric(wanted, task, registry.metrics) if isinstance(wanted, str) else wanted
    single = [spec for spec in registry.tasks.values() if not spec.several and spec.widen is None]
    served = [spec for spec in single if TaskKind(spec.name) in metric.tasks]
    if task.is_one_of(metric.tasks) or not served or decided_by_plugin(target, registry) is not None:
        return None
    first = min(served, key=lambda spec: spec.rank)
    meant = first.family or first.name
    claiming = [spec for spec in single if spec.claims is not None and (spec.family or spec.name) == meant]
    # Of the same family are two classes where there are more, or the other way round.
    if meant == registry.task_spec(task.kind).family or not all(spec in served for spec in claiming):
        return None
    return meant if (_may_be_numbers if "values" in first.submits else _may_be_classes)(target) else None


def _may_be_numbers(target: pd.Series) -> bool:
    """Tell whether all values are numbers, or text that can be read in one way as such; no booleans or categories."""
    known = target.dropna()
    if pd.api.types.is_numeric_dtype(target.dtype):
        return not pd.api.types.is_bool_dtype(target.dtype)
    return is_text(target) and not known.map(type).isin(NO_NUMBERS).any() and bool(np.isfinite(as_numbers(known)).all())


def _may_be_classes(target: pd.Series) -> bool:
    return bool(target.nunique() <= len(target) // REPEATED)
