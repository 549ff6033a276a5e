"""Classification metrics, in numpy because an ensemble asks for them thousands of times."""

from __future__ import annotations

from functools import partial

import numpy as np

from automl.plugin_api import CLASSIFICATION, Array, MetricSpec, TaskKind, hookimpl
from automl_builtins.metrics._confusion import confusion_matrix, f_scores, per_class
from automl_builtins.metrics._ranking import cumulated_by_block, mean_average_precision

BINARY = frozenset({TaskKind.BINARY})
MULTICLASS = frozenset({TaskKind.MULTICLASS})
RANKS = (2, 3, 4, 5, 7, 10, 12, 20)
"""The k of each "map@k" that is offered."""
SMALLEST = 1e-15
"""A probability below this counts as this in the log loss, which stays finite so."""


@hookimpl
def automl_metrics() -> list[MetricSpec]:
    """Offer the classification metrics, which good probabilities serve best: models learn by the log loss."""
    metric, ranked = partial(MetricSpec, objective="log_loss"), "probabilities"
    aliases = {
        "roc_auc": ("auc", "rocauc", "roc_auc_ovr"),
        "log_loss": ("logloss", "cross_entropy", "neg_log_loss", "mlogloss", "multi_logloss"),
        "average_precision": ("pr_auc", "ap"),
        "brier": ("brier_score", "brier_score_loss", "neg_brier_score"),
        "quadratic_kappa": ("qwk", "cohen_kappa_quadratic", "quadratic_weighted_kappa"),
        "balanced_log_loss": ("balanced_logloss", "weighted_log_loss"),
        "gini": ("normalized_gini", "gini_coefficient"),
    }
    return [
        metric("roc_auc", roc_auc, True, 1.0, ranked, CLASSIFICATION, aliases["roc_auc"], usual_for=("probability",)),
        metric(
            "log_loss", log_loss, False, 0.0, ranked, CLASSIFICATION, aliases["log_loss"], usual_for=("class columns",)
        ),
        metric("average_precision", average_precision, True, 1.0, ranked, BINARY, aliases["average_precision"]),
        metric("brier", brier, False, 0.0, ranked, CLASSIFICATION, aliases["brier"]),
        metric(
            "balanced_log_loss", balanced_log_loss, False, 0.0, ranked, CLASSIFICATION, aliases["balanced_log_loss"]
        ),
        metric("gini", gini, True, 1.0, ranked, BINARY, aliases["gini"]),
        *(
            metric(
                f"map@{k}", partial(mean_average_precision, k=k), True, 1.0, ranked, MULTICLASS, (f"map{k}",), ranks=k
            )
            for k in RANKS
        ),
        metric(
            "accuracy",
            accuracy,
            True,
            1.0,
            "labels",
            CLASSIFICATION,
            ("acc", "categorization_accuracy"),
            usual_for=("labels",),
        ),
        metric("error_rate", error_rate, False, 0.0, "labels", CLASSIFICATION, ("misclassification",)),
        metric("balanced_accuracy", balanced_accuracy, True, 1.0, "labels", CLASSIFICATION, ("bacc",)),
        metric("f1", f1, True, 1.0, "labels", BINARY),
        metric("f2", partial(f_beta, beta=2.0), True, 1.0, "labels", BINARY),
        metric("f0.5", partial(f_beta, beta=0.5), True, 1.0, "labels", BINARY, ("f05", "f0_5", "f_0.5")),
        metric("f1_macro", f1_macro, True, 1.0, "labels", CLASSIFICATION, ("macro_f1",)),
        # the same as accuracy where each row has one label
        metric("f1_micro", accuracy, True, 1.0, "labels", CLASSIFICATION, ("micro_f1", "mean_f1")),
        metric("f1_weighted", f1_weighted, True, 1.0, "labels", CLASSIFICATION, ("weighted_f1",)),
        metric("precision", precision, True, 1.0, "labels", BINARY),
        metric("recall", recall, True, 1.0, "labels", BINARY),
        metric("mcc", matthews, True, 1.0, "labels", CLASSIFICATION, ("matthews_corrcoef",)),
        metric("quadratic_kappa", kappa, True, 1.0, "labels", CLASSIFICATION, aliases["quadratic_kappa"]),
        metric("linear_kappa", partial(kappa, power=1.0), True, 1.0, "labels", CLASSIFICATION),
        metric("cohen_kappa", partial(kappa, power=0.0), True, 1.0, "labels", CLASSIFICATION, ("kappa",)),
    ]


