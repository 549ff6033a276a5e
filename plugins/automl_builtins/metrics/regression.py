"""Regression metrics, in numpy because an ensemble asks for them thousands of times."""

from __future__ import annotations

from functools import partial

import numpy as np

from automl.plugin_api import Array, MetricSpec, TaskKind, hookimpl
from automl_builtins.metrics._ranking import cumulated_by_block

REGRESSION = frozenset({TaskKind.REGRESSION})
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""The quantile of each "pinball@quantile" that is offered."""
SMALLEST = 1e-9
"""A prediction below this counts as this where its logarithm is taken."""


@hookimpl
def automl_metrics() -> list[MetricSpec]:
    """Offer the regression metrics, each with the loss by which models come nearest to its optimum."""
    loss = partial(MetricSpec, greater_is_better=False, optimum=0.0, needs="values", tasks=REGRESSION)
    gain = partial(MetricSpec, greater_is_better=True, optimum=1.0, needs="values", tasks=REGRESSION)
    squared, absolute = "squared", "absolute"
    return [
        loss("rmse", rmse, aliases=("root_mean_squared_error",), objective=squared, usual_for=("values",)),
        loss("mse", mse, aliases=("mean_squared_error",), objective=squared),
        loss("mae", mae, aliases=("mean_absolute_error",), objective=absolute),
        gain("r2", r2, aliases=("r2_score",), objective=squared),
        loss("rmsle", rmsle, aliases=("root_mean_squared_log_error",), objective="squared_log", least=0.0),
        loss("mape", mape, aliases=("mean_absolute_percentage_error",), objective=squared),
        loss("smape", smape, aliases=("symmetric_mean_absolute_percentage_error",), objective=squared),
        loss("msle", msle, aliases=("mean_squared_log_error",), objective="squared_log", least=0.0),
        loss("rmspe", rmspe, aliases=("root_mean_squared_percentage_error",), objective=squared),
        loss("wmape", wmape, aliases=("wape", "weighted_mape"), objective=absolute),
        loss("poisson_deviance", poisson, aliases=("mean_poisson_deviance", "poisson"), objective=squared, least=0.0),
        gain("pearson", pearson, aliases=("pearsonr", "correlation"), objective=squared),
        gain("gini_of_values", gini, aliases=("gini", "normalized_gini"), objective=squared),
        *(
            loss(f"pinball@{q}", partial(pinball, quantile=q), aliases=(f"quantile@{q}",), objective=f"quantile:{q}")
            for q in QUANTILES
        ),
        loss("median_absolute_error", median_error, aliases=("medae",), objective=absolute),
        gain("explained_variance", explained_variance, objective=squared),
        gain("spearman", spearman, aliases=("spearmanr", "spearman_correlation"), objective=squared),
    ]


def rmse(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(mse(target, predictions, weights)))


def mse(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean squared error."""
    errors = _errors(target, predictions)
    return _mean(errors * errors, weights)


