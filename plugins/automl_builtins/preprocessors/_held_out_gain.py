"""Held-out gain: by how much a new feature alone betters what the columns as they are explain, on rows not learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array, TaskKind
from automl_builtins.preprocessors._held_out_folds import held_out_folds
from automl_builtins.preprocessors._quick_trees import Explained

BINS = 32
FOLDS = 2
SMOOTHING = 10.0
"""A bin's step is drawn to nothing as if this many further rows lay there that want none."""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What is left to explain of some rows, and which of them are held out together: the same for every feature.

    slope and curvature: `(n_rows, n_outputs)`, see `slope_and_curvature`. folds: `(n_rows,)`, see `held_out_folds`.
    """

    slope: Array
    curvature: Array
    folds: Array

    @staticmethod
    def beyond(explained: Explained, seed: int) -> Unexplained:
        """Return what is left beyond what is explained, on folds drawn with the seed."""
        slope, curvature = slope_and_curvature(explained)
        return Unexplained(slope, curvature, held_out_folds(len(slope), FOLDS, seed, explained.groups))


def held_out_gains(features: Array, unexplained: Unexplained, least_deviations: float, n_bins: int = BINS) -> Array:
    """Return for each feature the loss that it saves on held-out rows, 0 where that may be chance.

    features: `(n_rows, n_features)`, NaN for missing. least_deviations: the standard errors by which a gain must lie
    above 0; few will do, as a feature that tells nothing has a negative gain on rows not learned. n_bins: the quantile
    bins of each feature, at most `BINS`; few find a weak trend, many a crooked one.
    Each feature is cut into bins; the Newton step of each bin from the scores on, learned on the other rows, is one
    round of boosting by this feature alone. This is the test of OpenFE (Zhang et al., ICML 2023) with a histogram in
    place of trees, which takes milliseconds a feature.
    """
    slope, curvature = unexplained.slope, unexplained.curvature
    gains = np.zeros(features.shape[1])
    for i in range(features.shape[1]):
        steps = held_out_steps(into_bins(features[:, i], n_bins), slope, curvature, unexplained.folds)
        saved = -(slope * steps + 0.5 * curvature * steps**2).sum(axis=1)
        if saved.sum() > least_deviations * saved.std() * np.sqrt(len(saved)):
            gains[i] = saved.sum()
    return gains


def slope_and_curvature(explained: Explained) -> tuple[Array, Array]:
    """Return the first and second derivative of each row's loss by its scores, `(n_rows, n_outputs)` each, weighed."""
    slope, curvature = _unweighed(explained)
    if explained.weights is None:
        return slope, curvature
    return slope * explained.weights[:, None], curvature * explained.weights[:, None]


def _unweighed(explained: Explained) -> tuple[Array, Array]:
    scores, target = explained.scores, explained.target[:, None]
    if explained.kind is TaskKind.REGRESSION:
        return scores - target, np.ones_like(scores)
    if explained.kind is TaskKind.BINARY:
        shares, truth = 1.0 / (1.0 + np.exp(-scores)), target
    else:
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        truth = target == np.arange(scores.shape[1])
    return shares - truth, np.maximum(shares * (1.0 - shares), 1e-6)


def held_out_steps(bins: Array, slope: Array, curvature: Array, folds: Array) -> Array:
    """Return each row's Newton step in its bin, learned on the other folds."""
    cells, shape = folds * (BINS + 1) + bins, (FOLDS, BINS + 1)
    steps = np.empty_like(slope)
    for k in range(slope.shape[1]):
        slopes = np.bincount(cells, weights=slope[:, k], minlength=FOLDS * (BINS + 1)).reshape(shape)
        bends = np.bincount(cells, weights=curvature[:, k], minlength=FOLDS * (BINS + 1)).reshape(shape)
        others = bends.sum(axis=0) - bends + SMOOTHING * curvature[:, k].mean()
        steps[:, k] = ((slopes - slopes.sum(axis=0)) / others)[folds, bins]
    return steps


def into_bins(values: Array, n_bins: int = BINS) -> Array:
    """Return the number of the quantile bin of each value; missing ones have the last of all, `BINS`, for themselves.

    Where bins are left over, as many rows have one value, those above the last edge are parted from those on it.
    """
    gaps = np.isnan(values)
    if gaps.all():
        return np.full(len(values), BINS)
    edges = np.unique(np.quantile(values[~gaps], np.linspace(0.0, 1.0, n_bins + 1)[1:-1]))
    if len(edges) < n_bins - 1:
        edges = np.append(edges, np.nextafter(edges[-1], np.inf))
    return np.where(gaps, BINS, np.searchsorted(edges, values, side="right"))
