"""Kernel ridge regression: what it declines, what it costs, and that it keeps the contract of models."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl.plugin_api import FitSize, TaskKind
from automl.testing import parametrize_with_model_checks
from automl_builtins.models.kernel_ridge import KERNEL_RIDGE
from tests.plugins.models.tables import TASKS


@parametrize_with_model_checks([KERNEL_RIDGE])
def test_it_keeps_the_model_contract(check):
    check()


@pytest.mark.parametrize(("rows", "features", "reason"), [(5000, 10, "5000 rows"), (500, 9000, "9000 features")])
def test_what_takes_too_long_is_declined_with_the_reason(rows, features, reason):
    task = TASKS[TaskKind.REGRESSION]
    assert KERNEL_RIDGE.limits(FitSize(1000, 10, task)) == ""
    assert reason in KERNEL_RIDGE.limits(FitSize(rows, features, task))


def test_hundreds_of_classes_are_declined():
    many = replace(TASKS[TaskKind.MULTICLASS], classes=tuple(range(300)))
    assert "300 outputs" in KERNEL_RIDGE.limits(FitSize(1000, 10, many))


def test_memory_for_several_matrices_of_all_pairs_of_rows_is_asked_for():
    asked = KERNEL_RIDGE.resources(FitSize(4000, 10, TASKS[TaskKind.REGRESSION])).memory_mb
    assert asked > 3 * 8 * 4000**2 / 2**20
