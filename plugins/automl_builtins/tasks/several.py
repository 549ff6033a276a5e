"""Multilabel, multioutput regression and multioutput: several target columns that are predicted together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from automl.plugin_api import (
    Array,
    Block,
    InputError,
    TargetColumn,
    TargetTable,
    Task,
    TaskKind,
    TaskSpec,
    Trait,
    hookimpl,
    of_several,
)
from automl_builtins.kinds import MULTILABEL, MULTIOUTPUT, MULTIOUTPUT_REGRESSION
from automl_builtins.tasks._audit_several import audit_each, audit_labels, tell_each, tell_labels
from automl_builtins.tasks._each_target import EACH_TARGET
from automl_builtins.tasks._show_several import show_each
from automl_builtins.tasks._strata import strata_of_targets

CLASSES, NUMBERS = "classification", "regression"
"""The families that the option `task` may name."""
YES_OR_NO = ((False, True), (0, 1))
"""What a label is completed to that has one of these alone."""


def are_labels(table: TargetTable) -> bool:
    """Tell whether each column has two values at most."""
    return table.asked in (None, CLASSES) and all(_is_label(each) for each in table.columns)


def are_values(table: TargetTable) -> bool:
    """Tell whether each column is one of numbers, or said to be."""
    return table.asked == NUMBERS or all(_is_of_numbers(each) for each in table.columns)


def are_any(table: TargetTable) -> bool:  # noqa: ARG001  what no other task claims
    """Claim what is left; columns that cannot be read are refused when they are."""
    return True


def take_labels(table: TargetTable) -> tuple[Task, Array]:
    """Return a task of several labels, and for each row which of the two values each has."""
    taken = []
    for column in table.columns:
        task, codes = column.as_classes(TaskKind.BINARY, rare=True)
        if len(task.classes) > 2:
            raise InputError(
                f"The target {column.name!r} has {len(task.classes)} different values, such as "
                f"{list(task.classes[:3])}; a label has two. Leave task= out, or pass task='multioutput' where some "
                f"targets have more classes or are numbers."
            )
        taken.append(_completed(task, codes))
    return _side_by_side(MULTILABEL, taken, lambda task: Block(task.target, trait=Trait.INDEPENDENT))


def take_values(table: TargetTable) -> tuple[Task, Array]:
    """Return a task of several values, and each row's."""
    taken = [column.as_numbers(TaskKind.REGRESSION) for column in table.columns]
    return _side_by_side(MULTIOUTPUT_REGRESSION, taken, lambda task: Block(task.target))


def take_any(table: TargetTable) -> tuple[Task, Array]:
    """Return a task of several targets, each of classes or of values, and each row's."""
    taken = [_taken_alone(column) for column in table.columns]
    return _side_by_side(MULTIOUTPUT, taken, lambda task: task.blocks[0])


def _side_by_side(
    kind: TaskKind, taken: Sequence[tuple[Task, Array]], block: Callable[[Task], Block]
) -> tuple[Task, Array]:
    """Return one task of targets that were each taken alone, with the block of each, and their values."""
    tasks = [task for task, _ in taken]
    return of_several(kind, tasks, [block(task) for task in tasks]), np.column_stack([each for _, each in taken])


def _taken_alone(column: TargetColumn) -> tuple[Task, Array]:
    """Return what one target is alone: of two classes, of more, or of values."""
    if column.asked == CLASSES or _is_label(column) or column.seems_classes():
        task, codes = column.as_classes(TaskKind.MULTICLASS, rare=True)
        task, codes = _completed(task, codes)
        return (replace(task, kind=TaskKind.BINARY) if len(task.classes) <= 2 else task), codes
    return column.as_numbers(TaskKind.REGRESSION)


def _completed(task: Task, codes: Array) -> tuple[Task, Array]:
    """Return a label of one value alone with the other one beside it, where that can be told."""
    for pair in YES_OR_NO if len(task.classes) == 1 else ():
        label = task.classes[0]
        if type(label) in (type(pair[0]), float) and label in pair:
            return replace(task, classes=tuple(type(label)(each) for each in pair)), codes + pair.index(label)
    return task, codes


def _is_label(column: TargetColumn) -> bool:
    return bool(column.values.nunique() <= 2)


def _is_of_numbers(column: TargetColumn) -> bool:
    column.refuse_dates()
    n_values = column.values.nunique()
    return bool(n_values == 1 and column.values.dtype.kind in "iuf") or (n_values != 2 and not column.seems_classes())


_of_targets = partial(TaskSpec, strata=strata_of_targets, loans=(EACH_TARGET,), shows=show_each, several=True)
MULTILABEL_SPEC = _of_targets(
    name=MULTILABEL.value,
    take=take_labels,
    metric="macro_roc_auc",
    evaluated=("macro_roc_auc", "mean_log_loss", "macro_f1", "micro_f1", "subset_accuracy", "hamming_loss"),
    claims=are_labels,
    rank=100,
    family=CLASSES,
    tells=tell_labels,
    audit=audit_labels,
    submits=("probability", "labels"),
)
MULTIOUTPUT_REGRESSION_SPEC = _of_targets(
    name=MULTIOUTPUT_REGRESSION.value,
    take=take_values,
    metric="mean_nrmse",
    evaluated=("mean_nrmse", "mean_r2", "mean_rmse", "mean_mae"),
    claims=are_values,
    rank=110,
    family=NUMBERS,
    tells=tell_each,
    audit=audit_each,
    submits=("values",),
)
MULTIOUTPUT_SPEC = _of_targets(
    name=MULTIOUTPUT.value,
    take=take_any,
    metric="mean_relative_loss",
    evaluated=("mean_relative_loss", "mean_accuracy"),
    claims=are_any,
    rank=120,
    family=CLASSES,
    tells=tell_each,
    audit=audit_each,
    submits=("probability", "labels", "values"),
)


@hookimpl
def automl_tasks() -> list[TaskSpec]:
    """Offer the three."""
    return [MULTILABEL_SPEC, MULTIOUTPUT_REGRESSION_SPEC, MULTIOUTPUT_SPEC]
