"""The profile of a table is small and says of each column what was there."""

import numpy as np
import pandas as pd
import pytest

from automl.registry import discover
from automl.steps.audit.profile_table import N_POINTS, profile_table
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_columns


def profiled(**columns):
    frame = pd.DataFrame(columns)
    schema = type_columns(frame, discover())
    return {column.name: column for column in profile_table(encode_table(frame, schema), frame, schema, 0).columns}


def test_numbers_are_kept_as_quantiles_in_the_users_units():
    [found] = profiled(n=1e9 + np.arange(5000) % 1000).values()
    assert len(found.points) <= N_POINTS
    assert (found.low, found.high) == (1e9, 1e9 + 999)
    assert found.shares[-1] == 1.0
    assert found.points[50] == pytest.approx(1e9 + 500, abs=10)


def test_categories_are_kept_as_shares_with_what_occurs_once():
    [found] = profiled(c=["a"] * 6 + ["b"] * 3 + ["z"]).values()
    assert (found.points, found.shares) == ((0, 1, 2), (0.6, 0.3, 0.1))
    assert found.singles == 0.1


def test_missing_values_and_types_are_kept():
    found = profiled(
        n=[1.0, None, 3.0, 4.0], t=pd.to_datetime(["2020-01-01", None, None, "2021-01-01"]), s=[1, 1, 1, 1]
    )
    assert {name: (each.missing, each.n_known, each.dtype) for name, each in found.items()} == {
        "n": (0.25, 3, "float64"), "t": (0.5, 2, str(found["t"].dtype)), "s": (0.0, 4, "int64"),
    }  # fmt: skip
    assert found["s"].points == ()
