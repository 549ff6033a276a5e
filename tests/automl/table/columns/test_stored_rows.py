"""Stored rows: whichever columns are picked, they hold what the stored frame holds."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from automl.table.columns.stored_rows import StoredRows

FRAME = pd.DataFrame(
    {
        "size": np.array([1.5, np.nan], dtype=np.float32),
        "city": np.array([3, -1], dtype=np.int32),
        "price": np.array([2.0, 4.0], dtype=np.float32),
        "when": np.array([1e9, np.nan]),
        "text": np.array(["a", ""], dtype=object),
        "street": np.array([0, 1], dtype=np.int32),
    }
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(list(FRAME.columns)), unique=True))
def test_any_columns_in_any_order_are_those_of_the_frame(names):
    picked = StoredRows.of(FRAME).pick(tuple(names)) if names else StoredRows.of(FRAME).whole()[[]]
    assert_frame_equal(picked, FRAME[names], check_column_type=False, check_index_type=False)


def test_the_same_columns_are_picked_once():
    rows = StoredRows.of(FRAME)
    assert rows.pick(("size", "city")) is rows.pick(("size", "city"))


def test_rows_without_columns_keep_their_number():
    assert len(StoredRows.of(pd.DataFrame(index=pd.RangeIndex(3))).whole()) == 3
