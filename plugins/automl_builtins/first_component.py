"""First component: several targets as one number a row, along which they differ most."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array


def first_component(values: Array) -> Array:
    """Return each row's place along the first principal component of standardised values, `(n_rows,)`."""
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    _, vectors = np.linalg.eigh(scaled.T @ scaled)
    direction = vectors[:, -1] * (1.0 if vectors[np.abs(vectors[:, -1]).argmax(), -1] > 0 else -1.0)
    return np.asarray(np.round(scaled @ direction, 9))
