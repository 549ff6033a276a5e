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
from automl.steps.plan.read_targets import ReadTargets, read_targets
from automl.vocabulary.arrays import Array
from automl.vocabulary.task import Task, TaskKind

AUTO = "auto"


def infer_task(
    target: pd.Series | pd.DataFrame,
    name: str,
    wanted: str | None,
    registry: Registry,
    sign: str = "",
    options: Mapping[str, Any] | None = None,
) -> tuple[Task, Array]:
    """Return the task and the target as class numbers (int64) or values (float64); of a frame those of each column.

    `wanted` is the name of a task, or of a family of tasks. `sign` is the decimal sign of numbers as text that could be
    read in two ways, where the user or the table tells it. `options` are those for single tasks, by their names.
    """
    column = read_targets(target, name, None if wanted == AUTO else wanted, sign, options or {})
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


def _taken(spec: TaskSpec, column: ReadTarget | ReadTargets) -> tuple[Task, Array]:
    try:
        task, encoded = spec.take(column)
        _check_taken(spec, task, np.asarray(encoded), column)
    except AutoMLError:
        raise
    except BREAKS as error:
        raise PluginError(
            f"The task {spec.name!r} cannot take the target {column.name!r}: {error_line(error)}. Tell the author of "
            f"the plugin, or name another task."
        ) from error
    return task, encoded


def _check_taken(spec: TaskSpec, task: Any, encoded: Array, column: ReadTarget | ReadTargets) -> None:
    """Raise a ValueError where a task has made something else of a target than it should."""
    if not isinstance(task, Task) or task.kind.value != spec.name:
        raise ValueError(f"it made {task!r}; expected a Task of the kind {spec.name!r}")
    width = (len(column.columns),) if isinstance(column, ReadTargets) else ()
    shape = (column.n_rows, *width)
    if encoded.shape != shape or len(task.targets) != sum(width):
        raise ValueError(f"it encoded {column.n_rows} rows as an array of shape {encoded.shape}; expected {shape}")
    for each, values in zip(task.targets, encoded.T, strict=False):
        _check_classes(each, values.astype(np.int64))
    _check_classes(task, encoded)


def _check_classes(task: Task, encoded: Array) -> None:
    n_classes = len(task.classes)
    if n_classes and (encoded.dtype.kind not in "iu" or encoded.min() < 0 or encoded.max() >= n_classes):
        raise ValueError(f"its class numbers are {encoded.dtype}; expected whole numbers from 0 to {n_classes - 1}")


def check_task_name(wanted: str | None, registry: Registry) -> None:
    """Refuse the name of a task, or family of tasks, that no plugin offers."""
    known = [AUTO, *dict.fromkeys(each for spec in _ranked(registry) for each in (spec.family, spec.name) if each)]
    if wanted is not None and wanted not in known:
        raise OptionError(unknown_name("task", wanted, known))


def _find(column: ReadTarget | ReadTargets, registry: Registry) -> TaskSpec:
    """Return the task that is named, that a plugin decides for, or that claims the target before others do."""
    several = isinstance(column, ReadTargets)
    named = registry.tasks.get(column.asked or "")
    if named is not None and named.several == several:
        return named
    if column.asked is None and isinstance(column, ReadTarget):
        decided = decided_by_plugin(column.values, registry)
        if decided is not None:
            return registry.task_spec(decided)
    for spec in _ranked(registry):
        if spec.several != several or column.asked not in (None, spec.family) or spec.claims is None:
            continue
        if registry.ask_task(spec, partial(spec.claims, column), otherwise=False):
            return spec
    if named is not None:
        raise OptionError(_wants_others(named, column, registry))
    raise OptionError(
        f"No task claims the target {column.name!r}; expected one of those that plugins offer: "
        f"{', '.join(registry.tasks) or 'there are none'}. Name it by task=."
    )


def decided_by_plugin(target: pd.Series, registry: Registry) -> TaskKind | None:
    """Return the task that a plugin takes a target for, before any task is asked whether it claims it."""
    decided = registry.decide("automl_infer_task", target=target.copy())
    return decided if isinstance(decided, TaskKind) else None


def _wants_others(named: TaskSpec, column: ReadTarget | ReadTargets, registry: Registry) -> str:
    """Say that a task is for several target columns and there is one, or the other way round."""
    if named.several:
        return (
            f"The task {named.name!r} is for several target columns; found one, {column.name!r}. Name them all, such "
            f"as fit(df, [{column.name!r}, ...]), or leave task= out."
        )
    others = [spec.name for spec in _ranked(registry) if spec.several]
    return (
        f"The task {named.name!r} is for one target column; found several: {column.name}. Name one of them, or leave "
        f"task= out, or name a task for several columns: {', '.join(others) or 'there are none'}."
    )


def _ranked(registry: Registry) -> list[TaskSpec]:
    return sorted(registry.tasks.values(), key=lambda spec: spec.rank)
