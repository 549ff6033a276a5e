"""XGBoost: kept histograms, categories, stopping, goals, and awkward tables."""

from __future__ import annotations

from automl.plugin_api import FitSize, TaskKind
from automl_builtins.models.xgboost import xgboost_resources
from tests.plugins.models.tables import TASKS


def test_the_estimate_knows_depth_and_classes():
    sizes = [FitSize(5000, 20, TASKS[TaskKind.BINARY], {"max_depth": depth}) for depth in (4, 8)]
    assert xgboost_resources(sizes[0]).seconds < xgboost_resources(sizes[1]).seconds
