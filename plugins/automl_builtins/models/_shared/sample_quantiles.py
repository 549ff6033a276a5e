"""Quantiles of a sample, as those of which so many of later values lie below on average."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array


def quantiles_of(values: Array, levels: Array, weights: Array | None = None) -> Array:
    """Return quantiles of a sample, `(n_levels,)`.

    Of n values the k-th is taken for the level k / (n + 1) (Weibull), so few values give wide quantiles.
    """
    order = np.argsort(values, kind="stable")
    mass = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)[order]
    total = mass.sum()
    if total <= 0:
        mass, total = np.ones(len(values)), float(len(values))
    reached = np.cumsum(mass) / (total + total / len(values))
    return np.asarray(np.interp(levels, reached, values[order]))
