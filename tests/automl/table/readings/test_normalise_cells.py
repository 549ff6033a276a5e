"""Every cell is read by itself: as a plain value where it stands for one, and as it is otherwise."""

import datetime
import decimal
import enum
import fractions
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.table.columns.type_columns import as_numbers, as_text
from automl.table.readings.normalise_cells import distinct_cells, plain_cell, plain_cells, whole_text
from tests.odd_values import ODD_CELLS, objects

Colour = enum.Enum("Colour", {"red": b"r"})


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        (np.float32(1.5), 1.5),
        (np.longdouble(1.5), 1.5),
        (np.int8(3), 3),
        (np.True_, True),
        (np.str_("a"), "a"),
        (np.array(2.5), 2.5),
        (np.ma.masked, None),
        (pa.scalar("a"), "a"),
        (pa.scalar(None, pa.int64()), None),
        (b"\xc3\xa9t\xc3\xa9", "été"),
        (b"\xff", "\\xff"),
        (memoryview(b"ab"), "ab"),
        (Colour.red, "r"),
        (complex(2, 0), 2.0),
        (fractions.Fraction(1, 4), 0.25),
        (decimal.Decimal("NaN"), None),
        (np.datetime64("2020-01-01"), pd.Timestamp("2020-01-01")),
        (np.datetime64(10**17, "Y"), "100000000000001970"),
        (decimal.Decimal("1.50"), 1.5),
        (decimal.Decimal(10) ** 400, float("inf")),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("\ud83d\ude00", "😀"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_a_cell_becomes_what_it_stands_for(cell, plain):
    found = plain_cell(cell)
    assert type(found) is type(plain)
    assert found == plain


@pytest.mark.parametrize("cell", [[1], {"a": 1}, 1 + 2j, datetime.time(3), pd.Interval(0, 1), "naïve"])
def test_what_is_plain_or_no_single_value_stays_itself(cell):
    assert plain_cell(cell) is cell


def test_cells_that_are_plain_are_not_copied():
    cells = np.array(["a", None, 1.5, "naïve 😀"], dtype=object)
    assert plain_cells(cells) is cells


@given(st.text(st.characters()))
def test_a_text_can_always_be_written_and_changes_only_where_it_could_not(text):
    found = whole_text(text)
    found.encode()
    assert whole_text(found) == found
    assert (found == text) == (text.encode("utf-8", "replace").decode() == text)


def test_equal_values_of_unlike_types_stay_apart():
    codes, _ = distinct_cells(objects([1, True, None, 1]))
    assert codes[2] == -1
    assert as_text(objects([1, True, 1.0, "1", "True"])).tolist() == ["1", "True", "1", "1", "True"]


CELLS = st.one_of(
    st.sampled_from(list(ODD_CELLS)).map(ODD_CELLS.get),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.decimals(),
    st.text(max_size=4),
    st.integers(-(2**70), 2**70).map(str),
    st.floats(allow_nan=False).map(repr),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=8))
@pytest.mark.parametrize("read", [as_numbers, as_text])
def test_a_cell_is_read_the_same_alone_and_among_any_others(read, cells):
    def reading(some):
        return read(pd.Series(plain_cells(objects(some).to_numpy()), dtype=object))

    among = reading(cells)
    for place, cell in enumerate(cells):
        np.testing.assert_array_equal(reading([cell])[0], among[place])
