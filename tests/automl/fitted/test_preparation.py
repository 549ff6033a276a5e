"""Blocks of features are put side by side without losing a name, a type or a row."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, issparse

from automl.fitted.preparation import FittedPreparation, FittedStep, beside, join_blocks, split_blocks, take_positions
from automl.vocabulary.schema import Column, ColumnKind, Schema

SCHEMA = Schema((Column("a", ColumnKind.NUMERIC), Column("b", ColumnKind.NUMERIC)))
STORED = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}, dtype=np.float32)


class Doubled:
    """Doubles what it is given; `transform_array` where `fast`."""

    def __init__(self, fast=False):
        if fast:
            self.transform_array = lambda values: values * 2

    def transform(self, frame):
        return frame * 2


class Ones:
    """Marks every cell in a sparse matrix."""

    def transform(self, frame):
        return csr_matrix(np.ones(frame.shape, dtype=np.float32))


def test_frames_of_numbers_become_one_block_and_others_keep_their_types():
    left, right = STORED[["a"]], STORED[["b"]]
    joined = beside(left, right)
    assert list(joined.columns) == ["a", "b"]
    assert set(joined.dtypes) == {np.dtype(np.float32)}
    words = pd.DataFrame({"word": ["x", "y", "z"]}, index=[7, 8, 9])
    assert beside(left, words).dtypes.tolist() == [np.dtype(np.float32), words["word"].dtype]
    assert beside(left, words)["word"].tolist() == ["x", "y", "z"]
    assert beside(left, right.iloc[:, []]) is left
    assert beside(left.iloc[:, []], right) is right


def test_dense_and_sparse_blocks_are_parted_and_a_table_without_dense_ones_keeps_its_rows():
    sparse = csr_matrix(np.eye(3, dtype=np.float32))
    dense, others = split_blocks([STORED[["b"]], sparse, STORED[["a"]]], 3)
    assert list(dense.columns) == ["b", "a"]
    assert others == [sparse]
    assert split_blocks([sparse], 3)[0].shape == (3, 0)


def test_columns_at_positions_are_taken_in_that_order_and_the_others_stay_in_theirs():
    frame = pd.DataFrame([[0, 1, 2, 3]], columns=list("abcd"))
    taken, rest = take_positions(frame, (3, 1))
    assert (list(taken.columns), list(rest.columns)) == (["d", "b"], ["a", "c"])
    assert take_positions(frame, (0, 1, 2, 3))[1].shape == (1, 0)


def test_a_single_row_is_joined_to_the_same_matrix_as_among_others():
    dense = pd.DataFrame([[0.0, 1.5], [2.0, 0.0], [0.0, 0.0]], dtype=np.float32)
    sparse = [csr_matrix(np.array([[0, 3], [0, 0], [4, 5]], np.float32)), csr_matrix(np.eye(3, dtype=np.float32))]
    together = join_blocks(dense, sparse, want_sparse=True)
    assert together.toarray().tolist() == [[0, 1.5, 0, 3, 1, 0, 0], [2, 0, 0, 0, 0, 1, 0], [0, 0, 4, 5, 0, 0, 1]]
    for row in range(3):
        alone = join_blocks(dense.iloc[[row]], [block[[row]] for block in sparse], want_sparse=True)
        assert (alone.shape, alone.dtype) == ((1, 7), np.float32)
        np.testing.assert_array_equal(alone.toarray(), together[[row]].toarray())
    assert join_blocks(dense, sparse, want_sparse=False) is dense


def test_numbers_are_joined_as_arrays_to_the_same_features_as_by_frames():
    names = pd.Index(["b", "a"])
    encode = tuple(FittedStep(Doubled(fast), (name,)) for name, fast in (("b", True), ("a", False)))
    finish = (FittedStep(Doubled(True), positions=(1,), rest=(0,), names=pd.Index(["a"])),)
    by_frames = FittedPreparation(encode, (FittedStep(Doubled(), positions=(1,), rest=(0,)),), False, SCHEMA)
    by_arrays = FittedPreparation(encode, finish, False, SCHEMA, names=pd.Index(["a", "b"]))
    pd.testing.assert_frame_equal(by_arrays.transform(STORED), by_frames.transform(STORED), check_exact=True)
    assert by_arrays.transform(STORED).to_numpy().tolist() == [[4, 8], [8, 10], [12, 12]]
    assert names.tolist() == split_blocks([step.preprocessor.transform(STORED[list(step.columns)]) for step in encode],
                                          3)[0].columns.tolist()  # fmt: skip


def test_a_sparse_preparation_gives_a_matrix_with_the_numbers_first():
    steps = (FittedStep(Ones(), ("a",)), FittedStep(Doubled(), ("b",)))
    for names in (None, pd.Index(["b"])):
        found = FittedPreparation(steps, (), True, SCHEMA, names=names).transform(STORED)
        assert issparse(found)
        assert found.toarray().tolist() == [[8, 1], [10, 1], [12, 1]]
