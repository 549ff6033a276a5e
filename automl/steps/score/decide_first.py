"""Decide first: a metric that sees labels gets those of the task's own decision, wherever predictions are scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.plugin_api.specs import MetricSpec
from automl.vocabulary.arrays import Array
from automl.vocabulary.labels import label_array
from automl.vocabulary.task import Task

Decide = Callable[[Array, Task], Array]
"""From outputs `(n_rows, n_outputs)` to class numbers `(n_rows,)`."""


def by_own_decision(metric: MetricSpec, task: Task, decide: Decide | None) -> MetricSpec:
    """Return the metric as it judges outputs of the task: by its own decision, where it has one and labels are seen."""
    if decide is None or metric.needs != "labels":
        return metric
    return replace(metric, score=DecidedScore(metric.score, task, decide, metric.decodes), needs="outputs")


def sees_labels(metric: MetricSpec) -> bool:
    """Tell whether a metric sees labels alone, so that it matters how they are decided."""
    return metric.needs == "labels" or isinstance(metric.score, DecidedScore)


@dataclass(frozen=True, slots=True)
class DecidedScore:
    """Decides labels and scores those; `decodes` says whether the score wants labels in place of class numbers."""

    score: Callable[..., float]
    task: Task
    decide: Decide
    decodes: bool

    def __call__(self, target: Array, outputs: Array, *others: Any) -> float:
        """Return the score; what else a metric gets, such as weights, is handed on."""
        numbers = np.asarray(self.decide(outputs, self.task), dtype=np.int64)
        given = label_array(self.task.classes)[numbers] if self.decodes else numbers
        return self.score(target, given, *others)