def roc_auc(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Area under the ROC curve; for several classes the mean of one class against the rest, over those that occur.

    0.5 where there is nothing to rank: a single class, or no weight on one side.
    """
    if predictions.shape[1] == 2:
        return _area(target == 1, predictions[:, 1], weights)
    present = np.unique(target)
    if len(present) < 2:
        return 0.5
    return float(np.mean([_area(target == each, predictions[:, each], weights) for each in present]))


def log_loss(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean of minus the logarithm of the probability that was given to the true class."""
    given = predictions[np.arange(len(target)), target].astype(np.float64)
    return float(-np.average(np.log(np.maximum(given, SMALLEST)), weights=weights))


def accuracy(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Share of rows with the right label."""
    return float(np.average(target == predictions, weights=weights))


def balanced_log_loss(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean over the classes in the target of the log loss of their rows."""
    sizes = np.bincount(target, weights=weights).astype(np.float64)
    each = np.ones(len(target)) if weights is None else weights
    even = each / np.where(sizes > 0, sizes, 1.0)[target]
    return log_loss(target, predictions, even if even.sum() > 0 else None)


def gini(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Twice the area under the ROC curve, less one: 0 for guessing."""
    return 2.0 * roc_auc(target, predictions, weights) - 1.0


def error_rate(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Share of rows with a wrong label."""
    return float(np.average(target != predictions, weights=weights))


def balanced_accuracy(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean over the classes in the target of the share of their rows that is found."""
    hits, true, _ = per_class(confusion_matrix(target, predictions, weights))
    present = true > 0
    return float(np.mean(hits[present] / true[present])) if present.any() else 0.0


def f1(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Harmonic mean of precision and recall of the second class; 0 where it neither occurs nor is predicted."""
    return float(f_scores(confusion_matrix(target, predictions, weights))[1])


def f_beta(target: Array, predictions: Array, weights: Array | None = None, *, beta: float) -> float:
    """Like `f1`, but recall counts `beta` times as much as precision."""
    return float(f_scores(confusion_matrix(target, predictions, weights), beta)[1])


def f1_macro(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean of the classes' F1 scores, over those that occur in the target or are predicted."""
    confusion = confusion_matrix(target, predictions, weights)
    _, true, predicted = per_class(confusion)
    seen = true + predicted > 0
    return float(f_scores(confusion)[seen].mean()) if seen.any() else 0.0


def f1_weighted(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean of the classes' F1 scores, weighted by how frequent they are."""
    confusion = confusion_matrix(target, predictions, weights)
    _, true, _ = per_class(confusion)
    return float((f_scores(confusion) * true).sum() / true.sum()) if true.sum() > 0 else 0.0


def precision(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Share of the rows predicted as the second class that belong to it; 0 where none is predicted so."""
    hits, _, predicted = per_class(confusion_matrix(target, predictions, weights))
    return float(hits[1] / predicted[1]) if predicted[1] > 0 else 0.0


def recall(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Share of the second class's rows that are predicted as such; 0 where it has none."""
    hits, true, _ = per_class(confusion_matrix(target, predictions, weights))
    return float(hits[1] / true[1]) if true[1] > 0 else 0.0


def matthews(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Matthews' correlation (Gorodkin's form for several classes); 0 where either side is constant."""
    confusion = confusion_matrix(target, predictions, weights)
    hits, true, predicted = per_class(confusion)
    total = confusion.sum()
    spread = (total**2 - predicted @ predicted) * (total**2 - true @ true)
    return float((hits.sum() * total - true @ predicted) / np.sqrt(spread)) if spread > 1e-12 * total**4 else 0.0


def kappa(target: Array, predictions: Array, weights: Array | None = None, *, power: float = 2.0) -> float:
    """Cohen's kappa with costs that grow as a power of the distance between class numbers; 0 where undefined.

    The power 0 is the plain kappa, where every mistake costs alike.
    """
    confusion = confusion_matrix(target, predictions, weights)
    _, true, predicted = per_class(confusion)
    number = np.arange(len(confusion))
    distance = np.abs(number[:, None] - number)
    cost = np.where(distance > 0, distance**power, 0.0)
    by_chance = (cost * np.outer(true, predicted)).sum()
    return float(1.0 - (cost * confusion).sum() * confusion.sum() / by_chance) if by_chance > 0 else 0.0


def brier(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean squared error of the probabilities: of the second of two classes, or summed over several."""
    if predictions.shape[1] == 2:
        errors = (predictions[:, 1].astype(np.float64) - (target == 1)) ** 2
    else:
        truth = np.eye(predictions.shape[1])[target]
        errors = ((predictions - truth) ** 2).sum(axis=1)
    return float(np.average(errors, weights=weights))


def average_precision(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean precision over the ranks of the second class, without interpolation; 0 where it does not occur."""
    positive, everything = cumulated_by_block(target == 1, -predictions[:, 1], weights)
    if positive[-1] <= 0:
        return 0.0
    precisions = positive / np.where(everything > 0, everything, 1.0)
    return float((np.diff(positive, prepend=0.0) * precisions).sum() / positive[-1])


def _area(positive: Array, scores: Array, weights: Array | None) -> float:
    """Return the share of pairs, one positive and one negative, in which the positive ranks first; ties count half."""
    return _unweighted_area(positive, scores) if weights is None else _weighted_area(positive, scores, weights)


def _unweighted_area(positive: Array, scores: Array) -> float:
    """Sort both sides by themselves and look the shorter one up in the longer: faster than sorting row numbers."""
    above, below = np.sort(scores[positive]), np.sort(scores[~positive])
    if not len(above) or not len(below):
        return 0.5
    few, many = (above, below) if len(above) < len(below) else (below, above)
    smaller = np.searchsorted(many, few, "left").sum() + np.searchsorted(many, few, "right").sum()
    share = float(smaller) / 2.0 / len(above) / len(below)
    return share if few is above else 1.0 - share


def _weighted_area(positive: Array, scores: Array, weights: Array) -> float:
    true, everything = cumulated_by_block(positive, scores, weights)
    false = everything - true
    if true[-1] <= 0 or false[-1] <= 0:
        return 0.5
    below = (false + np.concatenate([[0.0], false[:-1]])) / 2.0
    return float((np.diff(true, prepend=0.0) * below).sum() / true[-1] / false[-1])
