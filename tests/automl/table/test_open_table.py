"""Every container of a table opens as the same frame; what cannot be opened is one clear error."""

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from scipy import sparse

from automl.errors import InputError
from automl.table.open_table import MOST_CELLS, as_column, as_frame, is_unnamed, named_frame

NUMBERS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 0.0]])


class Interchanged:
    """Speaks the older protocol for frames alone."""

    def __dataframe__(self, **options):
        return pyarrow.table({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]}).__dataframe__(**options)


class Gathered:
    """A table that is worked out when it is asked for, of a library that nobody here knows."""

    def __init__(self, method, found):
        setattr(self, method, lambda: found)


def fields(kind):
    return np.array([tuple(row) for row in NUMBERS], dtype=[("a", kind), ("b", kind)])


NAMED = {
    "a lazy frame": lambda: polars.LazyFrame({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]}),
    "a record batch": lambda: pyarrow.record_batch({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]}),
    "a reader of batches": lambda: pyarrow.table({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]}).to_reader(),
    "the older protocol": Interchanged,
    "a structured array": lambda: fields("f8"),
    "a big-endian structured array": lambda: fields(">f8"),
    "a record array": lambda: np.rec.fromarrays(NUMBERS.T, names=["a", "b"]),
    "a masked structured array": lambda: np.ma.array(fields("f8")),
    "a mapping of arrays": lambda: {"a": NUMBERS[:, 0].astype(">f8"), "b": NUMBERS[:, 1]},
    "a table of Spark's kind": lambda: Gathered("toPandas", pd.DataFrame(NUMBERS, columns=["a", "b"])),
    "a table of dask's kind": lambda: Gathered("compute", pd.DataFrame(NUMBERS, columns=["a", "b"])),
}


@pytest.mark.parametrize("make", NAMED.values(), ids=NAMED)
def test_every_table_with_names_opens_as_the_same_frame(make):
    assert not is_unnamed(make())
    found = as_frame(make())
    assert list(found.columns) == ["a", "b"]
    np.testing.assert_array_equal(found.to_numpy(dtype=np.float64), NUMBERS)
    assert all(dtype.isnative for dtype in found.dtypes)


UNNAMED = {
    "an array": lambda: NUMBERS,
    "a big-endian array": lambda: NUMBERS.astype(">f8"),
    "whole numbers": lambda: NUMBERS.astype(">i2"),
    "long doubles": lambda: NUMBERS.astype(np.longdouble),
    "float16": lambda: NUMBERS.astype(np.float16),
    "real complex numbers": lambda: NUMBERS.astype(complex),
    "a masked array": lambda: np.ma.array(NUMBERS),
    "objects": lambda: NUMBERS.astype(object),
    "a list of lists": lambda: NUMBERS.tolist(),
    "a sparse matrix": lambda: sparse.csr_matrix(NUMBERS),
    "a sparse array of coordinates": lambda: sparse.coo_array(NUMBERS),
    "a dictionary of keys": lambda: sparse.dok_matrix(NUMBERS),
}


@pytest.mark.parametrize("make", UNNAMED.values(), ids=UNNAMED)
def test_every_table_without_names_opens_as_the_same_frame(make):
    assert is_unnamed(make())
    found = as_frame(make())
    assert list(found.columns) == ["column_0", "column_1"]
    np.testing.assert_array_equal(found.to_numpy(dtype=np.float64), NUMBERS)


@pytest.mark.parametrize(
    "make",
    [
        lambda cells: np.ma.array(cells, mask=[[0, 1], [0, 0]]),
        lambda cells: {"a": np.ma.array(cells[:, 0]), "b": np.ma.array(cells[:, 1], mask=[1, 0])},
        lambda cells: np.ma.array(
            [tuple(row) for row in cells], dtype=[("a", "f8"), ("b", "f8")], mask=[(0, 1), (0, 0)]
        ),
    ],
    ids=["an array", "a mapping", "a structured array"],
)
def test_what_is_masked_is_missing(make):
    assert as_frame(make(np.array([[1.0, -999.0], [3.0, 4.0]]))).isna().to_numpy().tolist() == [
        [False, True],
        [False, False],
    ]
    assert as_column(np.ma.array([1, 2], mask=[0, 1])).isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "data",
    [
        {"a\ud800": ["x\ud800", "y"]},
        [{"a\ud800": "x\ud800"}, {"a\ud800": "y"}],
        pd.DataFrame(
            np.array([["x\ud800"], ["y"]], dtype=object), columns=pd.Index(["a\ud800"], dtype=object), dtype=object
        ),
        {"a\ud800": np.array(["x\ud800", "y"], dtype=object)},
    ],
    ids=["mapping", "records", "frame", "arrays"],
)
def test_half_a_character_is_replaced_in_names_and_cells(data):
    found = as_frame(data)
    assert list(found.columns) == ["a\ufffd"]
    assert found["a\ufffd"].tolist() == ["x\ufffd", "y"]
    found.to_csv().encode()


def test_rows_with_half_a_character_are_read():
    assert as_frame([["x\ud800", 1], ["y", 2]])["column_0"].tolist() == ["x\ufffd", "y"]
    assert as_frame(np.array([["x\ud800", "y"]]))["column_0"].tolist() == ["x\ufffd"]


def test_whole_numbers_of_arrow_with_gaps_stay_exact():
    found = as_frame(pyarrow.table({"a": [2**60 + 1, None]}))
    assert found["a"].tolist() == [2**60 + 1, pd.NA]


def test_a_target_keeps_the_types_of_its_labels():
    assert as_column(np.array([b"x", "y", 1], dtype=object)).tolist() == [b"x", "y", 1]
    assert as_column(np.array([1, 2], dtype=">i4")).dtype == np.int32
    assert named_frame(pd.DataFrame({"y": pd.Series([b"x"], dtype=object)}))["y"].tolist() == [b"x"]


class Unreadable:
    def __array__(self, *args, **options):
        raise RuntimeError("it needs a gradient")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (Unreadable(), "it needs a gradient"),
        (Gathered("collect", [1, 2]), "of which collect\\(\\) makes a builtins.list"),
        (np.zeros(2, dtype=[("a", "f8", (3,))]), "The field 'a'"),
        (sparse.csr_matrix((MOST_CELLS, 2)), "at most 134,217,728"),
        (np.array([[1j]]), "complex"),
    ],
)
def test_what_cannot_be_opened_is_refused_clearly(data, said):
    with pytest.raises(InputError, match=said):
        as_frame(data)


def test_a_lazy_frame_that_fails_says_why():
    lazy = polars.LazyFrame({"a": [1]}).select("b")
    with pytest.raises(InputError, match=r"LazyFrame could not be turned .*ColumnNotFoundError"):
        as_frame(lazy)
