"""Which kinds of tasks a plugin's offer can do, as specs name them."""

from __future__ import annotations

from automl.vocabulary.task import TaskKind

ALL_TASKS = frozenset({TaskKind.BINARY, TaskKind.MULTICLASS, TaskKind.REGRESSION})
"""The kinds that come with the engine, which a model or ensembler of no `tasks` of its own does; never any other."""
CLASSIFICATION = frozenset({TaskKind.BINARY, TaskKind.MULTICLASS})
