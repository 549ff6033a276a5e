"""Bit trees: bit for bit what LightGBM adds up."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_builtins.models.lightgbm import bit_trees as _bit_trees
from automl_builtins.models.lightgbm.bit_trees import BitTrees


def booster_and_rows(objective="regression", leaves=6, missing=0.1, seed=0, rounds=8, n_rows=400):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_rows, 4)).astype(np.float32)
    rows[:, 1] = rows[:, 1].round(1)
    rows[:, 2] = rng.integers(0, 70, n_rows)
    rows[:, 3] = np.maximum(rows[:, 3], 0)
    trained = rows.copy()
    trained[rng.random(rows.shape) < missing] = np.nan
    target = rows[:, 0] + np.abs(rows[:, 1]) + np.isin(rows[:, 2], (3, 33, 64)) + (rows[:, 3] > 0)
    if objective != "regression":
        target = np.digitize(target, np.quantile(target, [0.5] if objective == "binary" else [0.3, 0.6]))
    settings = {"objective": objective, "num_leaves": leaves, "min_data_in_leaf": 2, "verbose": -1, "num_threads": 1}
    settings |= {"num_class": 3} if objective == "multiclass" else {}
    data = lightgbm.Dataset(trained, target, categorical_feature=[2], params={"verbose": -1})
    return lightgbm.train(settings, data, rounds), rows


def odd_rows(rows):
    """Missing everywhere, categories that the model does not know, and numbers at the ends of their range."""
    odd = np.tile(rows[:12], (1, 1))
    odd[:4][np.eye(4, dtype=bool)] = np.nan
    odd[4:8, 2] = (-1, 71, 1e6, -5)
    odd[8:, 0] = (0.0, -0.0, 1e30, -1e30)
    return np.concatenate([rows, odd, np.full((1, 4), np.nan, dtype=np.float32)])


@settings(max_examples=25, deadline=None)
@given(
    objective=st.sampled_from(["regression", "binary", "multiclass"]),
    leaves=st.sampled_from([2, 5, 8, 9, 31, 63, 64, 65, 150]),
    missing=st.sampled_from([0.0, 0.2]),
    seed=st.integers(0, 1000),
)
def test_the_raw_sums_are_exactly_those_of_lightgbm(objective, leaves, missing, seed):
    booster, rows = booster_and_rows(objective, leaves, missing, seed)
    rows = odd_rows(rows)
    expected = booster.predict(rows, raw_score=True, num_threads=1).reshape(len(rows), -1)
    np.testing.assert_array_equal(BitTrees(booster.model_to_string()).raw(rows), expected)


def test_a_model_of_single_leaves_is_read():
    booster = lightgbm.train(
        {"objective": "regression", "verbose": -1},
        lightgbm.Dataset(np.zeros((30, 2)), np.arange(30.0), params={"verbose": -1}),
        2,
    )
    rows = np.zeros((5, 2), dtype=np.float32)
    np.testing.assert_array_equal(BitTrees(booster.model_to_string()).raw(rows)[:, 0], booster.predict(rows))


@pytest.mark.parametrize("size", [1, 7])
def test_rows_taken_piece_by_piece_give_the_same(monkeypatch, size):
    booster, rows = booster_and_rows()
    trees = BitTrees(booster.model_to_string())
    whole = trees.raw(rows)
    monkeypatch.setattr(_bit_trees, "ROWS", size)
    np.testing.assert_array_equal(trees.raw(rows), whole)
