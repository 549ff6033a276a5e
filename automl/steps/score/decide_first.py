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

Decide = Callable[..., Array]
"""From outputs `(n_rows, n_outputs)`, the task and, where it decides by group, groups `(n_rows,)` to class numbers."""


def by_own_decision(metric: MetricSpec, task: Task, decide: Decide | None, by_group: bool = False) -> MetricSpec:
    """Return the metric as it judges outputs of the task: by its own decision, where it has one and labels are seen.

    One that decides `by_group` makes every metric of labels one that is given the groups.
    """
    if decide is None or metric.needs != "labels":
        return metric
    score = DecidedScore(metric.score, task, decide, metric.decodes, by_group, metric.needs_groups)
    return replace(metric, score=score, needs="outputs", needs_groups=metric.needs_groups or by_group)


def sees_labels(metric: MetricSpec) -> bool:
    """Tell whether a metric sees labels alone, so that it matters how they are decided."""
    return metric.needs == "labels" or isinstance(metric.score, DecidedScore)


@dataclass(frozen=True, slots=True)
class DecidedScore:
    """Decides labels and scores those.

    decodes: whether the score wants labels in place of class numbers. by_group, judges_by_group: whether the decision
    and the score are given the groups, which come last.
    """

    score: Callable[..., float]
    task: Task
    decide: Decide
    decodes: bool
    by_group: bool = False
    judges_by_group: bool = False

    def __call__(self, target: Array, outputs: Array, *others: Any) -> float:
        """Return the score; what else a metric gets, such as weights and groups, is handed on."""
        groups = others[1:2] if self.by_group else ()
        numbers = np.asarray(self.decide(outputs, self.task, *groups), dtype=np.int64)
        given = label_array(self.task.classes)[numbers] if self.decodes else numbers
        dropped = self.by_group and not self.judges_by_group
        return self.score(target, given, *(others[:1] + others[2:] if dropped else others))
