"""Task by metric: the tasks that a named metric is for, where the target's values look like another."""

from __future__ import annotations

from typing import Any

import pandas as pd

from automl.plugin_api.specs import MetricSpec
from automl.registry import Registry
from automl.steps.plan.choose_metric import find_metric
from automl.vocabulary.task import Task, TaskKind

REPEATED = 2
"""Rows of one value, on average, from which numbers may be classes because a metric of classes is named."""


def task_by_metric(
    wanted: MetricSpec | str | Any, task: Task, target: pd.Series | pd.DataFrame, registry: Registry
) -> str | None:
    """Return the family of tasks that a metric is for, or the task, where it cannot score the one that was inferred.

    None where it can, where it is a function, which tells nothing, and where the values are hardly what the metric is
    for: text or booleans for one of numbers, and numbers that do not repeat for one of classes.
    """
    if not isinstance(wanted, str | MetricSpec) or isinstance(target, pd.DataFrame):
        return None
    metric = find_metric(wanted, task, registry.metrics) if isinstance(wanted, str) else wanted
    served = [spec for spec in registry.tasks.values() if TaskKind(spec.name) in metric.tasks and not spec.several]
    if task.is_one_of(metric.tasks) or not served:
        return None
    first = min(served, key=lambda spec: spec.rank)
    if not (_may_be_numbers(target) if "values" in first.submits else _may_be_classes(target)):
        return None
    meant = first.family or first.name
    return None if meant == registry.task_spec(task.kind).family else meant  # of two classes where there are more


def _may_be_numbers(target: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(target.dtype) and not pd.api.types.is_bool_dtype(target.dtype)


def _may_be_classes(target: pd.Series) -> bool:
    return bool(target.nunique() <= max(2, len(target) // REPEATED))
