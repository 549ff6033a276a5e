"""Placed cells: what columns of the kind SEQUENCE hold, told apart, hashed and measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl.vocabulary.arrays import Array
from automl.vocabulary.placed import ROWS, Placed

ODD = np.uint64(0x9E3779B97F4A7C15)
NOWHERE = Placed(0, "")


def is_placed(known: pd.Series) -> bool:
    """Tell whether the known values of a column are rows among those of their groups."""
    return known.dtype == object and len(known) > 0 and isinstance(known.iloc[0], Placed)


def placed_hashes(cells: Array) -> Array:
    """Return a number for each cell, `(n_rows,)` uint64; each text is hashed once, not once for each of its rows."""
    known = [cell if isinstance(cell, Placed) else NOWHERE for cell in cells]
    codes, texts = pd.factorize(np.array([cell.text for cell in known], dtype=object))
    hashes = pd.util.hash_array(np.asarray(texts, dtype=object)).astype(np.uint64)
    places = np.array([cell.place for cell in known], dtype=np.uint64)
    return np.asarray(hashes[codes] * ODD + places) if len(known) else places


def rows_of(cell: Any) -> int:
    """Return how many rows the group of a cell has; 0 for one that is missing."""
    return cell.text.count(ROWS) + 1 if isinstance(cell, Placed) else 0
