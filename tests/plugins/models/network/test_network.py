"""The network as it is offered: how large a table it takes."""

from __future__ import annotations

from automl.plugin_api import TaskKind
from automl_builtins.models.network import network_limits
from tests.plugins.models.tables import TASKS


def test_a_table_with_very_many_columns_is_refused():
    from automl.plugin_api import FitSize

    assert "2000 features" in network_limits(FitSize(100, 2000, TASKS[TaskKind.BINARY]))
    assert network_limits(FitSize(100, 20, TASKS[TaskKind.BINARY])) == ""
