"""Gather numbers: give a table's columns of plain numbers in whole blocks, as one look at many columns is far cheaper.

What is told of a column from its block is exactly what would be told of it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd

from automl.table.readings.keep_digits import LEAST, is_far
from automl.vocabulary.arrays import Array
from automl.vocabulary.schema import Column, ColumnKind

CELLS = 2**19
"""Of a block; few enough for it to stay in the processor's cache, or near."""


def number_blocks(frame: pd.DataFrame, only: Collection[str] | None = None) -> Iterator[tuple[list[str], Array]]:
    """Give the columns of integers and floats in blocks of one type: names, and values `(n_columns, n_rows)`.

    The values may be the table's own and are not to be changed. `only` names the columns that are wanted.
    """
    places: dict[Any, list[int]] = {}
    for place, (name, dtype) in enumerate(zip(frame.columns, frame.dtypes, strict=True)):
        if isinstance(dtype, np.dtype) and dtype.kind in "iuf" and (only is None or name in only):
            places.setdefault(dtype, []).append(place)
    size = max(1, CELLS // max(1, len(frame)))
    for found in places.values():
        for start in range(0, len(found), size):
            chosen = found[start : start + size]
            are_neighbours = chosen[-1] - chosen[0] + 1 == len(chosen)  # then nothing is copied
            part = frame.iloc[:, chosen[0] : chosen[-1] + 1] if are_neighbours else frame.iloc[:, chosen]
            yield part.columns.tolist(), np.ascontiguousarray(part.to_numpy().T)


def finite_range(block: Array) -> tuple[Array, Array]:
    """Return the least and the largest finite value of each column; infinity and minus infinity where it has none."""
    known = np.isfinite(block)
    low = np.where(known, block, np.inf).min(axis=1, initial=np.inf)
    high = np.where(known, block, -np.inf).max(axis=1, initial=-np.inf)
    return low.astype(np.float64), high.astype(np.float64)


def without_infinity(frame: pd.DataFrame) -> set[str]:
    """Return the names of the columns of plain numbers that hold no infinite value."""
    found: set[str] = set()
    for names, block in number_blocks(frame):
        n_infinite = np.count_nonzero(np.isinf(block), axis=1).tolist()
        found.update(name for name, count in zip(names, n_infinite, strict=True) if not count)
    return found


def plain_columns(frame: pd.DataFrame, names: Collection[str]) -> dict[str, Column]:
    """Describe columns of plain numbers; of `names`, those are here that vary and need neither offset nor scale."""
    found: dict[str, Column] = {}
    n_rows = len(frame)
    for block_names, block in number_blocks(frame, names):
        n_known = (~np.isnan(block)).sum(axis=1)
        n_distinct = _count_distinct(block, n_known)
        low, high = finite_range(block)
        largest = np.maximum(np.abs(low), np.abs(high))
        with np.errstate(invalid="ignore", over="ignore"):
            needs_more = is_far(low, high) | (largest < LEAST)
        missing = 1.0 - n_known / max(1, n_rows)
        told = zip(block_names, n_distinct.tolist(), missing.tolist(), needs_more.tolist(), strict=True)
        for name, distinct, share, far in told:
            if distinct > 1 and not far:
                found[name] = Column(name, ColumnKind.NUMERIC, distinct, share)
    return found


def _count_distinct(block: Array, n_known: Array) -> Array:
    """Return how many values each column has, of those that are not missing, which sort to the end."""
    ordered = np.sort(block, axis=1)
    other = ordered[:, 1:] != ordered[:, :-1]
    if block.dtype.kind == "f":
        other &= np.arange(1, block.shape[1]) < n_known[:, None]
    return np.asarray(np.count_nonzero(other, axis=1) + (n_known > 0))
