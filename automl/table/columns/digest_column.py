"""Digest a column: a short key that equal columns share and others do not, made in one pass over the values."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from automl.table.readings.gather_numbers import number_blocks
from automl.table.readings.normalise_cells import written


def digest_of(values: pd.Series) -> bytes:
    """Return a key of a column's type and values; columns that `Series.equals` calls equal have the same.

    Numbers go by their bytes, with one zero and one NaN. Everything else goes by the hashes of its distinct values,
    which hold for this process alone, and by where each of them stands.
    """
    dtype = values.dtype.str if isinstance(values.dtype, np.dtype) else str(values.dtype)  # pandas spells slowly
    digest = hashlib.blake2b(dtype.encode(), digest_size=16)
    for part in _parts(values):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.digest()


def digests_of(frame: pd.DataFrame) -> dict[str, bytes]:
    """Return the digests of a table's columns of plain numbers."""
    found: dict[str, bytes] = {}
    for names, block in number_blocks(frame):
        start = hashlib.blake2b(block.dtype.str.encode(), digest_size=16)
        for name, values in zip(names, _plain(block), strict=True):
            digest = start.copy()
            digest.update(values)
            found[name] = digest.digest()
    return found


def _parts(values: pd.Series) -> tuple[np.ndarray[Any, Any], ...]:
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "biufmM":
        return (_plain(values.to_numpy()),)
    if isinstance(values.dtype, pd.CategoricalDtype):  # in any order of the categories
        codes, order = pd.factorize(values.cat.codes.to_numpy())
        found = [None if code < 0 else values.cat.categories[code] for code in order]
    else:
        try:
            codes, found = pd.factorize(values)
        except TypeError:  # values that cannot be hashed
            codes, found = np.arange(len(values)), values
    return codes, np.array([_hash(value) for value in found], dtype=np.int64)


def _plain(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if values.dtype.kind != "f":
        return values
    plain: np.ndarray[Any, Any] = values + values.dtype.type(0)  # turns -0.0 into 0.0
    plain[np.isnan(plain)] = np.nan
    return plain


def _hash(value: Any) -> int:
    try:
        return hash(value)
    except Exception:  # such as a list, or an object of one's own
        return hash(written(value))
