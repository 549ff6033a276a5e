"""Kernel machines: which of them is used when, and their calibration."""

from __future__ import annotations

from dataclasses import replace

from automl.plugin_api import FitSize, TaskKind
from automl_builtins.models.svm import SVM
from tests.plugins.models.tables import TASKS


def test_hundreds_of_classes_are_declined_with_the_reason():
    assert SVM.limits(FitSize(1000, 10, TASKS[TaskKind.BINARY])) == ""
    many = replace(TASKS[TaskKind.MULTICLASS], classes=tuple(range(300)))
    assert "300 classes" in SVM.limits(FitSize(1000, 10, many))