def mae(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean absolute error."""
    return _mean(np.abs(_errors(target, predictions)), weights)


def r2(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Share of the target's variance that is explained; with a constant target 1 for exact predictions, else 0."""
    away = _errors(target, _mean(target, weights))
    return _explained(mse(target, predictions, weights), _mean(away * away, weights))


def explained_variance(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Like r2, but forgiving a constant error."""
    errors, away = _errors(target, predictions), _errors(target, _mean(target, weights))
    variance = _mean((errors - _mean(errors, weights)) ** 2, weights)
    return _explained(variance, _mean(away * away, weights))


def rmsle(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Root of the mean squared difference of log(1 + value); predictions below 0 count as 0.

    Raises ValueError for a negative target.
    """
    return float(np.sqrt(msle(target, predictions, weights)))


def msle(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean squared difference of log(1 + value); predictions below 0 count as 0. ValueError for a negative target."""
    _check_not_negative(target, "rmsle")
    expected, given = target.astype(np.float64), predictions.astype(np.float64)
    return mse(np.log1p(expected), np.log1p(np.maximum(given, 0.0)), weights)


def poisson(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean Poisson deviance; predictions below a billionth count as that. ValueError for a negative target."""
    _check_not_negative(target, "poisson_deviance")
    expected, given = target.astype(np.float64), np.maximum(predictions.astype(np.float64), SMALLEST)
    logs = np.log(np.where(expected > 0, expected, 1.0) / np.where(expected > 0, given, 1.0))
    return _mean(2.0 * (expected * logs - expected + given), weights)


def pinball(target: Array, predictions: Array, weights: Array | None = None, *, quantile: float) -> float:
    """Mean pinball loss: what is missing counts `quantile` times, what is too much `1 - quantile` times."""
    errors = _errors(target, predictions)
    return _mean(np.maximum(quantile * errors, (quantile - 1.0) * errors), weights)


def rmspe(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Root of the mean squared error as a share of the target; rows whose target is 0 do not count."""
    size = target.astype(np.float64)
    counted = size != 0
    if not counted.any():
        return 0.0
    shares = _errors(target, predictions)[counted] / size[counted]
    kept = None if weights is None else weights[counted]
    return float(np.sqrt(_mean(shares * shares, kept))) if kept is None or kept.sum() > 0 else 0.0


def wmape(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Sum of the absolute errors as a share of the sum of the targets' sizes; the sum itself where all are 0."""
    size = _mean(np.abs(target.astype(np.float64)), weights)
    return mae(target, predictions, weights) / (size if size > 0 else 1.0)


def pearson(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Correlation; 0 where either side is constant."""
    return _correlation(target.astype(np.float64), predictions.astype(np.float64), weights)


def gini(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Normalised Gini: how the predictions order the targets, as a share of what the targets' own order gives.

    Rows with equal predictions share their place. 0 where the target is constant; meant for targets of at least 0.
    """
    best = _concentration(target, target, weights)
    return _concentration(target, predictions, weights) / best if abs(best) > 1e-12 else 0.0


def mape(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean absolute error as a share of the target, which may be huge near 0, as in scikit-learn."""
    sizes = np.maximum(np.abs(target.astype(np.float64)), np.finfo(np.float64).eps)
    return _mean(np.abs(_errors(target, predictions)) / sizes, weights)


def smape(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Mean absolute error as a share of the mean of both absolute values: from 0 to 2, and 0 where both are 0."""
    sizes = (np.abs(target.astype(np.float64)) + np.abs(predictions.astype(np.float64))) / 2.0
    return _mean(np.abs(_errors(target, predictions)) / np.where(sizes > 0, sizes, 1.0), weights)


def median_error(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Median of the absolute errors; with weights the mean of the two that half of the weight lies between."""
    errors = np.abs(_errors(target, predictions))
    if weights is None:
        return float(np.median(errors))
    order = np.argsort(errors, kind="stable")
    reached = np.cumsum(np.asarray(weights, dtype=np.float64)[order])
    half = reached[-1] / 2.0 * (1 + 1e-12)  # the sum of many weights is off by its rounding
    lower, upper = (
        np.searchsorted(reached * (1 + 2e-12), half),
        np.searchsorted(reached * (1 - 2e-12), half, side="right"),
    )
    return float((errors[order][lower] + errors[order][min(upper, len(errors) - 1)]) / 2.0)


def spearman(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Correlation of the ranks, equal values sharing their mean rank; 0 where either side is constant.

    Weights count in the correlation, not in the ranks.
    """
    return _correlation(_ranks(target), _ranks(predictions), weights)


def _correlation(first: Array, second: Array, weights: Array | None) -> float:
    first, second = first - _mean(first, weights), second - _mean(second, weights)
    spread = _mean(first * first, weights) * _mean(second * second, weights)
    return _mean(first * second, weights) / float(np.sqrt(spread)) if spread > 0 else 0.0


def _concentration(target: Array, order: Array, weights: Array | None) -> float:
    """Return how far the Lorenz curve of the targets, in this order, lies below the diagonal."""
    values, rows = cumulated_by_block(target.astype(np.float64), order, weights)
    if rows[-1] <= 0 or values[-1] == 0:
        return 0.0
    heights = np.concatenate([[0.0], values / values[-1]])
    widths = np.diff(rows / rows[-1], prepend=0.0)
    return float(1.0 - (widths * (heights[1:] + heights[:-1])).sum())


def _check_not_negative(target: Array, metric: str) -> None:
    lowest = target.min(initial=0.0)
    if lowest < 0:
        raise ValueError(
            f"The target holds the value {lowest:g}; the metric {metric!r} expects values of at least 0. "
            "Choose another metric, such as 'rmse' or 'mae'."
        )


def _errors(target: Array, predictions: Array | float) -> Array:
    return np.subtract(target, predictions, dtype=np.float64)


def _mean(values: Array, weights: Array | None) -> float:
    return float(values.mean(dtype=np.float64)) if weights is None else float(np.average(values, weights=weights))


def _explained(left: float, total: float) -> float:
    if total > 0:
        return 1.0 - left / total
    return 1.0 if left == 0 else 0.0


def _ranks(values: Array) -> Array:
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1], [True]]))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((starts[:-1] + starts[1:] + 1) / 2.0, np.diff(starts))
    return ranks
