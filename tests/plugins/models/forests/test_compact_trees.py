"""Compact trees: what they predict, against the forest that they were taken from."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_builtins.models.forests import compact_trees as _compact_trees
from automl_builtins.models.forests.compact_trees import CompactTrees, largest_float32_up_to, splits_by_number


def forest_and_rows(kind: str, n_outputs: int, seed: int, missing: float, leaves: int | None):
    from sklearn import ensemble

    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(120, 4)).astype(np.float32).round(1)
    rows[rng.random(rows.shape) < missing] = np.nan
    target = rng.integers(n_outputs, size=120) if n_outputs > 1 else 1e6 + rng.normal(size=120)
    target[:n_outputs] = np.arange(n_outputs) if n_outputs > 1 else target[:1]
    name = f"{kind}{'Classifier' if n_outputs > 1 else 'Regressor'}"
    model = getattr(ensemble, name)(7, max_leaf_nodes=leaves, random_state=seed)
    return model.fit(rows[:80], target[:80]), rows


def compacted(model) -> CompactTrees:
    return CompactTrees.of([tree.tree_ for tree in model.estimators_], hasattr(model, "classes_"))


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(["RandomForest", "ExtraTrees"]),
    n_outputs=st.sampled_from([1, 2, 5]),
    seed=st.integers(0, 1000),
    missing=st.sampled_from([0.0, 0.2]),
    leaves=st.sampled_from([None, 9]),
)
def test_compact_trees_predict_what_the_forest_predicts(kind, n_outputs, seed, missing, leaves):
    model, rows = forest_and_rows(kind, n_outputs, seed, missing, leaves)
    expected = model.predict_proba(rows) if n_outputs > 1 else model.predict(rows)[:, None]
    np.testing.assert_allclose(compacted(model).mean(rows), expected, rtol=1e-7, atol=1e-7)


def test_every_row_ends_in_the_leaf_that_it_ends_in_in_the_forest():
    model, rows = forest_and_rows("RandomForest", 1, 3, 0.2, None)
    trees = compacted(model)
    trees.mean(rows)
    found = np.column_stack([tree.apply(rows) for tree, _ in trees._walkers])
    np.testing.assert_array_equal(found, model.apply(rows))


@pytest.mark.parametrize("n_trees", [1, 2, 3, 7])
def test_few_rows_go_through_any_number_of_trees_in_one_call(n_trees):
    model, rows = forest_and_rows("RandomForest", 3, 4, 0.1, None)
    trees = CompactTrees.of([tree.tree_ for tree in model.estimators_[:n_trees]], is_centred=True)
    together = trees.mean(rows)
    for count in (1, 2, 8):
        np.testing.assert_array_equal(trees.mean(rows[:count]), together[:count])


@given(st.integers(1, 200))
def test_every_number_is_reached_by_the_splits_and_in_few_of_them(count):
    splits = splits_by_number(count)
    assert len(splits) == count - 1
    for number in range(count):
        place, steps = 0 if splits else -1, 0
        while place >= 0:
            left, right, threshold = splits[place]
            place, steps = (left if number <= threshold else right), steps + 1
        assert count == 1 or -place - 1 == number
        assert steps <= np.ceil(np.log2(count))


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_a_row_alone_gets_exactly_what_it_gets_among_others(monkeypatch, n_outputs):
    model, rows = forest_and_rows("ExtraTrees", n_outputs, 5, 0.1, None)
    trees = compacted(model)
    alone = np.concatenate([trees.mean(row[None]) for row in rows])
    np.testing.assert_array_equal(alone, trees.mean(rows))
    monkeypatch.setattr(_compact_trees, "FEW_CELLS", 0)
    np.testing.assert_array_equal(alone, trees.mean(rows))


def test_pickled_trees_are_small_and_predict_the_same():
    model, rows = forest_and_rows("RandomForest", 2, 1, 0.1, None)
    trees = compacted(model)
    before, data = trees.mean(rows), pickle.dumps(trees)
    assert len(data) < 0.5 * len(pickle.dumps(model))
    np.testing.assert_array_equal(pickle.loads(data).mean(rows), before)


@given(st.floats(-(2.0**99), 2.0**99), st.floats(-(2.0**99), 2.0**99, width=32))
@settings(max_examples=50, deadline=None)
def test_thresholds_in_float32_part_float32_values_alike(threshold, value):
    rounded = largest_float32_up_to(np.array([threshold]))[0]
    assert (value <= threshold) == (value <= float(rounded))
