"""Whatever buffer, type or cell a column comes in, the steps after the door see plain ones."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from automl.table.normalise_columns import native_array, normalised, plain_column, without_mask
from tests.odd_values import NUMBERS, NUMERIC, TAKEN, WORDS, objects

OWN = {
    "numpy": pd.Series([1.5, None]),
    "whole": pd.Series([1, 2]),
    "dates": pd.Series(pd.to_datetime(["2020-01-01", None])),
    "text": pd.Series(["a", None], dtype="str"),
    "objects": pd.Series(["a", None, 1, True, pd.Timestamp("2020-01-01")], dtype=object),
    "nullable": pd.Series([1, None], dtype="Int64"),
    "categories": pd.Series(pd.Categorical(["b", "a"], ["b", "a"], ordered=True)),
    "zoned": pd.Series(pd.to_datetime(["2020-01-01"]).tz_localize("UTC")),
    "period": pd.Series(pd.period_range("2020", periods=2, freq="M")),
}


@pytest.mark.parametrize("column", OWN.values(), ids=OWN)
def test_a_plain_column_and_a_frame_of_such_come_back_themselves(column):
    assert plain_column(column) is column
    frame = pd.DataFrame({"a": column})
    assert normalised(frame) is frame


@pytest.mark.parametrize("make", [*NUMERIC.values(), *WORDS.values(), *TAKEN.values()])
def test_every_column_becomes_plain_in_one_pass_and_keeps_name_index_and_gaps(make):
    column = make().rename("odd").set_axis(range(5, 65))
    before = column.copy(deep=True)
    found = plain_column(column)
    assert plain_column(found) is found
    assert found.name == "odd"
    assert found.index.equals(column.index)
    assert not isinstance(found.dtype, pd.ArrowDtype | pd.SparseDtype)
    if isinstance(found.dtype, np.dtype):
        assert found.dtype.isnative
    if column.dtype != object:
        assert found.isna().tolist() == column.isna().tolist()
    assert column.dtype == before.dtype


def test_the_users_frame_is_not_changed():
    frame = pd.DataFrame({"odd": np.arange(3).astype(">i4"), "plain": [1.0, 2.0, 3.0]})
    found = normalised(frame)
    assert frame["odd"].dtype == np.dtype(">i4")
    assert found["odd"].tolist() == [0, 1, 2]
    assert list(found.columns) == ["odd", "plain"]


def test_ordered_categories_keep_their_order_when_they_are_read_anew():
    found = plain_column(pd.Series(pd.Categorical([b"lo", b"hi"], [b"lo", b"hi"], ordered=True)))
    assert found.cat.ordered
    assert found.cat.categories.tolist() == ["lo", "hi"]


def test_categories_that_become_one_are_one():
    found = plain_column(pd.Series(pd.Categorical(objects(["a\ud800", "a\ufffd"]))))
    assert found.tolist() == ["a\ufffd", "a\ufffd"]


def test_whole_numbers_with_gaps_stay_exact():
    assert plain_column(TAKEN["whole numbers of Arrow with gaps"]())[1] == 2**60 + 1
    assert without_mask(np.ma.array([2**60 + 1, 5], mask=[False, True])).tolist() == [2**60 + 1, pd.NA]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.ma.array([1.5, 2.5], mask=[0, 1]), [1.5, None]),
        (np.ma.array([True, False], mask=[0, 1]), [True, None]),
        (np.ma.array(["a", "b"], mask=[0, 1]), ["a", None]),
        (np.ma.array([1.5, 2.5]).astype(">f8"), [1.5, 2.5]),
    ],
)
def test_what_is_masked_is_missing(values, expected):
    found = without_mask(values)
    assert [None if each is None or each is pd.NA or each != each else each for each in found] == expected


def test_an_array_gets_the_byte_order_and_the_size_that_libraries_read():
    assert native_array(np.arange(3).astype(">u2")).dtype == np.uint16
    assert native_array(NUMBERS.astype(np.longdouble)).dtype == np.float64
    assert native_array(NUMBERS.astype(np.float16)).dtype == np.float32
    assert native_array(np.array(["a"])).dtype == object
    assert native_array(NUMBERS.astype(complex)).dtype == np.float64
    assert native_array(NUMBERS + 1j).dtype == np.complex128


def test_arrow_types_that_pandas_cannot_read_are_read_cell_by_cell():
    values = pa.chunked_array([pa.array([[1], [2]], pa.list_view(pa.int64()))])
    column = pd.Series(pd.arrays.ArrowExtensionArray(values))
    assert plain_column(column).tolist() == [[1], [2]]
