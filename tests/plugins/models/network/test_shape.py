"""What a network is told by the table and its hyperparameters."""

from __future__ import annotations

import numpy as np

from automl_builtins.models.network.shape import Rows, Shape, most_members, n_members


def test_small_networks_come_several_side_by_side_unless_the_hyperparameters_say():
    small = {"width": 128, "layers": 2}
    assert [n_members(small, n_rows, 60, 1) for n_rows in (700, 10_000)] == [4, 2]
    assert [n_members(small, 700, n_inputs, 1) for n_inputs in (60, 1_000, 5_000)] == [4, 2, 1]
    assert n_members({**small, "members": 2}, 700, 60, 1) == 2


def test_memory_is_reckoned_with_as_many_as_there_may_be_and_never_less_for_more_weights():
    width, counts = 128, range(10, 5_000, 70)
    weights = [width * (n_inputs + width + 1) for n_inputs in counts]
    most = [most_members({}, each) for each in weights]
    for n_inputs, each in zip(counts, most, strict=True):
        assert all(n_members({"width": width, "layers": 2}, n, n_inputs, 1) <= each for n in (100, 3_000, 100_000))
    assert (np.diff(np.multiply(weights, most)) >= -1e-6).all()
    assert most_members({"members": 2}, 1e9) == 2


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
