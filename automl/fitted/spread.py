"""Spread: about how far values lie from predictions, row by row, as the columns tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.machine.one_at_a_time import one_at_a_time
from automl.table.columns.encode_table import encode_table
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.schema import Column, ColumnKind, Schema

SEEN = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL, ColumnKind.DATETIME)
"""Kinds of columns that are stored as numbers."""
ROWS_AT_ONCE = 20_000
_encode = one_at_a_time(encode_table)


@dataclass(frozen=True, slots=True)
class SpreadModel:
    """Small trees for the logarithm of the distance between value and prediction.

    places: of the features that they look at. base: what the trees add to. features, thresholds, missing_left, left,
    right, values: `(n_trees, n_nodes)`; a row goes left where its feature is the threshold at most. A leaf leads to
    itself, so that all rows may go `depth` steps.
    """

    places: Rows
    base: float
    depth: int
    features: Rows
    thresholds: Array
    missing_left: Array
    left: Rows
    right: Rows
    values: Array

    def of(self, features: Array) -> Array:
        """Return `(n_rows,)` distances, in the unit that it was fitted in."""
        steps = range(0, len(features), ROWS_AT_ONCE)
        parts = [self._of(features[start : start + ROWS_AT_ONCE, self.places]) for start in steps]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _of(self, features: Array) -> Array:
        trees, rows = np.arange(len(self.values)), np.arange(len(features))[:, None]
        node = np.zeros((len(features), len(trees)), dtype=np.intp)
        for _ in range(self.depth):
            seen = features[rows, self.features[trees, node]]
            goes_left = np.where(np.isnan(seen), self.missing_left[trees, node], seen <= self.thresholds[trees, node])
            node = np.where(goes_left, self.left[trees, node], self.right[trees, node])
        return np.asarray(np.exp(self.base + self.values[trees, node].sum(axis=1)))


@dataclass(frozen=True, slots=True)
class Spread:
    """The geometric mean of several such models, which is no wider than each for itself.

    What is below `least` or above `most` is brought there. columns: those whose stored numbers are the features, behind
    the prediction.
    """

    columns: tuple[Column, ...]
    models: tuple[SpreadModel, ...]
    least: float
    most: float

    def of(self, frame: pd.DataFrame, predicted: Array) -> Array:
        """Return the spread of rows as the user gives them, `(n_rows,)`, with their predictions, `(n_rows,)`."""
        stored = _encode(frame, Schema(self.columns))
        features = spread_features(stored, self.columns, predicted)
        if not len(features):
            return np.zeros(0)
        logs = [np.log(each.of(features)) for each in self.models]
        return np.asarray(np.clip(np.exp(np.mean(logs, axis=0)), self.least, self.most))


def spread_features(stored: pd.DataFrame, columns: tuple[Column, ...], predicted: Array) -> Array:
    """Return the features, `(n_rows, 1 + n_columns)`: prediction and stored numbers."""
    own = [stored[column.name].to_numpy(dtype=np.float64) for column in columns]
    return np.column_stack([predicted, *own])
