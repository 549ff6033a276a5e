"""Row products: a row gives to the last bit what it gives among others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from automl_builtins.models._shared import row_products as module
from automl_builtins.models._shared.row_products import row_products

RNG = np.random.default_rng(0)
MATRIX, COEFFICIENTS = RNG.normal(size=(50, 7)).astype(np.float32), RNG.normal(size=(3, 7))


@pytest.mark.parametrize("matrix", [MATRIX, csr_matrix(MATRIX)], ids=["dense", "sparse"])
def test_they_are_the_product_of_the_matrix_and_each_row_of_coefficients(matrix):
    np.testing.assert_allclose(row_products(matrix, COEFFICIENTS), MATRIX.astype(np.float64) @ COEFFICIENTS.T)


@pytest.mark.parametrize("matrix", [MATRIX, csr_matrix(MATRIX)], ids=["dense", "sparse"])
def test_a_row_alone_gets_exactly_what_it_gets_among_others(matrix):
    alone = np.concatenate([row_products(matrix[row : row + 1], COEFFICIENTS) for row in range(len(MATRIX))])
    np.testing.assert_array_equal(alone, row_products(matrix, COEFFICIENTS))


def test_blocks_of_any_size_give_the_same(monkeypatch):
    whole = row_products(MATRIX, COEFFICIENTS)
    monkeypatch.setattr(module, "BLOCK_CELLS", 20)
    np.testing.assert_array_equal(row_products(MATRIX, COEFFICIENTS), whole)
