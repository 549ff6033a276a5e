"""The network: what it sees of a table, and that it predicts without torch."""

from __future__ import annotations

from automl.plugin_api import TaskKind
from automl_builtins.models.network import network_limits
from tests.plugins.models.tables import TASKS


def test_a_table_with_very_many_columns_is_refused():
    from automl.plugin_api import FitSize

    assert "2000 features" in network_limits(FitSize(100, 2000, TASKS[TaskKind.BINARY]))
    assert network_limits(FitSize(100, 20, TASKS[TaskKind.BINARY])) == ""
