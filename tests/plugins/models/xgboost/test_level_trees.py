"""Trees walked level by level: what is written otherwise, or broken, is refused."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from automl_builtins.models.xgboost.level_trees import LevelTrees


def length(number):
    return b"L" + struct.pack(">q", number)


def written(value):
    """Return a value in binary JSON, as XGBoost writes it."""
    if isinstance(value, bool):
        return b"T" if value else b"F"
    if isinstance(value, bytes):
        return b"S" + length(len(value)) + value
    if isinstance(value, dict):
        return b"{" + b"".join(length(len(name)) + name + written(each) for name, each in value.items()) + b"}"
    if isinstance(value, list):
        return b"[#" + length(len(value)) + b"".join(map(written, value))
    letter = {"i": b"l", "f": b"d", "u": b"U"}[value.dtype.kind]
    return b"[$" + letter + b"#" + length(value.size) + value.astype(value.dtype.newbyteorder(">")).tobytes()


def stump(**changes):
    """Return a model of one tree with one split."""
    floats, ints = (lambda *values: np.float32(values)), (lambda *values: np.int32(values))
    tree = {
        b"left_children": ints(1, -1, -1), b"right_children": ints(2, -1, -1), b"split_indices": ints(0, 0, 0),
        b"split_conditions": floats(0.5, -1.0, 2.0), b"default_left": np.uint8([1, 0, 0]),
        b"split_type": np.uint8([0, 0, 0]), b"categories": ints(), b"categories_nodes": ints(),
        b"categories_segments": ints(), b"categories_sizes": ints(), b"tree_param": {b"size_leaf_vector": b"1"},
        **{name.encode(): value for name, value in changes.items()},
    }  # fmt: skip
    model = {b"gradient_booster": {b"model": {b"trees": [tree], b"tree_info": ints(0)}}}
    param = {b"base_score": b"[1E0]", b"num_class": b"0"}
    return written({b"learner": {**model, b"learner_model_param": param, b"objective": {b"name": b"reg:squarederror"}}})


def test_a_row_goes_where_the_splits_send_it():
    found = LevelTrees.of(stump()).margins(np.float32([[0.4], [0.5], [np.nan]]))
    assert found.tolist() == [[0.0], [3.0], [0.0]]


def test_categories_of_the_split_go_right_and_all_others_left():
    sets = {"categories": [1, 40], "categories_nodes": [0], "categories_segments": [0], "categories_sizes": [2]}
    model = stump(split_type=np.uint8([1, 0, 0]), **{name: np.int32(each) for name, each in sets.items()})
    found = LevelTrees.of(model).margins(np.float32([[0], [1], [40], [41], [1000], [-1], [np.nan]]))
    assert found[:, 0].tolist() == [0.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "changes",
    [
        {"left_children": np.int32([0, -1, -1])},
        {"right_children": np.int32([7, -1, -1])},
        {"tree_param": {b"size_leaf_vector": b"2"}},
        {"split_type": np.uint8([1, 0, 0]), "categories_nodes": np.int32([0]), "categories_sizes": np.int32([0])},
    ],
)
def test_trees_that_lead_back_or_out_or_hold_several_values_are_refused(changes):
    with pytest.raises(ValueError, match=r"tree|split"):
        LevelTrees.of(stump(**changes))
