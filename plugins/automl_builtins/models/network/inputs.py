"""What the network sees of a table: numbers robustly scaled and smoothly clipped, categories one-hot or by number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from automl.plugin_api import Array, ColumnKind, Dataset, Features

ONE_HOT_LEVELS = 9
"""Categories with up to this many levels are one-hot encoded; larger ones get an embedding."""
MOST_LEVELS = 5_000
"""Levels beyond this, the rarest, share one embedding."""
CLIP = 3.0


@dataclass(frozen=True, slots=True)
class NetworkInputs:
    """How columns become inputs, learnt from training rows (Holzmüller et al., NeurIPS 2024, scale numbers likewise).

    numbers, small, large: places of columns. centre, scale: of the numbers. flagged: places, among the numbers, of
    those that get an input of their own telling that they are missing. levels: of the small categories. kept: for each
    large category the codes that have an embedding.
    """

    numbers: tuple[int, ...]
    small: tuple[int, ...]
    large: tuple[int, ...]
    centre: Array
    scale: Array
    flagged: tuple[int, ...]
    levels: tuple[int, ...]
    kept: tuple[Array, ...]

    @property
    def n_plain(self) -> int:
        """How many inputs there are beside the numbers and the embeddings."""
        return len(self.flagged) + sum(self.levels)

    @property
    def large_levels(self) -> tuple[int, ...]:
        """The size of each embedding; the last row is for all that has none of its own."""
        return tuple(len(codes) + 1 for codes in self.kept)

    def apply(self, features: Features) -> tuple[Array, Array, Array]:
        """Return scaled numbers, other inputs, and positions in the embeddings, a row for each row."""
        matrix = _matrix(features)
        numbers = matrix[:, self.numbers]
        missing = ~np.isfinite(numbers)
        scaled = np.where(missing, 0.0, (numbers - self.centre) * self.scale)
        scaled = scaled / np.sqrt(1.0 + (scaled / CLIP) ** 2)
        plain = [missing[:, self.flagged].astype(np.float32)]
        if self.small:
            places, codes = _one_hot_cells(self.small, self.levels)
            plain.append((matrix[:, places] == codes).astype(np.float32))
        positions = [self._positions(matrix[:, p], kept) for p, kept in zip(self.large, self.kept, strict=True)]
        embedded = np.stack(positions, axis=1) if positions else np.zeros((len(matrix), 0), dtype=np.int64)
        return scaled.astype(np.float32), np.concatenate(plain, axis=1), embedded

    @staticmethod
    def _positions(codes: Array, kept: Array) -> Array:
        found = np.searchsorted(kept, codes)
        found = np.minimum(found, max(len(kept) - 1, 0))
        known = kept[found] == codes if len(kept) else np.zeros(len(codes), dtype=bool)
        return np.where(known, found, len(kept))


@lru_cache(maxsize=1000)
def _one_hot_cells(small: tuple[int, ...], levels: tuple[int, ...]) -> tuple[Array, Array]:
    """Return the column and the code of each one-hot input; made once, as making them takes longer than a row does."""
    return np.repeat(small, levels), np.concatenate([np.arange(count, dtype=np.float64) for count in levels])


def learn_inputs(train: Dataset) -> NetworkInputs:
    """Return how these training rows' columns become inputs."""
    matrix, columns = _matrix(train.features), train.schema.columns
    categories = [place for place, each in enumerate(columns) if each.kind is ColumnKind.CATEGORICAL]
    numbers = tuple(place for place in range(matrix.shape[1]) if place not in categories)
    centre, scale = _robust_scale(matrix[:, numbers])
    flagged = tuple(k for k, place in enumerate(numbers) if not np.isfinite(matrix[:, place]).all())
    small, large, levels, kept = [], [], [], []
    for place in categories:
        codes, counts = np.unique(matrix[:, place][np.isfinite(matrix[:, place])], return_counts=True)
        if len(codes) and codes[-1] < ONE_HOT_LEVELS:
            small.append(place)
            levels.append(int(codes[-1]) + 1)
        else:
            common = counts >= 2
            order = np.argsort(-counts[common], kind="stable")[:MOST_LEVELS]
            large.append(place)
            kept.append(np.sort(codes[common][order]))
    return NetworkInputs(numbers, tuple(small), tuple(large), centre, scale, flagged, tuple(levels), tuple(kept))


def _robust_scale(numbers: Array) -> tuple[Array, Array]:
    """Return each column's median and one over its quartile distance, or half its range; 0 where it is constant."""
    if not numbers.size:
        return np.zeros(numbers.shape[1]), np.zeros(numbers.shape[1])
    with np.errstate(all="ignore"):
        known = np.where(np.isfinite(numbers), numbers, np.nan)
        empty = np.isnan(known).all(axis=0)
        known[:, empty] = 0.0
        low, centre, high = np.nanpercentile(known, [25, 50, 75], axis=0)
        spread = high - low
        wide = 0.5 * (np.nanmax(known, axis=0) - np.nanmin(known, axis=0))
    spread = np.where(spread > 0, spread, wide)
    return centre, np.where(spread > 0, 1.0 / np.where(spread > 0, spread, 1.0), 0.0)


def _matrix(features: Features) -> Array:
    values = features.to_numpy(dtype=np.float64) if hasattr(features, "to_numpy") else features
    return np.asarray(values, dtype=np.float64)
