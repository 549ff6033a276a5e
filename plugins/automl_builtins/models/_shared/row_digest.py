"""A short name for a set of rows, by which what was made of them is found again in a cache."""

from __future__ import annotations

import hashlib

import numpy as np

from automl.plugin_api import Rows


def row_digest(rows: Rows) -> str:
    """Return a digest of row numbers; other rows, or the same in another order, have another."""
    return hashlib.blake2b(np.ascontiguousarray(rows).tobytes(), digest_size=16).hexdigest()
