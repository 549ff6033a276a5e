"""LightGBM, as it is offered: what its fits are expected to take."""

from __future__ import annotations

from dataclasses import replace

from automl.plugin_api import FitSize, TaskKind
from automl_builtins.models.lightgbm import LIGHTGBM
from tests.plugins.models.tables import TASKS

SIZE = FitSize(2000, 20, TASKS[TaskKind.BINARY])


def test_more_rows_smaller_steps_and_more_classes_are_expected_to_take_longer():
    base = LIGHTGBM.resources(SIZE).seconds
    assert LIGHTGBM.resources(replace(SIZE, n_rows=8000)).seconds > base
    assert LIGHTGBM.resources(replace(SIZE, params={"learning_rate": 0.02})).seconds > base
    assert LIGHTGBM.resources(replace(SIZE, task=TASKS[TaskKind.MULTICLASS])).seconds > base


def test_several_threads_are_expected_to_be_faster():
    assert LIGHTGBM.resources(replace(SIZE, threads=4)).seconds < LIGHTGBM.resources(SIZE).seconds
