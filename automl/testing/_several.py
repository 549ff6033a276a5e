"""Made-up targets of several columns: the task that a spec makes of them, and predictions of each column."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.plugin_api import Array, Task, TaskKind, TaskSpec
from automl.registry import discover
from automl.steps.plan.read_targets import ReadTargets, read_targets

N_ROWS = 200
LABELS: dict[str, tuple[object, ...]] = {"first": (0, 1), "second": ("no", "yes"), "third": (False, True)}
VALUES: dict[str, tuple[object, ...]] = {"first": (0.5, 1.25, 7.0, 9.5), "second": (-3.5, 4.25, 11.5)}
MIXED: dict[str, tuple[object, ...]] = {"first": ("a", "b", "c"), "second": (0.5, 1.25, 7.0, 9.5), "third": (0, 1)}
TABLES = (LABELS, VALUES, MIXED)
"""Targets that a task of several columns is shown; the first that it takes is the one that it is checked with."""


def targets_of(values: dict[str, tuple[object, ...]], n_rows: int = N_ROWS) -> pd.DataFrame:
    """Return columns that hold the values again and again, each in an order of its own."""
    rng = np.random.default_rng(3)
    return pd.DataFrame({name: rng.permutation(np.resize(np.asarray(each), n_rows)) for name, each in values.items()})


def shown_targets(spec: TaskSpec) -> pd.DataFrame:
    """Return the first of the tables that a task takes."""
    for values in TABLES:
        table = targets_of(values)
        try:
            spec.take(_read(table, spec))
        except InputError:
            continue
        return table
    raise AssertionError(f"It takes none of the tables of targets {TABLES}; expected it to take one.")


def take_shown(spec: TaskSpec) -> tuple[Task, Array]:
    """Return the task that a spec makes of the table that it takes, and the encoded target."""
    task, encoded = spec.take(_read(shown_targets(spec), spec))
    return task, np.asarray(encoded)


def _read(table: pd.DataFrame, spec: TaskSpec) -> ReadTargets:
    found = read_targets(table, "", spec.name)
    assert isinstance(found, ReadTargets)
    return found


@cache
def _installed() -> dict[TaskKind, Task]:
    return {TaskKind(spec.name): take_shown(spec)[0] for spec in discover().tasks.values() if spec.several}


def tasks_of_several(kinds: Collection[TaskKind]) -> list[Task]:
    """Return a task of each of the kinds that an installed plugin offers for several target columns."""
    return [task for kind, task in _installed().items() if kind in kinds]


def beside_each_other(task: Task, make: Callable[[int, Task], Array]) -> Array:
    """Return what is made for each target, `(n_rows,)`, by its number and task, side by side."""
    return np.column_stack([make(number, each) for number, each in enumerate(task.targets)])


def outputs_beside(task: Task, make: Callable[[int, Task], Array]) -> Array:
    """Return outputs of each target side by side, of a label the probability of its second value alone."""
    parts = [make(number, each) for number, each in enumerate(task.targets)]
    return np.hstack([part[:, -block.width :] for part, block in zip(parts, task.blocks, strict=True)])
