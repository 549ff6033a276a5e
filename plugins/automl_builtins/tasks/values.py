"""Regression: each row has a number."""

from __future__ import annotations

from automl.plugin_api import Array, TargetColumn, Task, TaskKind, TaskSpec, hookimpl
from automl_builtins.tasks._audit_values import audit_values, tell_values


def is_rest(target: TargetColumn) -> bool:  # noqa: ARG001  what no other task claims
    """Claim what is left; values that are no numbers are refused when they are read."""
    return True


def take_values(target: TargetColumn) -> tuple[Task, Array]:
    """Return a task of numbers, and each row's."""
    return target.as_numbers(TaskKind.REGRESSION)


REGRESSION = TaskSpec(
    name="regression",
    take=take_values,
    metric="rmse",
    evaluated=("rmse", "mae", "r2"),
    claims=is_rest,
    rank=120,
    tells=tell_values,
    audit=audit_values,
    submits=("values",),
)


@hookimpl
def automl_tasks() -> list[TaskSpec]:
    """Offer it."""
    return [REGRESSION]
