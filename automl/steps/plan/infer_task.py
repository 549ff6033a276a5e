"""Infer the task: the one that is named, or else the first that claims the target, takes it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import AutoMLError, OptionError, PluginError, error_line, unknown_name
from automl.plugin_api.specs import TaskSpec
from automl.registry import BREAKS, Registry
from automl.steps.plan.read_target import ReadTarget
from automl.vocabulary.arrays import Array
from automl.vocabulary.task import Task, TaskKind

AUTO = "auto"


def infer_task(
    target: pd.Series,
    name: str,
    wanted: str | None,
    registry: Registry,
    sign: str = "",
    options: Mapping[str, Any] | None = None,
) -> tuple[Task, Array]:
    """Return the task and the target as class numbers (int64) or values (float64).

    `wanted` is the name of a task, or of a family of tasks. `sign` is the decimal sign of numbers as text that could be
    read in two ways, where the user or the table tells it. `options` are those for single tasks, by their names.
    """
    column = ReadTarget(target, name, None if wanted == AUTO else wanted, sign, options or {})
    column.check()
    check_task_name(column.asked, registry)
    spec = _find(column, registry)
    _check_options(spec, column.options, registry)
    return _taken(spec, column)


def _check_options(spec: TaskSpec, options: Mapping[str, Any], registry: Registry) -> None:
    """Refuse an option that was given for another task than the one that the target is taken for."""
    for name, value in options.items():
        if value is not None and name not in spec.options:
            readers = [each.name for each in registry.tasks.values() if name in each.options]
            raise OptionError(
                f"Found {name}={value!r} for a {spec.name} task, which has no use for it; expected it with "
                f"{' or '.join(f'task={reader!r}' for reader in readers) or 'a task of a plugin that is not here'}. "
                f"Name that task, or leave the option out."
            )


def _taken(spec: TaskSpec, column: ReadTarget) -> tuple[Task, Array]:
    try:
        task, encoded = spec.take(column)
        _check_taken(spec, task, np.asarray(encoded), len(column.values))
    except AutoMLError:
        raise
    except BREAKS as error:
        raise PluginError(
            f"The task {spec.name!r} cannot take the target {column.name!r}: {error_line(error)}. Tell the author of "
            f"the plugin, or name another task."
        ) from error
    return task, encoded


def _check_taken(spec: TaskSpec, task: Any, encoded: Array, n_rows: int) -> None:
    """Raise a ValueError where a task has made something else of a target than it should."""
    if not isinstance(task, Task) or task.kind.value != spec.name:
        raise ValueError(f"it made {task!r}; expected a Task of the kind {spec.name!r}")
    if encoded.shape != (n_rows,):
        raise ValueError(f"it encoded {n_rows} values as an array of shape {encoded.shape}; expected {(n_rows,)}")
    n_classes = len(task.classes)
    if n_classes and (encoded.dtype.kind not in "iu" or encoded.min() < 0 or encoded.max() >= n_classes):
        raise ValueError(f"its class numbers are {encoded.dtype}; expected whole numbers from 0 to {n_classes - 1}")


def check_task_name(wanted: str | None, registry: Registry) -> None:
    """Refuse the name of a task, or family of tasks, that no plugin offers."""
    known = [AUTO, *dict.fromkeys(each for spec in _ranked(registry) for each in (spec.family, spec.name) if each)]
    if wanted is not None and wanted not in known:
        raise OptionError(unknown_name("task", wanted, known))


def _find(column: ReadTarget, registry: Registry) -> TaskSpec:
    """Return the task that is named, that a plugin decides for, or that claims the target before others do."""
    named = registry.tasks.get(column.asked or "")
    if named is not None:
        return named
    if column.asked is None:
        decided = registry.decide("automl_infer_task", target=column.values.copy())
        if isinstance(decided, TaskKind):
            return registry.task_spec(decided)
    for spec in _ranked(registry):
        if column.asked not in (None, spec.family) or spec.claims is None:
            continue
        if registry.ask_task(spec, partial(spec.claims, column), otherwise=False):
            return spec
    raise OptionError(
        f"No task claims the target {column.name!r}; expected one of those that plugins offer: "
        f"{', '.join(registry.tasks) or 'there are none'}. Name it by task=."
    )


def _ranked(registry: Registry) -> list[TaskSpec]:
    return sorted(registry.tasks.values(), key=lambda spec: spec.rank)
