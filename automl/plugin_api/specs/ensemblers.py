"""Specs of ensemblers: ways to combine candidates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automl.plugin_api.protocols import Ensembler
from automl.plugin_api.specs.metrics import MetricSpec
from automl.plugin_api.specs.tasks import ALL_TASKS
from automl.vocabulary.task import Task, TaskKind, Trait


@dataclass(frozen=True, slots=True)
class EnsembleRequest:
    """What an ensembler's builder may look at; `params` come from its variant."""

    task: Task
    metric: MetricSpec
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EnsemblerSpec:
    """A way to combine candidates.

    family: the value of the option `ensemble` that allows it ("voting", "weighted", "stacking", or the plugin's own);
        `auto` allows every family.
    complexity: rank by simplicity; of two that score alike the lower one is taken, or both are averaged where rows are
        few.
    tasks: the kinds that it combines predictions of. forms: those of outputs that it combines whatever the task is
        called, where all blocks of the task have one of them.
    uses_features: whether it wants the raw columns beside the predictions.
    in_auto: whether `ensemble="auto"` considers it.
    in_haste: whether it goes before simpler ones where there is no time to compare any.
    requires, install: importable module names without which it is listed as not installed and not used, and the
        command that brings them.
    """

    name: str
    build: Callable[[EnsembleRequest], Ensembler]
    family: str
    complexity: int = 10
    tasks: frozenset[TaskKind] = ALL_TASKS
    forms: frozenset[Trait] = frozenset()
    uses_features: bool = False
    in_auto: bool = True
    in_haste: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    install: str = ""
