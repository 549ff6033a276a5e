"""Importance: what shuffling a column costs."""

import pandas as pd

from tests.tables import binary_table

USED = {"age", "city", "member"}
"""The columns that the target was made of."""


def test_the_columns_that_the_target_is_made_of_come_first(importance):
    assert set(importance["feature"][:3]) == USED
    assert importance["importance"].is_monotonic_decreasing


def test_a_column_of_no_use_has_zero_in_its_interval(importance):
    row = importance.set_index("feature").loc["note"]
    assert row["low"] <= 0 <= row["high"]
    assert (importance["low"] <= importance["importance"]).all()
    assert (importance["importance"] <= importance["high"]).all()


def test_the_same_call_gives_the_same(classifier, importance):
    pd.testing.assert_frame_equal(importance, classifier.feature_importance(binary_table(), "bought", repeats=3))
