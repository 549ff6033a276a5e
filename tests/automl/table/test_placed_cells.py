"""Rows among those of their groups are told apart, hashed and measured."""

import numpy as np
import pandas as pd

from automl.plugin_api import Placed
from automl.table.placed_cells import is_placed, placed_hashes, rows_of

CELLS = np.array([Placed(0, "a\nb"), Placed(1, "a\nb"), Placed(0, "c"), None, Placed(0, "a\nb")], dtype=object)


def test_they_are_known_by_their_type():
    assert is_placed(pd.Series(CELLS[:2]))
    assert not is_placed(pd.Series(["a", "b"]))
    assert not is_placed(pd.Series([], dtype=object))


def test_cells_have_one_hash_where_they_are_equal():
    hashes = placed_hashes(CELLS)
    assert len(set(hashes.tolist())) == 4
    assert hashes[0] == hashes[4]
    assert (placed_hashes(CELLS[[2, 0]]) == hashes[[2, 0]]).all()
    assert len(placed_hashes(CELLS[:0])) == 0


def test_they_are_measured_by_the_rows_of_their_groups():
    assert [rows_of(cell) for cell in CELLS] == [2, 2, 1, 0, 2]
