"""As many iterations of an iterative fit as the time left allows."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from automl.plugin_api import Dataset, FitContext

PROBE_ITERATIONS = 10
"""Fitted and timed first where there is a time limit, to know how many more fit into it."""


def iterate(model: Any, matrix: Any, train: Dataset, limit: int, context: FitContext) -> None:
    """Fit a classifier that starts where it stopped, as many iterations as the time left allows, `limit` at most."""
    if context.seconds_left() < np.inf:
        model.max_iter = PROBE_ITERATIONS
        started = time.monotonic()
        model.fit(matrix, train.target, sample_weight=train.weights)
        each = (time.monotonic() - started) / PROBE_ITERATIONS
        limit = affordable(each, limit, context)
        if limit <= PROBE_ITERATIONS or model.n_iter_.max() < PROBE_ITERATIONS:
            return
    model.max_iter = limit
    model.fit(matrix, train.target, sample_weight=train.weights)


def affordable(seconds_each: float, limit: int, context: FitContext) -> int:
    """Return how many iterations of the given length fit into four fifths of the time left, 1 to `limit`."""
    return int(np.clip(0.8 * context.seconds_left() / max(seconds_each, 1e-9), 1, limit))
