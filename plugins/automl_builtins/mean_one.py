"""Mean one: weights in rows, so that their size says nothing."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array


def mean_one(weights: Array) -> Array:
    """Return weights scaled to a mean of 1, `(n_rows,)` float64; where all are 0 they stay."""
    given = np.asarray(weights, dtype=np.float64)
    largest = given.max(initial=0.0)
    return np.asarray(given / largest / (given / largest).mean()) if largest > 0 else given
