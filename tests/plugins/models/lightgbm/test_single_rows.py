"""LightGBM's fast path for single rows: bit for bit what `Booster.predict` gives."""

import numpy as np
import pytest

from automl_builtins.models.lightgbm.single_rows import single_rows
from tests.plugins.models.lightgbm.test_bit_trees import booster_and_rows, odd_rows


@pytest.mark.parametrize("objective", ["regression", "binary", "multiclass"])
def test_rows_one_by_one_get_what_they_get_together(objective):
    booster, rows = booster_and_rows(objective)
    rows = odd_rows(rows[:20])
    expected = booster.predict(rows, raw_score=True).reshape(len(rows), -1)
    np.testing.assert_array_equal(single_rows(booster, rows.shape[1]).raw(rows), expected)


def test_a_library_without_the_fast_path_is_told_by_none(monkeypatch):
    booster, rows = booster_and_rows()
    monkeypatch.setattr("lightgbm.basic._LIB", object())
    assert single_rows(booster, rows.shape[1]) is None
