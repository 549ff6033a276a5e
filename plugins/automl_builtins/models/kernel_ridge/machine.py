"""KernelMachine: a weighted sum of Laplace kernel values, in a space in which distances are those of a metric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array
from automl_builtins.models._shared.row_products import row_products
from automl_builtins.models.kernel_ridge.metric import distances, laplace, place_rows

BLOCK_CELLS = 4_000_000
"""Kernel values computed at once."""


@dataclass(frozen=True, slots=True)
class KernelMachine:
    """What predicts, about a mean of 0.

    mapped: the map to the space of distances; points `(n_points, n_directions)` in it; dual `(n_points, n_targets)`.
    """

    mapped: Array
    points: Array
    width: float
    dual: Array

    def values(self, matrix: Array) -> Array:
        """Return `(n_rows, n_targets)` for a dense matrix, each row by itself."""
        step = max(1, BLOCK_CELLS // len(self.points))
        starts = range(0, max(1, len(matrix)), step)
        return np.concatenate([self._block(matrix[start : start + step]) for start in starts])

    def _block(self, matrix: Array) -> Array:
        apart = distances(place_rows(matrix.astype(np.float64), self.mapped), self.points)
        return row_products(laplace(apart, self.width), self.dual.T)
