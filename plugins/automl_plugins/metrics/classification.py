"""Classification metrics; those that an ensemble computes thousands of times are written in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from automl.plugin_api import CLASSIFICATION, Array, MetricSpec, TaskKind, hookimpl

BINARY = frozenset({TaskKind.BINARY})
SMALLEST = 1e-15
"""Probabilities are kept this far from 0, so that one certain mistake does not make the log loss infinite."""


def roc_auc(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the area under the ROC curve; for more than two classes the mean of one-against-rest over those present.

    Ties count half (Hanley and McNeil, Radiology 1982). With a single class present it is 0.5.
    """
    n_classes = predictions.shape[1]
    if n_classes == 2:
        return _area(target == 1, predictions[:, 1], weights)
    present = [code for code in range(n_classes) if 0 < np.count_nonzero(target == code) < len(target)]
    areas = [_area(target == code, predictions[:, code], weights) for code in present]
    return float(np.mean(areas)) if areas else 0.5


def _area(positive: Array, scores: Array, weights: Array | None) -> float:
    order = np.argsort(scores, kind="quicksort")
    ranked, truth = scores[order], positive[order]
    weight = np.ones(len(truth)) if weights is None else np.asarray(weights, dtype=np.float64)[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # the last row of each block of equal scores
    up = np.diff(np.cumsum(weight * truth)[ends], prepend=0.0)
    down = np.diff(np.cumsum(weight * ~truth)[ends], prepend=0.0)
    total = up.sum() * down.sum()
    if total <= 0:
        return 0.5
    return float(np.sum(up * (np.cumsum(down) - 0.5 * down)) / total)


def log_loss(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the mean negative log probability of the true class."""
    total = predictions.sum(axis=1)
    own = predictions[np.arange(len(target)), target] / np.where(total > 0, total, 1.0)
    return float(np.average(-np.log(np.clip(own, SMALLEST, 1.0).astype(np.float64)), weights=weights))


def accuracy(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the share of rows whose label is right."""
    return float(np.average(target == predictions, weights=weights))


def brier(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the mean squared distance of the positive class's probability from the truth; for more classes the sum."""
    if predictions.shape[1] == 2:
        return float(np.average((predictions[:, 1] - (target == 1)) ** 2, weights=weights))
    truth = np.eye(predictions.shape[1])[target]
    return float(np.average(((predictions - truth) ** 2).sum(axis=1), weights=weights))


def average_precision(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the area under the precision-recall curve as scikit-learn sums it; 0 without a positive row."""
    from sklearn.metrics import average_precision_score

    positive = target == 1
    return float(average_precision_score(positive, predictions[:, 1], sample_weight=weights)) if positive.any() else 0.0


def from_sklearn(target: Array, predictions: Array, weights: Array | None = None, *, name: str, extra: Any = ()) -> float:
    """Return a scikit-learn metric of labels, 0 where it is undefined."""
    import warnings

    from sklearn import metrics

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class without rows or predictions is part of small folds
        value = float(getattr(metrics, name)(target, predictions, sample_weight=weights, **dict(extra)))
    return value if np.isfinite(value) else 0.0


def _labels(name: str, function: str, extra: tuple[tuple[str, Any], ...] = (), **more: Any) -> MetricSpec:
    score: Callable[..., float] = partial(from_sklearn, name=function, extra=extra)
    return MetricSpec(name, score, True, 1.0, "labels", more.get("tasks", CLASSIFICATION), more.get("aliases", ()))


ZERO = ("zero_division", 0.0)
METRICS = [
    MetricSpec(
        "roc_auc", roc_auc, True, 1.0, "probabilities", CLASSIFICATION, ("auc", "roc_auc_ovr", "roc_auc_ovr_weighted")
    ),
    MetricSpec(
        "log_loss", log_loss, False, 0.0, "probabilities", CLASSIFICATION, ("logloss", "cross_entropy", "neg_log_loss")
    ),
    MetricSpec("brier", brier, False, 0.0, "probabilities", CLASSIFICATION, ("brier_score", "neg_brier_score")),
    MetricSpec("average_precision", average_precision, True, 1.0, "probabilities", BINARY, ("pr_auc",)),
    MetricSpec("accuracy", accuracy, True, 1.0, "labels", CLASSIFICATION, ("acc",)),
    _labels("balanced_accuracy", "balanced_accuracy_score", aliases=("balanced_acc", "bac")),
    _labels("f1", "f1_score", (("average", "binary"), ZERO), tasks=BINARY),
    _labels("f1_macro", "f1_score", (("average", "macro"), ZERO)),
    _labels("f1_micro", "f1_score", (("average", "micro"), ZERO)),
    _labels("f1_weighted", "f1_score", (("average", "weighted"), ZERO)),
    _labels("precision", "precision_score", (("average", "binary"), ZERO), tasks=BINARY),
    _labels("precision_macro", "precision_score", (("average", "macro"), ZERO)),
    _labels("recall", "recall_score", (("average", "binary"), ZERO), tasks=BINARY),
    _labels("recall_macro", "recall_score", (("average", "macro"), ZERO)),
    _labels("mcc", "matthews_corrcoef", aliases=("matthews_corrcoef",)),
    _labels("cohen_kappa", "cohen_kappa_score", aliases=("kappa",)),
    _labels(
        "quadratic_kappa",
        "cohen_kappa_score",
        (("weights", "quadratic"),),
        aliases=("qwk", "quadratic_weighted_kappa", "cohen_kappa_quadratic"),
    ),
]


@hookimpl
def automl_metrics() -> list[MetricSpec]:
    """Offer the classification metrics."""
    return METRICS
