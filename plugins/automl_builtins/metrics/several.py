"""Metrics of several targets: of labels, of values, and of both side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from automl.plugin_api import Array, MetricSpec, Task, by_block, hookimpl
from automl_builtins.kinds import MULTILABEL, MULTIOUTPUT, MULTIOUTPUT_REGRESSION, SEVERAL
from automl_builtins.metrics.classification import average_precision, log_loss, roc_auc
from automl_builtins.metrics.regression import mae, mse, r2, rmse

LABELS, VALUES = frozenset({MULTILABEL}), frozenset({MULTIOUTPUT_REGRESSION})
CLASSES = frozenset({MULTILABEL, MULTIOUTPUT})
SMALLEST = 1e-15
AREAS = ("roc_auc", "auc", "macro_auc", "mean_columnwise_roc_auc", "mean_columnwise_auc")
LOG_LOSSES = ("log_loss", "logloss", "mean_columnwise_log_loss")
ROOTS = ("rmse", "mcrmse", "mean_columnwise_rmse", "mean_columnwise_root_mean_squared_error")
"""What competitions call metrics of each column, averaged."""


@hookimpl
def automl_metrics() -> list[MetricSpec]:
    """Offer the metrics, each with the loss by which models of one target come nearest to its optimum."""
    ranked = partial(MetricSpec, greater_is_better=True, optimum=1.0, needs="outputs", tasks=LABELS)
    decided = partial(MetricSpec, greater_is_better=True, optimum=1.0, needs="labels", objective="log_loss")
    loss = partial(MetricSpec, greater_is_better=False, optimum=0.0, needs="outputs")
    squared, likely = "squared", "log_loss"
    return [
        ranked("macro_roc_auc", macro_roc_auc, aliases=AREAS, objective=likely),
        ranked("micro_roc_auc", micro_roc_auc, aliases=("micro_auc",), objective=likely),
        ranked("macro_average_precision", macro_average_precision, aliases=("average_precision",), objective=likely),
        loss("mean_log_loss", mean_log_loss, aliases=LOG_LOSSES, tasks=LABELS, objective=likely),
        decided("macro_f1", macro_f1, aliases=("f1", "f1_macro"), tasks=LABELS),
        decided("micro_f1", micro_f1, aliases=("f1_micro",), tasks=LABELS),
        decided("samples_f1", samples_f1, aliases=("f1_samples",), tasks=LABELS),
        decided(
            "subset_accuracy", subset_accuracy, aliases=("accuracy", "exact_match"), tasks=CLASSES, needs_task=True
        ),
        decided("mean_accuracy", mean_accuracy, tasks=CLASSES, needs_task=True, usual_for=("labels",)),
        MetricSpec(
            "hamming_loss",
            hamming_loss,
            False,
            0.0,
            "labels",
            CLASSES,
            ("hamming",),
            objective=likely,
            needs_task=True,
        ),
        loss("mean_nrmse", mean_nrmse, aliases=("arrmse", "mean_relative_rmse"), tasks=VALUES, objective=squared),
        loss("mean_rmse", mean_rmse, aliases=ROOTS, tasks=VALUES, objective=squared),
        loss("mean_mae", mean_mae, aliases=("mae",), tasks=VALUES, objective="absolute"),
        MetricSpec("mean_r2", mean_r2, True, 1.0, "outputs", VALUES, ("r2", "r2_score"), objective=squared),
        loss("mean_relative_loss", mean_relative_loss, tasks=SEVERAL, needs_task=True),
    ]


# --- of labels, by their probabilities; target and outputs are `(n_rows, n_labels)`


def macro_roc_auc(target: Array, outputs: Array, weights: Array | None = None) -> float:
    """Mean over labels of the area under the ROC curve; those that all rows have, or none, are left out."""
    return _mean([roc_auc(truth, both, weights) for truth, both in _ranked(target, outputs)])


def macro_average_precision(target: Array, outputs: Array, weights: Array | None = None) -> float:
    """Mean over labels of the average precision; those that all rows have, or none, are left out."""
    return _mean([average_precision(truth, both, weights) for truth, both in _ranked(target, outputs)])


def micro_roc_auc(target: Array, outputs: Array, weights: Array | None = None) -> float:
    """Area under the ROC curve of all pairs of a row and a label together."""
    each = None if weights is None else np.repeat(weights, target.shape[1])
    probability = outputs.ravel()
    return roc_auc(target.ravel(), np.column_stack([1.0 - probability, probability]), each)


def mean_log_loss(target: Array, outputs: Array, weights: Array | None = None) -> float:
    """Mean over labels of the log loss of having each."""
    given = np.where(target > 0, outputs, 1.0 - np.asarray(outputs, dtype=np.float64))
    return float(-np.average(np.log(np.maximum(given, SMALLEST)).mean(axis=1), weights=weights))


def _ranked(target: Array, outputs: Array) -> Iterator[tuple[Array, Array]]:
    """Yield truth and probabilities `(n_rows, 2)` of each label that some rows have and others have not."""
    counts = (target > 0).sum(axis=0)
    for number in np.flatnonzero((counts > 0) & (counts < len(target))):
        probability = outputs[:, number]
        yield target[:, number], np.column_stack([1.0 - probability, probability])


# --- of labels and classes as they are decided, `(n_rows, n_targets)` numbers


def macro_f1(target: Array, labels: Array, weights: Array | None = None) -> float:
    """Mean over labels of the F1 score; those that no row has and none is predicted to have are left out."""
    hits, true, predicted = _counts(target, labels, weights, axis=0)
    seen = true + predicted > 0
    return _mean((2.0 * hits[seen] / (true + predicted)[seen]).tolist())


def micro_f1(target: Array, labels: Array, weights: Array | None = None) -> float:
    """F1 score of all pairs of a row and a label together; 0 where no label is there or predicted."""
    hits, true, predicted = (float(each.sum()) for each in _counts(target, labels, weights, axis=0))
    return 2.0 * hits / (true + predicted) if true + predicted > 0 else 0.0


def samples_f1(target: Array, labels: Array, weights: Array | None = None) -> float:
    """Mean over rows of the F1 score of their labels; 1 for a row that has none and is predicted to have none."""
    hits, true, predicted = _counts(target, labels, None, axis=1)
    both = true + predicted
    each = np.where(both > 0, 2.0 * hits / np.where(both > 0, both, 1.0), 1.0)
    return float(np.average(each, weights=weights))


def subset_accuracy(target: Array, labels: Array, weights: Array | None, task: Task) -> float:
    """Share of rows of which the labels of all targets of classes are right."""
    right = _right(target, labels, task)
    return float(np.average(right.all(axis=1), weights=weights)) if right.shape[1] else math.nan


def mean_accuracy(target: Array, labels: Array, weights: Array | None, task: Task) -> float:
    """Mean over targets of classes of the share of right labels."""
    right = _right(target, labels, task)
    return float(np.average(right.mean(axis=1), weights=weights)) if right.shape[1] else math.nan


def hamming_loss(target: Array, labels: Array, weights: Array | None, task: Task) -> float:
    """Mean over targets of classes of the share of wrong labels."""
    return 1.0 - mean_accuracy(target, labels, weights, task)


def _right(target: Array, labels: Array, task: Task) -> Array:
    classes = [number for number, each in enumerate(task.targets) if each.has_classes]
    return np.asarray(target[:, classes] == labels[:, classes])


def _counts(target: Array, labels: Array, weights: Array | None, axis: int) -> tuple[Array, Array, Array]:
    """Return hits, labels that are there and labels that are predicted, added up over rows (0) or labels (1)."""
    each = np.ones((len(target), 1)) if weights is None else weights[:, None]
    is_there, is_predicted = target > 0, labels > 0
    counted = (is_there & is_predicted, is_there, is_predicted)
    hits, true, predicted = ((each * one).sum(axis=axis) for one in counted)
    return hits, true, predicted


# --- of values, `(n_rows, n_targets)`


def mean_nrmse(target: Array, outputs: Array, weights: Array | None = None) -> float:
    """Mean over targets of the RMSE, each divided by that of the target's mean; constant targets are left out.

    It is the average relative RMSE (Spyromitros-Xioufis et al., "Multi-target regression via input space expansion",
    Machine Learning 2016), with the mean of the rows that are scored.
    """
    return _mean([relative for relative in map(partial(_relative_rmse, weights=weights), target.T, outputs.T)])


def mean_rmse(target: Array, outputs: Array, weights: Array | None = None) -> float:
    """Mean over targets of the RMSE, in their own units."""
    return _mean([rmse(truth, found, weights) for truth, found in zip(target.T, outputs.T, strict=True)])


def mean_mae(target: Array, outputs: Array, weights: Array | None = None) -> float:
    """Mean over targets of the mean absolute error, in their own units."""
    return _mean([mae(truth, found, weights) for truth, found in zip(target.T, outputs.T, strict=True)])


def mean_r2(target: Array, outputs: Array, weights: Array | None = None) -> float:
    """Mean over targets of r2; constant targets are left out."""
    pairs = zip(target.T, outputs.T, strict=True)
    return _mean([r2(truth, found, weights) for truth, found in pairs if (truth != truth[0]).any()])


def _relative_rmse(truth: Array, found: Array, weights: Array | None) -> float:
    """Return the RMSE divided by that of the mean; NaN of a constant target."""
    middle = float(np.average(truth, weights=weights))
    spread = mse(truth, np.full(len(truth), middle), weights)
    return math.sqrt(mse(truth, found, weights) / spread) if spread > 0 else math.nan


# --- of classes and values side by side


def mean_relative_loss(target: Array, outputs: Array, weights: Array | None, task: Task) -> float:
    """Mean over targets of a loss relative to that of a constant: of values the RMSE, of classes the log loss.

    The constant is the mean, or the shares of the classes, of the rows that are scored; constant targets are left out.
    """
    each = []
    for number, (one, (block, part)) in enumerate(zip(task.targets, by_block(outputs, task), strict=True)):
        truth = target[:, number]
        if one.has_classes:
            shares = part if block.classes else np.column_stack([1.0 - part[:, 0], part[:, 0]])
            each.append(_relative_log_loss(truth.astype(np.int64), shares, weights))
        else:
            each.append(_relative_rmse(truth, part[:, 0], weights))
    return _mean(each)


def _relative_log_loss(truth: Array, shares: Array, weights: Array | None) -> float:
    """Return the log loss divided by that of the classes' own shares; NaN where all rows are of one class."""
    counts = np.bincount(truth, weights=weights, minlength=shares.shape[1]).astype(np.float64)
    known = counts[counts > 0] / counts.sum()
    entropy = float(-(known * np.log(known)).sum())
    return log_loss(truth, shares, weights) / entropy if entropy > 0 else math.nan


def _mean(scores: list[float]) -> float:
    """Return the mean of the scores that are finite, NaN where none is."""
    known = [score for score in scores if math.isfinite(score)]
    return float(np.mean(known)) if known else math.nan
