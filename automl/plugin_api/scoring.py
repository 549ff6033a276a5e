"""The one road from predictions to a score, shared by the engine and by ensemblers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from automl.errors import OptionError
from automl.plugin_api.specs import MetricSpec
from automl.vocabulary.arrays import Array, Rows, with_usual_errors
from automl.vocabulary.labels import label_array
from automl.vocabulary.outputs import decided_by_block
from automl.vocabulary.task import Task

Scores = TypeVar("Scores", float, Array)
KEPT_AS_GIVEN = 1e-4
"""Class probabilities whose sum is further from 1 than this are divided by it; float32 rounding stays below."""


@with_usual_errors
def score_predictions(
    metric: MetricSpec,
    task: Task,
    target: Array,
    predictions: Array,
    weights: Array | None = None,
    groups: Array | None = None,
) -> float:
    """Return the metric's score of `(n_rows, n_outputs)` predictions against class numbers or values.

    Predictions with a missing or infinite number score NaN. A metric that `decodes` is handed the task's labels in
    place of class numbers. Of several targets one that wants labels or values is handed the class numbers or values
    of each, `(n_rows, n_targets)`. One that judges by group is handed the groups, `(n_rows,)`; an OptionError where
    there are none. One that needs the task is handed that. What the metric raises goes through.
    """
    check_groups(metric, groups)
    if not np.isfinite(predictions).all():
        return math.nan
    given: Any = predictions
    if task.targets and metric.needs in ("labels", "values"):
        given = decided_by_block(predictions, task)
    elif metric.needs == "values":
        given = predictions[:, 0]
    elif metric.needs == "labels":
        given = predictions.argmax(axis=1)
    elif metric.needs != "outputs" and not task.parts:
        given = _with_unit_sums(predictions)
    if metric.decodes and task.has_classes:
        labels = label_array(task.classes)
        target = labels[np.asarray(target, dtype=np.int64)]
        given = labels[given] if metric.needs == "labels" else given
    return float(metric.score(target, given, weights, *given_besides(metric, task, groups)))


def given_besides(metric: MetricSpec, task: Task, groups: Array | None) -> tuple[Any, ...]:
    """Return what a metric's function is given after target, predictions and weights: groups, task, as it needs."""
    return (*((groups,) if metric.needs_groups else ()), *((task,) if metric.needs_task else ()))


def check_groups(metric: MetricSpec, groups: Array | None) -> None:
    """Raise an OptionError where a metric judges by group and there are no groups."""
    if metric.needs_groups and groups is None:
        raise OptionError(
            f"Found no groups; expected them, as the metric {metric.name!r} judges by group. Pass groups=, the name of "
            f"a column or an array that says which group each row is of, or choose another metric."
        )


def loss_of(metric: MetricSpec, score: float) -> float:
    """Return the score turned so that lower is better; infinity for NaN."""
    if math.isnan(score):
        return math.inf
    return lower_is_better(metric, score)


def lower_is_better(metric: MetricSpec, scores: Scores) -> Scores:
    """Return scores, or differences of them, turned so that lower is better, or such losses turned back; NaN stays."""
    return -scores if metric.greater_is_better else scores


def mean_score(scores: Sequence[float], counts: Sequence[int] | None = None) -> float:
    """Return the mean of the scores that are finite, each by its number of rows where given; NaN where none is."""
    known = [place for place, score in enumerate(scores) if math.isfinite(score)]
    weights = None if counts is None else [counts[place] for place in known]
    return float(np.average([scores[place] for place in known], weights=weights)) if known else math.nan


def draw_groups(groups: Array, most: int, rng: np.random.Generator) -> Rows:
    """Return, in order, the rows of groups drawn at random: of as many as have `most` rows together, one at least."""
    _, number, counts = np.unique(groups, return_inverse=True, return_counts=True)
    drawn = rng.permutation(len(counts))
    fitting = int(np.searchsorted(np.cumsum(counts[drawn]), most, side="right"))
    return np.flatnonzero(np.isin(number, drawn[: max(1, fitting)]))


def never_past_optimum(metric: MetricSpec, low: float, high: float) -> tuple[float, float]:
    """Return the ends of an interval of scores, the better one cut off at the best possible score."""
    return (low, min(high, metric.optimum)) if metric.greater_is_better else (max(low, metric.optimum), high)


def _with_unit_sums(probabilities: Array) -> Array:
    sums = probabilities @ np.ones(probabilities.shape[1], dtype=probabilities.dtype)
    if np.abs(sums - 1.0).max(initial=0.0) <= KEPT_AS_GIVEN:
        return probabilities
    return np.asarray(probabilities / np.maximum(sums, np.finfo(np.float32).tiny)[:, None])
