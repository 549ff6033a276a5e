"""The model on patches, as it is offered: for tables with images alone, by what its fits are expected to take."""

from __future__ import annotations

from automl.plugin_api import ColumnKind, FitSize, TaskKind
from automl_builtins.models.patches import PATCHES
from tests.plugins.models.tables import TASKS


def test_it_is_for_tables_with_images():
    assert PATCHES.needs == {ColumnKind.IMAGE}


def test_more_filters_and_larger_images_are_expected_to_take_longer():
    sizes = [
        FitSize(500, 1, TASKS[TaskKind.MULTICLASS], params)
        for params in ({"filters": 100}, {"filters": 800}, {"filters": 800, "side": 48})
    ]
    seconds = [PATCHES.resources(size).seconds for size in sizes]
    assert seconds == sorted(seconds)
    assert seconds[0] < seconds[1] < seconds[2]
