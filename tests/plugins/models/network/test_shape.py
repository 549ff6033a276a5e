"""What a network is told by the table and its hyperparameters."""

from __future__ import annotations

import numpy as np

from automl_builtins.models.network.shape import Rows, Shape, n_members


def test_small_networks_come_several_side_by_side_unless_the_hyperparameters_say():
    small = {"width": 128, "layers": 2}
    assert [n_members(small, n_rows, 60, 1) for n_rows in (700, 10_000)] == [4, 2]
    assert [n_members(small, 700, n_inputs, 1) for n_inputs in (60, 1_000, 5_000)] == [4, 2, 1]
    assert n_members({**small, "members": 2}, 700, 60, 1) == 2


def test_inputs_lie_one_after_another():
    shape = Shape(2, 3, (7, 9), 1, "squared", {"embedding": 4})
    assert shape.of_waves == slice(5, 11)
    assert shape.of_embeddings == (slice(11, 15), slice(15, 19))
    assert shape.n_inputs == 19
    assert Shape(0, 3, (), 1, "squared", {}).n_inputs == 3


def test_rows_are_taken_with_their_target_and_weights_where_there_are_some():
    numbers = np.arange(6.0).reshape(3, 2)
    rows = Rows(numbers, numbers, np.zeros((3, 0), dtype=np.int64), np.arange(3), np.array([0.5, 1.0, 2.0]))
    taken = rows.take(np.array([2, 0]))
    assert taken.target.tolist() == [2, 0]
    assert taken.weights.tolist() == [2.0, 0.5]
    assert Rows(numbers, numbers, rows.embedded, np.zeros(0)).take(slice(1, 3)).numbers.tolist() == [[2, 3], [4, 5]]
