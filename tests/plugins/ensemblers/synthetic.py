"""Synthetic out-of-fold predictions: noisy versions of a known truth, and small metrics to judge them by."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import CLASSIFICATION, MetricSpec, Task, TaskKind

BINARY = Task(TaskKind.BINARY, "y", ("no", "yes"))
MULTICLASS = Task(TaskKind.MULTICLASS, "y", ("a", "b", "c", "d"))
REGRESSION = Task(TaskKind.REGRESSION, "y")


def _auc(target, predictions, weights):
    score = predictions[:, 1]
    order = np.argsort(score)
    starts = np.flatnonzero(np.r_[True, np.diff(score[order]) > 0, True])
    ranks = np.empty(len(score))
    ranks[order] = np.repeat((starts[:-1] + starts[1:] + 1) / 2, np.diff(starts))
    positive = int(target.sum())
    if positive in (0, len(target)):
        return float("nan")
    return (ranks[target == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(target) - positive))


def _log_loss(target, predictions, weights):
    hit = np.clip(predictions[np.arange(len(target)), target], 1e-15, 1)
    return -np.average(np.log(hit), weights=weights)


def _accuracy(target, predictions, weights):
    return np.average(target == predictions, weights=weights)


def _rmse(target, predictions, weights):
    return np.sqrt(np.average((target - predictions) ** 2, weights=weights))


AUC = MetricSpec("roc_auc", _auc, True, 1.0, "probabilities", frozenset({TaskKind.BINARY}))
LOG_LOSS = MetricSpec("log_loss", _log_loss, False, 0.0, "probabilities", CLASSIFICATION)
ACCURACY = MetricSpec("accuracy", _accuracy, True, 1.0, "labels", CLASSIFICATION)
RMSE = MetricSpec("rmse", _rmse, False, 0.0, "values", frozenset({TaskKind.REGRESSION}))


def classifiers(n_candidates=8, n_rows=600, n_classes=2, seed=0, noise=1.0):
    """Return float32 probabilities `(n_candidates, n_rows, n_classes)`, each with noise of its own, and the target."""
    rng = np.random.default_rng(seed)
    truth = 1.5 * rng.normal(size=(n_rows, n_classes))
    target = (truth + rng.gumbel(size=truth.shape)).argmax(axis=1)
    spread = noise * np.exp(0.5 * rng.normal(size=(n_candidates, 1, 1)))
    scores = truth + spread * rng.normal(size=(n_candidates, n_rows, n_classes))
    raised = np.exp(scores - scores.max(axis=2, keepdims=True))
    return (raised / raised.sum(axis=2, keepdims=True)).astype(np.float32), target


def regressors(n_candidates=8, n_rows=600, seed=0, noise=1.0):
    """Return float32 values `(n_candidates, n_rows, 1)`, each with noise of its own, and the target."""
    rng = np.random.default_rng(seed)
    truth = 2.0 * rng.normal(size=n_rows)
    spread = noise * np.exp(0.5 * rng.normal(size=(n_candidates, 1)))
    values = truth + spread * rng.normal(size=(n_candidates, n_rows))
    return values[:, :, None].astype(np.float32), truth + rng.normal(size=n_rows)


PROBLEMS = {
    "binary": (BINARY, AUC, lambda **size: classifiers(**size)),
    "multiclass": (MULTICLASS, LOG_LOSS, lambda **size: classifiers(n_classes=4, **size)),
    "labels": (MULTICLASS, ACCURACY, lambda **size: classifiers(n_classes=4, **size)),
    "regression": (REGRESSION, RMSE, lambda **size: regressors(**size)),
}
