"""Few rows, read value by value, are stored exactly as the same rows among many."""

import numpy as np
import pandas as pd
import pytest

from automl.table.columns.encode_few_rows import FEW_ROWS, FewRows, codes_of, stored_numbers
from automl.table.columns.encode_table import encode_table
from automl.vocabulary.schema import Column, ColumnKind, Schema

CITIES = ("Bern", "Oslo", "Rome")
COLUMNS = (
    Column("number", ColumnKind.NUMERIC, offset=10.0, scale=2.0),
    Column("city", ColumnKind.CATEGORICAL, categories=CITIES),
    Column("truth", ColumnKind.BOOLEAN),
    Column("day", ColumnKind.DATETIME, date_format="dmy"),
    Column("note", ColumnKind.TEXT),
    Column("code", ColumnKind.IGNORED),
    Column("letters", ColumnKind.CATEGORICAL, categories=("A", "B"), source="code", part="letters"),
)
ROWS = {
    "number": [12.5, -3.0, np.inf, np.nan, 1e300],
    "city": ["Oslo", "Paris", None, "Rome", " Bern"],
    "truth": ["yes", "No", "maybe", None, " TRUE "],
    "day": ["31/12/2020", "12/31/2020", "", "1.2.2003", "soon"],
    "note": ["good", None, "n/a", " ", "two words"],
    "code": ["A12", "B7", None, "C1", "12"],
}


@pytest.mark.parametrize("row", range(5))
def test_a_row_alone_is_stored_as_among_many(row):
    schema = Schema(COLUMNS)
    many = pd.concat([pd.DataFrame(ROWS)] * (FEW_ROWS // 5 + 1), ignore_index=True)
    together, alone = encode_table(many, schema), encode_table(many.iloc[[row]], schema)
    pd.testing.assert_frame_equal(alone.reset_index(drop=True), together.iloc[[row]].reset_index(drop=True))


def test_values_are_read_by_the_kind_of_their_column():
    read = FewRows(pd.DataFrame(ROWS), COLUMNS).read
    assert read(COLUMNS[1]) == [1, -1, -1, 2, -1]
    np.testing.assert_array_equal(read(COLUMNS[2]), [1.0, 0.0, np.nan, np.nan, 1.0])
    assert read(COLUMNS[4])[:3] == ["good", "", ""]
    assert read(COLUMNS[6]) == [0, 1, -1, -1, -1]


def test_what_pandas_has_to_read_as_a_whole_is_left_to_it():
    frame = pd.DataFrame({"number": ["1,5", "2"], "day": pd.to_datetime(["2020-01-01", "2021-01-01"])})
    read = FewRows(frame, COLUMNS).read
    assert read(COLUMNS[0]) is None
    assert read(COLUMNS[3]) is None
    far = Column("number", ColumnKind.NUMERIC, offset=2.0**60)
    assert FewRows(pd.DataFrame({"number": [1.0]}), (far,)).read(far) is None


def test_numbers_are_stored_less_their_offset_and_scaled_and_infinite_ones_are_missing():
    found = stored_numbers([[12.5, np.inf], [-1.0, 1e300]], (COLUMNS[0], Column("b", ColumnKind.NUMERIC)))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.float32([[1.25, -1.0], [np.nan, np.nan]]))


def test_the_codes_of_equal_but_other_categories_are_their_own():
    assert codes_of(CITIES) == {"Bern": 0, "Oslo": 1, "Rome": 2}
    assert codes_of(CITIES) is codes_of(CITIES)
    assert codes_of(tuple(reversed(CITIES)))["Rome"] == 0
