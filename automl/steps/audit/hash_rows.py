"""Hash rows: one number for each row of a stored table, the same for rows that are equal; whole blocks at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

BLOCK_CELLS = 4_000_000
"""Cells of numbers that are hashed at once, which bounds the memory that it takes."""
ODD = np.uint64(0x9E3779B97F4A7C15)
HALF = np.uint64(32)


def hash_rows(stored: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return a 64-bit hash of each row, `(n_rows,)`; of numbers one zero and one NaN are as good as another.

    Numbers of one type are multiplied by odd numbers of their columns and added up (multilinear hashing): pandas
    hashes column by column, which for thousands of columns takes longer than all else before the first fit.
    """
    hashes = np.zeros(len(stored), dtype=np.uint64)
    kinds = stored.dtypes
    for number, kind in enumerate(dict.fromkeys(kinds)):
        block = stored.loc[:, (kinds == kind).to_numpy()]
        is_number = isinstance(kind, np.dtype) and kind.kind in "biuf"
        made = _of_numbers(block.to_numpy()) if is_number else pd.util.hash_pandas_object(block, index=False).to_numpy()
        hashes = _mixed(hashes + made.astype(np.uint64) + np.uint64(number))
    return hashes


def _of_numbers(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    n_rows, n_columns = values.shape
    factors = np.random.default_rng(0).integers(0, 2**63, n_columns, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    step = max(1, BLOCK_CELLS // max(1, n_rows))
    total = np.zeros(n_rows, dtype=np.uint64)
    for start in range(0, n_columns, step):
        part = values[:, start : start + step]
        if part.dtype.kind == "f":
            part = np.where(np.isnan(part), np.nan, part + part.dtype.type(0))  # turns -0.0 into 0.0
        bits = np.ascontiguousarray(part).view(f"u{part.dtype.itemsize}").astype(np.uint64)
        total += (_mixed(bits) * factors[start : start + step]).sum(axis=1, dtype=np.uint64)
    return total


def _mixed(bits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Spread what is in the upper bits over all, as floats that are whole differ in those alone."""
    bits = bits * ODD
    return np.asarray(bits ^ (bits >> HALF))
