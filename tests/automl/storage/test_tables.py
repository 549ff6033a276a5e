"""Frames, indices and sparse matrices come back as they were."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from automl.errors import ArtifactError
from automl.storage.encode import UnencodableError, encode
from automl.storage.tables import decode_table
from tests.automl.storage.values import KNOWN, around


def test_frames_and_series_come_back():
    frame = pd.DataFrame({"a": [1.5, None], "b": ["x", None], "c": [1, 2], "d": [{"x": 1}, [2]], "a b": [True, False]})
    pd.testing.assert_frame_equal(around(frame), frame)
    pd.testing.assert_frame_equal(around(frame.iloc[:0]), frame.iloc[:0])
    twice = frame.set_axis(["a", "a", "b", "c", "d"], axis=1)
    pd.testing.assert_frame_equal(around(twice), twice)
    pd.testing.assert_series_equal(around(frame["b"]), frame["b"])


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["a", "b"], dtype=object, name="n"),
        pd.Index([1.5, 2.0]),
        pd.RangeIndex(1, 9, 3, name="r"),
        pd.Index(["a"]),
    ],
)
def test_indices_come_back(index):
    pd.testing.assert_index_equal(around(index), index, exact=True)


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.csc_array])
def test_sparse_matrices_come_back(kind):
    matrix = kind(np.array([[0, 1.5, 0], [2, 0, 0]], dtype=np.float32))
    found = around(matrix)
    assert type(found) is kind
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.toarray(), matrix.toarray())


def test_sparse_matrices_with_indices_outside_are_refused():
    with pytest.raises(ValueError, match=r"ind(ices|ex)"):
        decode_table("sparse", ["csr_matrix", [1, 2], np.ones(1), np.array([7]), np.array([0, 1])])
    with pytest.raises(ArtifactError, match="expected one of"):
        decode_table("sparse", ["load_npz", [1, 2], np.ones(1), np.array([0]), np.array([0, 1])])
    with pytest.raises(ArtifactError, match="does not know"):
        decode_table("picture", [])


def test_other_columns_have_no_form():
    with pytest.raises(UnencodableError, match="datetime64"):
        encode(pd.DataFrame({"a": pd.to_datetime(["2020-01-01"]).tz_localize("UTC")}), KNOWN)


@pytest.mark.parametrize("columns", [[["", np.zeros(1)]], [["", np.zeros(())]], []])
def test_a_frame_of_more_rows_than_its_columns_have_is_refused(columns):
    with pytest.raises(ArtifactError, match="of other lengths"):
        decode_table("frame", [("range", [0, len(columns), 1, None]), columns, 2 * 10**8])
