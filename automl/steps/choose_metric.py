"""Choose the metric: the user's name, function or scorer, or the usual one for the task, as a `MetricSpec`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from automl.errors import OptionError, unknown_name
from automl.plugin_api.specs import ALL_TASKS, MetricSpec
from automl.vocabulary.arrays import Array
from automl.vocabulary.task import Task, TaskKind

DEFAULTS = {TaskKind.BINARY: "roc_auc", TaskKind.MULTICLASS: "log_loss", TaskKind.REGRESSION: "rmse"}


def choose_metric(wanted: Any, task: Task, metrics: Mapping[str, MetricSpec]) -> MetricSpec:
    """Return the metric to optimise.

    `wanted` may be a name or alias, a function `f(y_true, y_pred) -> float` (greater is better; give it the attribute
    `greater_is_better = False` for an error, `needs = "probabilities"` for class probabilities), a scikit-learn
    scorer, or a `MetricSpec`.
    """
    if wanted is None:
        wanted = DEFAULTS[task.kind]
    if isinstance(wanted, MetricSpec):
        spec = wanted
    elif isinstance(wanted, str):
        spec = find_metric(wanted, task, metrics)
    elif callable(wanted):
        spec = _from_callable(wanted, task)
    else:
        raise OptionError(f"Found metric={wanted!r}; expected a metric's name, a function, or a scikit-learn scorer.")
    if task.kind not in spec.tasks:
        fitting = [each.name for each in metrics.values() if task.kind in each.tasks]
        raise OptionError(
            f"The metric {spec.name!r} does not fit a {task.kind.value} task. "
            f"Those that do: {', '.join(sorted(fitting))}."
        )
    return spec


def find_metric(name: str, task: Task, metrics: Mapping[str, MetricSpec]) -> MetricSpec:
    """Return the metric of this name or alias; where several share an alias, the one that fits the task."""
    plain = name.lower().removeprefix("neg_")
    named = [spec for spec in metrics.values() if plain == spec.name or plain in spec.aliases or name in spec.aliases]
    if not named:
        known = [*metrics, *(alias for spec in metrics.values() for alias in spec.aliases)]
        raise OptionError(unknown_name("metric", name, known))
    return next((spec for spec in named if task.kind in spec.tasks), named[0])


def _from_callable(function: Callable[..., Any], task: Task) -> MetricSpec:
    if hasattr(function, "_score_func"):
        return _from_scorer(function, task)
    needs = getattr(function, "needs", "labels" if task.kind.is_classification else "values")
    name = getattr(function, "__name__", type(function).__name__)
    takes_weights = "sample_weight" in _parameters(function)

    def score(target: Array, predictions: Array, weights: Array | None) -> float:
        extra = {"sample_weight": weights} if weights is not None and takes_weights else {}
        return float(function(target, predictions, **extra))

    greater = bool(getattr(function, "greater_is_better", True))
    return MetricSpec(name, score, greater, np.inf if greater else 0.0, needs, ALL_TASKS, decodes=True)


def _from_scorer(scorer: Any, task: Task) -> MetricSpec:
    """Turn a scikit-learn scorer into a metric: its function, its direction, and what it asks of a model."""
    function, extra = scorer._score_func, dict(scorer._kwargs)
    response = getattr(scorer, "_response_method", "predict")
    asks = (response,) if isinstance(response, str) else tuple(response)
    wants_probability = any(each in ("predict_proba", "decision_function") for each in asks)
    needs = "probabilities" if wants_probability else "labels" if task.kind.is_classification else "values"
    greater = scorer._sign > 0

    def score(target: Array, predictions: Array, weights: Array | None) -> float:
        given = predictions[:, 1] if needs == "probabilities" and task.kind is TaskKind.BINARY else predictions
        more = {"sample_weight": weights} if weights is not None else {}
        return float(function(target, given, **extra, **more))

    return MetricSpec(function.__name__, score, greater, 1.0 if greater else 0.0, needs, ALL_TASKS, decodes=True)


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # built-in functions may have no signature
        return ()
