"""Linear leaves: trees whose leaves hold a linear function of the numbers that lead there (Shi et al., IJCAI 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array, ColumnKind, Dataset, as_matrix

OBJECTIVES = frozenset({"regression", "binary", "multiclass"})
"""What linear leaves are fitted for; others of LightGBM's objectives set the leaves' values afterwards."""
MOST_LEAVES = 32
"""Linear leaves need more rows each, and fewer of them do."""
LAMBDA = 1.0
"""The penalty on the coefficients, of numbers on their even scale."""
QUARTILES, NORMAL_SPREAD = (25, 50, 75), 1.35
"""Between the outer quartiles lie so many standard deviations of a normal distribution."""


@dataclass(frozen=True, slots=True)
class EvenScale:
    """Numbers on a scale on which a penalty means the same for every column and no value lies far from all others.

    Around the middle it is linear, further out logarithmic (asinh), and it ends where the known values do. It keeps the
    order of numbers, so trees split them alike. middle, spread, low, high: `(n_columns,)`; the spread of a category is
    0, and its codes stay as they are.
    """

    middle: Array
    spread: Array
    low: Array
    high: Array

    @staticmethod
    def of(data: Dataset) -> EvenScale:
        """Return the scale of each column; of features alone, like bins, so that it may be that of all rows."""
        matrix = np.asarray(as_matrix(data.features))
        found = np.zeros((4, matrix.shape[1]))
        for place, column in enumerate(data.schema.columns):
            known = matrix[np.isfinite(matrix[:, place]), place].astype(np.float64)
            if len(known) and column.kind is not ColumnKind.CATEGORICAL:
                lower, middle, upper = np.percentile(known, QUARTILES)
                spread = (upper - lower) / NORMAL_SPREAD or known.std()
                found[:, place] = middle, spread, known.min(), known.max()
        return EvenScale(*found)

    def to(self, matrix: Array) -> Array:
        """Return numbers on this scale, float32; NaN stays."""
        moved = np.array(matrix, dtype=np.float32)
        own = self.spread > 0
        bounded = np.clip(moved[:, own], self.low[own], self.high[own])
        moved[:, own] = np.arcsinh((bounded - self.middle[own]) / self.spread[own])
        return moved


def settings_of_leaves(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return LightGBM's parameters of the leaves: linear ones where they are asked for and can be."""
    if not settings.get("linear_tree") or settings["objective"] not in OBJECTIVES:
        return {"linear_tree": False}
    leaves = min(int(settings.get("num_leaves", MOST_LEAVES)), MOST_LEAVES)
    return {"linear_tree": True, "linear_lambda": LAMBDA, "num_leaves": leaves}
