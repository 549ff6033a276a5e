"""Both forests, as they are offered: what their fits are expected to take."""

from __future__ import annotations

from dataclasses import replace

from automl.plugin_api import FitSize, TaskKind
from automl_builtins.models.forests import EXTRA_TREES, RANDOM_FOREST
from tests.plugins.models.tables import TASKS

SIZE = FitSize(2000, 20, TASKS[TaskKind.BINARY])


def test_random_thresholds_are_expected_to_be_found_sooner():
    assert EXTRA_TREES.resources(SIZE).seconds < RANDOM_FOREST.resources(SIZE).seconds


def test_more_rows_take_longer_more_threads_less_and_larger_leaves_less_memory():
    base = RANDOM_FOREST.resources(SIZE)
    assert RANDOM_FOREST.resources(replace(SIZE, n_rows=4000)).seconds > base.seconds
    assert RANDOM_FOREST.resources(replace(SIZE, threads=4)).seconds < base.seconds
    assert RANDOM_FOREST.resources(replace(SIZE, params={"min_samples_leaf": 10})).memory_mb < base.memory_mb
