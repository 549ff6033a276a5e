"""Which kinds of tasks a plugin's offer can do, as specs name them."""

from __future__ import annotations

from automl.vocabulary.task import TaskKind

ALL_TASKS = frozenset(TaskKind)
CLASSIFICATION = frozenset({TaskKind.BINARY, TaskKind.MULTICLASS})
