"""The one road from predictions to a score, shared by the engine and by ensemblers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from automl.plugin_api.specs import MetricSpec
from automl.vocabulary.arrays import Array, with_usual_errors
from automl.vocabulary.labels import label_array
from automl.vocabulary.task import Task

SUM_TOLERANCE = 1e-4
"""Class probabilities whose sum is further from 1 than this are divided by it; float32 rounding stays below."""


@with_usual_errors
def score_predictions(
    metric: MetricSpec, task: Task, target: Array, predictions: Array, weights: Array | None = None
) -> float:
    """Return the metric's score of `(n_rows, n_outputs)` predictions against class numbers or values.

    Predictions with a missing or infinite number score NaN. A metric that `decodes` is handed the task's labels in
    place of class numbers. What the metric raises goes through.
    """
    if not np.isfinite(predictions).all():
        return math.nan
    given: Any = predictions
    if metric.needs == "values":
        given = predictions[:, 0]
    elif metric.needs == "labels":
        given = predictions.argmax(axis=1)
    elif metric.needs != "outputs":
        given = _with_unit_sums(predictions)
    if metric.decodes and task.has_classes:
        labels = label_array(task.classes)
        target = labels[np.asarray(target, dtype=np.int64)]
        given = labels[given] if metric.needs == "labels" else given
    return float(metric.score(target, given, weights))


def loss_of(metric: MetricSpec, score: float) -> float:
    """Return the score turned so that lower is better; infinity for NaN."""
    if math.isnan(score):
        return math.inf
    return -score if metric.greater_is_better else score


def _with_unit_sums(probabilities: Array) -> Array:
    sums = probabilities @ np.ones(probabilities.shape[1], dtype=probabilities.dtype)
    if np.abs(sums - 1.0).max(initial=0.0) <= SUM_TOLERANCE:
        return probabilities
    return np.asarray(probabilities / np.maximum(sums, np.finfo(np.float32).tiny)[:, None])
