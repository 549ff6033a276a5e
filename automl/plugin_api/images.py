"""Images as arrays: what a model or preprocessor makes of an image column before anything else."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from automl.vocabulary.arrays import Array


def stack_images(values: Any, side: int) -> tuple[Array, Array]:
    """Return `(n_rows, side, side, 3)` uint8 pixels and `(n_rows,)` booleans: which rows have an image at all.

    `values` is an image column as it is stored. Images of another size are scaled, each pixel the mean of the area that
    it covers, or between its neighbours where they grow. Rows without an image are mid grey.
    """
    cells = np.asarray(values, dtype=object)
    known = np.array([cell is not None for cell in cells], dtype=bool)
    pixels = np.full((len(cells), side, side, 3), 128, dtype=np.uint8)
    same = [i for i in np.flatnonzero(known) if cells[i].shape[:2] == (side, side)]
    for i in same:
        pixels[i] = cells[i]
    others = np.setdiff1d(np.flatnonzero(known), same)
    for i in others:  # one by one: a row alone gets what it gets among others
        pixels[i] = resized(cells[i], side)
    return pixels, known


def resized(image: Array, side: int) -> Array:
    """Return one `(height, width, 3)` uint8 image scaled to `(side, side, 3)`."""
    down, across = _weights(image.shape[0], side), _weights(image.shape[1], side)
    scaled = np.tensordot(down, image.astype(np.float32), axes=(1, 0))
    scaled = np.tensordot(scaled, across, axes=(1, 1)).transpose(0, 2, 1)
    return np.clip(np.round(scaled), 0, 255).astype(np.uint8)


@lru_cache(maxsize=64)
def _weights(old: int, new: int) -> Array:
    """Return `(new, old)`: the share of each old pixel in each new one, a tent as wide as the larger of the two."""
    centres = (np.arange(new) + 0.5) * old / new - 0.5
    reach = max(1.0, old / new)
    tent = np.maximum(0.0, 1.0 - np.abs(np.arange(old)[None, :] - centres[:, None]) / reach)
    weights: Array = (tent / tent.sum(axis=1, keepdims=True)).astype(np.float32)
    return weights
