"""What a network for images or texts sees of a table: the columns that hold them, and numbers, standardised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array, ColumnKind, Dataset, Features

CLIP = 5.0
"""Standard deviations beyond which a number counts as this many."""


@dataclass(frozen=True, slots=True)
class CellsAndNumbers:
    """Places of the columns with images or texts and of the numbers, with means and standard deviations of those."""

    held: tuple[int, ...]
    places: tuple[int, ...]
    centre: Array
    spread: Array

    @staticmethod
    def of(train: Dataset, kind: ColumnKind) -> CellsAndNumbers:
        """Learn from training rows."""
        cells = tuple(i for i, column in enumerate(train.schema.columns) if column.kind is kind)
        places = tuple(i for i in range(len(train.schema.columns)) if i not in cells)
        values = _values(train.features, places)
        known = np.isfinite(values)
        count = np.maximum(known.sum(axis=0), 1)
        centre = np.where(known, values, 0.0).sum(axis=0) / count
        spread = np.sqrt(np.square(np.where(known, values - centre, 0.0)).sum(axis=0) / count)
        return CellsAndNumbers(cells, places, centre, np.where(spread > 1e-9 * (1.0 + np.abs(centre)), spread, np.inf))

    def cells(self, features: Features) -> list[Array]:
        """Return the columns of that kind as object arrays."""
        return [features.iloc[:, place].to_numpy(dtype=object) for place in self.held]

    def numbers(self, features: Features) -> Array:
        """Return `(n_rows, n_numbers)` float32, standardised; a missing one is 0, the mean."""
        values = (_values(features, self.places) - self.centre) / self.spread
        return np.clip(np.nan_to_num(values), -CLIP, CLIP).astype(np.float32)


def _values(features: Features, places: tuple[int, ...]) -> Array:
    return np.asarray(features.iloc[:, list(places)].to_numpy(dtype=np.float64))
