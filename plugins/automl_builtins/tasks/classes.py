"""Binary and multiclass: each row is of one of two classes, or of several."""

from __future__ import annotations

from automl.plugin_api import Array, TargetColumn, Task, TaskKind, TaskSpec, hookimpl
from automl_builtins.tasks._audit_classes import audit_classes, tell_classes

FAMILY = "classification"


def is_of_two(target: TargetColumn) -> bool:
    """Tell whether there are two different values; dates are refused where nothing says that they are classes."""
    if target.asked is None:
        target.refuse_dates()
    return bool(target.values.nunique() == 2)


def is_of_several(target: TargetColumn) -> bool:
    """Tell whether values look like classes, or are said to be."""
    return target.asked == FAMILY or target.seems_classes()


def take_two(target: TargetColumn) -> tuple[Task, Array]:
    """Return a task of exactly two classes, and each row's."""
    return target.as_classes(TaskKind.BINARY, exactly=2)


def take_several(target: TargetColumn) -> tuple[Task, Array]:
    """Return a task of classes, and each row's."""
    return target.as_classes(TaskKind.MULTICLASS)


BINARY = TaskSpec(
    name="binary",
    take=take_two,
    metric="roc_auc",
    evaluated=("roc_auc", "log_loss", "accuracy", "balanced_accuracy", "f1", "average_precision"),
    claims=is_of_two,
    rank=100,
    family=FAMILY,
    tells=tell_classes,
    audit=audit_classes,
    submits=("probability", "labels", "class columns"),
)
MULTICLASS = TaskSpec(
    name="multiclass",
    take=take_several,
    metric="log_loss",
    evaluated=("log_loss", "accuracy", "balanced_accuracy", "f1_macro"),
    claims=is_of_several,
    rank=110,
    family=FAMILY,
    tells=tell_classes,
    audit=audit_classes,
    submits=("class columns", "labels", "ranked labels"),
)


@hookimpl
def automl_tasks() -> list[TaskSpec]:
    """Offer both."""
    return [BINARY, MULTICLASS]
