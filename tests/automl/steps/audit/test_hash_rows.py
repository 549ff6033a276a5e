"""Equal rows share a hash and others do not, whatever the types of the columns are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.steps.audit.hash_rows import hash_rows

ROW = st.tuples(st.sampled_from([0.0, -0.0, 1.0, 2.0, float("nan")]), st.integers(0, 2), st.sampled_from(["", "a"]))


@given(st.lists(ROW, min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_rows_have_one_hash_exactly_where_they_are_equal(rows):
    number, code, text = zip(*rows, strict=True)
    stored = pd.DataFrame({"n": np.float32(number), "c": np.int32(code), "t": pd.Series(text, dtype=object)})
    hashes = hash_rows(stored)
    keys = [(repr(abs(one)), two, three) for one, two, three in rows]
    assert len(set(hashes.tolist())) == len(set(keys))
    assert all((hashes[i] == hashes[0]) == (keys[i] == keys[0]) for i in range(len(rows)))


@pytest.mark.parametrize("dtype", [np.float32, np.int32, np.float64])
def test_whole_numbers_and_columns_in_another_order_do_not_collide(dtype):
    grid = np.stack(np.meshgrid(np.arange(60), np.arange(60)), axis=-1).reshape(-1, 2).astype(dtype)
    assert len(set(hash_rows(pd.DataFrame(grid)).tolist())) == len(grid)


def test_blocks_of_columns_give_one_hash_however_many_are_hashed_at_once(monkeypatch):
    stored = pd.DataFrame(np.random.default_rng(0).normal(size=(7, 30)).astype(np.float32))
    whole = hash_rows(stored)
    monkeypatch.setattr("automl.steps.audit.hash_rows.BLOCK_CELLS", 20)
    assert (hash_rows(stored) == whole).all()
