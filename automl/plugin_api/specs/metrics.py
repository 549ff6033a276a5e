"""Specs of metrics: ways to score predictions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automl.plugin_api.objective import first_rows_of, quantile_of
from automl.vocabulary.portable import Portable
from automl.vocabulary.task import TaskKind


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """A way to score predictions.

    score: `score(target, predictions, weights) -> float`. target is `(n_rows,)`: class numbers or values. What
        `predictions` holds is set by `needs`: "probabilities" `(n_rows, n_classes)`, "labels" `(n_rows,)` class
        numbers, "values" `(n_rows,)`, "outputs" `(n_rows, n_outputs)` as they are. weights is `(n_rows,)` or None.
    needs_groups: whether it judges by group, such as by query or by user. `score(target, predictions, weights, groups)`
        is then given which group each row is of, `(n_rows,)` whole numbers. All rows of a group come in one call.
    needs_task: whether `score` is given the task as well, last of all, such as to know the levels of its quantiles.
    greater_is_better: the direction; `optimum` the best possible value.
    aliases: other names that users type for it.
    decodes: whether `score` wants the labels themselves in place of class numbers (metrics written by users).
    objective: the loss that models should learn by: "log_loss" of classes, "squared", "absolute", "squared_log" (the
        squared error of log(1 + value)), "quantile:0.9" (the pinball loss of that quantile), "order:10" (that of
        the first 10 rows of each group; "order" that of all), or one that models of your own know. A model that does
        not know it, or is told "", learns by its usual one.
    least: the lowest prediction that it is defined for; lower ones are submitted as this one.
    ranks: how many of a row's likeliest labels it looks at, where labels are to be ranked; else 0.
    usual_for: the forms of a submission for which it is taken where nothing else is known: "values", "labels",
        "probability" (of one of two classes), "class columns" (a probability for each class).
    trap: of a metric that is told and never optimised, the worthless predictions that it likes best, such as "intervals
        that hold everything"; a search by it is refused. Empty for all others.
    at: returns the same metric with another parameter, the text after the "@" of its name, such as "5" of "ndcg@5"; a
        ValueError where it cannot have that. None for a metric without a parameter.
    """

    name: str
    score: Callable[..., float]
    greater_is_better: bool
    optimum: float
    needs: str
    tasks: frozenset[TaskKind]
    aliases: tuple[str, ...] = ()
    decodes: bool = False
    objective: str = ""
    least: float = -math.inf
    ranks: int = 0
    usual_for: tuple[str, ...] = ()
    needs_groups: bool = False
    needs_task: bool = False
    at: Callable[[str], MetricSpec] | None = None
    trap: str = ""

    def __post_init__(self) -> None:
        """Refuse an objective whose parameter is none."""
        quantile_of(self.objective)
        first_rows_of(self.objective)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how it is pickled: a function of a script or notebook goes along with its code."""
        return _metric_of, (Portable(self.score), *(getattr(self, name) for name in self.__slots__ if name != "score"))


def _metric_of(score: Portable, name: str, *others: Any) -> MetricSpec:
    return MetricSpec(name, score.value, *others)
