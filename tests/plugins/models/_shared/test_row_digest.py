"""Digests of rows: equal rows are found again, others are not taken for them."""

from __future__ import annotations

import numpy as np

from automl_builtins.models._shared.row_digest import row_digest


def test_equal_rows_have_one_digest_however_they_lie_in_memory():
    rows = np.arange(20)
    assert row_digest(rows[::2]) == row_digest(np.ascontiguousarray(rows[::2]))


def test_other_rows_and_another_order_have_another():
    rows = np.arange(20)
    assert len({row_digest(each) for each in (rows, rows[::-1], rows[:19], rows + 1)}) == 4
