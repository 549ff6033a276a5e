"""Equal columns share a digest, others do not, and no value is looked at twice."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.table.columns.digest_column import digest_of

VALUES = st.one_of(
    st.none(), st.integers(-2, 2), st.sampled_from([0.0, -0.0, 1.0, 0.5, float("nan")]), st.booleans(),
    st.sampled_from(["", "a", "b", "a\0b", "1"]), st.just(Decimal(1)),
)  # fmt: skip


@given(st.lists(VALUES, min_size=3, max_size=3), st.lists(VALUES, min_size=3, max_size=3))
@settings(max_examples=50, deadline=None)
def test_objects_that_are_equal_have_one_digest(left, right):
    first, second = pd.Series(left, dtype=object), pd.Series(right, dtype=object)
    assert digest_of(first) == digest_of(first.copy())
    if first.equals(second):
        assert digest_of(first) == digest_of(second)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (pd.Series([0.0, np.nan, 1.0]), pd.Series([-0.0, -np.float64("nan"), 1.0])),
        (pd.Series(["b", "a"], dtype="category"), pd.Series(pd.Categorical(["b", "a"], categories=["b", "a"]))),
        (pd.Series([1, None], dtype="Int64"), pd.Series([1, pd.NA], dtype="Int64")),
        (pd.Series([[1], [2]]), pd.Series([[1], [2]])),
        (pd.Series([1, 2.0, True], dtype=object), pd.Series([1.0, 2, 1], dtype=object)),
    ],
)
def test_one_zero_one_nan_and_any_order_of_categories(left, right):
    assert left.equals(right)
    assert digest_of(left) == digest_of(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (pd.Series([1.0, 2.0]), pd.Series([1.0, 2.5])),
        (pd.Series([1.0, 2.0]), pd.Series([1, 2])),
        (pd.Series(["a", "b"]), pd.Series(["b", "a"])),
        (pd.Series(["a", "b"], dtype="category"), pd.Series(["a", "c"], dtype="category")),
        (pd.Series([1.0, np.nan]), pd.Series([np.nan, 1.0])),
        (pd.Series(pd.to_datetime(["2020-01-01"])), pd.Series(pd.to_datetime(["2020-01-02"]))),
    ],
)
def test_columns_that_differ_have_digests_that_differ(left, right):
    assert digest_of(left) != digest_of(right)
