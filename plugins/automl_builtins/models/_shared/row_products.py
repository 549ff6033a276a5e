"""Row products: a matrix times coefficients, each row by itself, so that one row gives what it gives among many.

A matrix product of BLAS adds in an order that depends on how many rows there are; its last digits then differ between
a prediction of one row and the same row in a table.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.plugin_api import Array

BLOCK_CELLS = 2**17
"""Cells that are multiplied at a time: as many as stay in the processor's cache."""


def row_products(matrix: Any, coefficients: Array) -> Array:
    """Return `(n_rows, n_outputs)` float64 of a dense or sparse matrix and `(n_outputs, n_features)` coefficients."""
    coefficients = np.asarray(coefficients, dtype=np.float64)
    if not isinstance(matrix, np.ndarray):
        return np.asarray(matrix.tocsr() @ coefficients.T)
    found = np.empty((len(matrix), len(coefficients)))
    step = max(1, BLOCK_CELLS // max(1, matrix.shape[1]))
    for start in range(0, len(matrix), step):
        block = np.ascontiguousarray(matrix[start : start + step], dtype=np.float64)
        for number, row in enumerate(coefficients):
            found[start : start + step, number] = (block * row).sum(axis=1)
    return found
