"""Metrics of quantiles: the mean pinball loss, how many targets lie inside the outermost two, and how wide they are."""

from __future__ import annotations

from functools import partial

import numpy as np

from automl.plugin_api import Array, MetricSpec, Task, hookimpl
from automl_builtins.kinds import QUANTILE


@hookimpl
def automl_metrics() -> list[MetricSpec]:
    """Offer the metrics; each is given the task, whose levels the outputs are of."""
    seen = partial(MetricSpec, needs="outputs", tasks=frozenset({QUANTILE}), needs_task=True)
    return [
        seen("pinball", pinball, False, 0.0, aliases=("mean_pinball", "quantile_loss"), usual_for=("values",)),
        seen("coverage", coverage, True, 1.0, trap="quantiles that are far apart in every row"),
        seen("interval_width", interval_width, False, 0.0, trap="quantiles that are all the same"),
        seen("coverage_error", coverage_error, False, 0.0, trap="the same quantiles in every row"),
        seen("mae_of_median", mae_of_median, False, 0.0),
    ]


def pinball(target: Array, outputs: Array, weights: Array | None, task: Task) -> float:
    """Pinball loss, the mean over rows and levels: what is missing counts `level` times, too much `1 - level` times.

    Source: Koenker and Bassett, "Regression quantiles", Econometrica 1978.
    """
    levels = levels_of(task)
    missing = np.subtract(target[:, None], outputs, dtype=np.float64)
    losses = np.maximum(missing, 0.0)
    losses -= missing * (1.0 - levels)  # at a level, what is too much is -missing
    return _mean(losses.mean(axis=1), weights)


def coverage(target: Array, outputs: Array, weights: Array | None, task: Task) -> float:  # noqa: ARG001  as others
    """Share of targets between the outermost two quantiles, both included; of one level the share up to it.

    It is right where it equals the difference of the two levels, not where it is greatest.
    """
    return _mean(is_covered(target, outputs).astype(np.float64), weights)


def coverage_error(target: Array, outputs: Array, weights: Array | None, task: Task) -> float:
    """How far the coverage is from the difference of the outermost two levels."""
    return abs(coverage(target, outputs, weights, task) - promised(task))


def interval_width(target: Array, outputs: Array, weights: Array | None, task: Task) -> float:  # noqa: ARG001
    """Mean distance of the outermost two quantiles, in the target's units; 0 where there is one level."""
    return _mean(np.subtract(outputs[:, -1], outputs[:, 0], dtype=np.float64), weights)


def mae_of_median(target: Array, outputs: Array, weights: Array | None, task: Task) -> float:
    """Mean absolute error of the quantile whose level is nearest to a half."""
    middle = int(np.argmin(np.abs(levels_of(task) - 0.5)))
    return _mean(np.abs(np.subtract(target, outputs[:, middle], dtype=np.float64)), weights)


def levels_of(task: Task) -> Array:
    """Return the levels of the task's quantiles, `(n_levels,)`."""
    return np.asarray(task.blocks[0].levels, dtype=np.float64)


def promised(task: Task) -> float:
    """Return the share of targets that the outermost two quantiles should hold; of one level what lies up to it."""
    levels = task.blocks[0].levels
    return levels[-1] - levels[0] if len(levels) > 1 else levels[0]


def is_covered(target: Array, outputs: Array) -> Array:
    """Tell which rows lie between the outermost two quantiles, or up to the only one; `(n_rows,)`."""
    below = target <= outputs[:, -1]
    return below & (target >= outputs[:, 0]) if outputs.shape[1] > 1 else below


def _mean(values: Array, weights: Array | None) -> float:
    return float(values.mean()) if weights is None else float(np.average(values, weights=weights))
