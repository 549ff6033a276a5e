"""Regression metrics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from automl.plugin_api import Array, MetricSpec, TaskKind, hookimpl

REGRESSION = frozenset({TaskKind.REGRESSION})
SMALLEST = 1e-12
"""Denominators are kept this far from 0."""


def mse(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the mean squared error."""
    return float(np.average((target - predictions) ** 2, weights=weights))


def rmse(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the root of the mean squared error."""
    return float(np.sqrt(mse(target, predictions, weights)))


def mae(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the mean absolute error."""
    return float(np.average(np.abs(target - predictions), weights=weights))


def r2(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the share of the target's variance that is explained; 0 for a constant target."""
    variance = float(np.average((target - np.average(target, weights=weights)) ** 2, weights=weights))
    return 1.0 - mse(target, predictions, weights) / variance if variance > SMALLEST else 0.0


def rmsle(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the root mean squared error of log(1 + y); predictions below 0 count as 0, targets below 0 are refused."""
    if np.min(target) < 0:
        raise ValueError(f"rmsle is for targets of at least 0; found {np.min(target)}. Choose another metric, such as rmse.")
    return rmse(np.log1p(target), np.log1p(np.maximum(predictions, 0.0)), weights)


def mape(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the mean absolute error as a share of the target's size."""
    share = np.abs(target - predictions) / np.maximum(np.abs(target), np.finfo(np.float64).eps)
    return float(np.average(share, weights=weights))


def smape(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the symmetric mean absolute percentage error, between 0 and 2."""
    size = np.maximum(np.abs(target) + np.abs(predictions), SMALLEST)
    return float(np.average(2.0 * np.abs(target - predictions) / size, weights=weights))


def median_absolute_error(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the median absolute error, the weighted median where there are weights."""
    errors = np.abs(target - predictions)
    if weights is None:
        return float(np.median(errors))
    order = np.argsort(errors)
    share = np.cumsum(np.asarray(weights)[order])
    return float(errors[order][np.searchsorted(share, 0.5 * share[-1])])


def explained_variance(target: Array, predictions: Array, weights: Array | None = None) -> float:
    """Return the share of variance explained, leaving a constant bias aside; 0 for a constant target."""
    error = target - predictions
    left = np.average((error - np.average(error, weights=weights)) ** 2, weights=weights)
    variance = np.average((target - np.average(target, weights=weights)) ** 2, weights=weights)
    return float(1.0 - left / variance) if variance > SMALLEST else 0.0


def spearman(target: Array, predictions: Array, weights: Array | None = None) -> float:  # noqa: ARG001  ranks only
    """Return Spearman's rank correlation; 0 where either side is constant. Weights are not used."""
    from scipy.stats import rankdata

    first, second = rankdata(target), rankdata(predictions)
    if first.std() < SMALLEST or second.std() < SMALLEST:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _values(
    name: str, score: Callable[..., float], greater_is_better: bool, optimum: float, *aliases: str
) -> MetricSpec:
    return MetricSpec(name, score, greater_is_better, optimum, "values", REGRESSION, aliases)


METRICS = [
    _values("rmse", rmse, False, 0.0, "root_mean_squared_error", "neg_root_mean_squared_error"),
    _values("mse", mse, False, 0.0, "mean_squared_error", "neg_mean_squared_error"),
    _values("mae", mae, False, 0.0, "mean_absolute_error", "neg_mean_absolute_error"),
    _values("r2", r2, True, 1.0, "r_squared"),
    _values("rmsle", rmsle, False, 0.0, "root_mean_squared_log_error", "neg_root_mean_squared_log_error"),
    _values("mape", mape, False, 0.0, "mean_absolute_percentage_error", "neg_mean_absolute_percentage_error"),
    _values("smape", smape, False, 0.0),
    _values("median_absolute_error", median_absolute_error, False, 0.0, "medae", "neg_median_absolute_error"),
    _values("explained_variance", explained_variance, True, 1.0),
    _values("spearman", spearman, True, 1.0, "spearmanr"),
]


@hookimpl
def automl_metrics() -> list[MetricSpec]:
    """Offer the regression metrics."""
    return METRICS
