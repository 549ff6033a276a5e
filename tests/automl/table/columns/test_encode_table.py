"""A table is encoded alike when fitting and when predicting, in bulk and row by row, however it is spelled."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from automl.errors import InputError
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_column
from automl.vocabulary.schema import ColumnKind, Schema

DAY = 86_400.0


def schema_of(**columns) -> Schema:
    return Schema(tuple(type_column(pd.Series(values, name=name)) for name, values in columns.items()))


def encoded(values, schema: Schema) -> list[float]:
    return encode_table(pd.DataFrame({"c": values}), schema)["c"].tolist()


def test_stored_columns_have_the_type_of_their_kind():
    columns = {
        "size": [1.5, 2.5, np.nan],
        "city": ["Bonn", "Kiel", None],
        "member": [True, False, None],
        "joined": ["2024-01-01", "2024-01-02", None],
    }
    stored = encode_table(pd.DataFrame(columns), schema_of(**columns))
    assert {name: str(dtype) for name, dtype in stored.dtypes.items()} == {
        "size": "float32", "member": "float32", "city": "int32", "joined": "float64",
    }  # fmt: skip
    assert stored["city"].tolist() == [0, 1, -1]
    assert stored["member"].tolist()[:2] == [1.0, 0.0]


@pytest.mark.parametrize(
    "spelling",
    [
        [2, 1, 3, 9],
        [2.0, 1.0, 3.0, 9.0],
        ["2", "1", "3", "9"],
        ["2.0", "1.0", "3.0", "9.0"],
        pd.Categorical([2, 1, 3, 9], [9, 3, 2, 1]),
        pd.Categorical(["2", "1", "3", "9"]),
        pd.array([2, 1, 3, 9], dtype="Int64"),
        pd.array(["2", "1", "3", "9"], dtype=pd.ArrowDtype(pyarrow.string())),
        np.array([2, 1, 3, 9], dtype=object),
    ],
)
def test_a_category_is_the_same_in_every_spelling_and_an_unseen_one_is_missing(spelling):
    assert encoded(spelling, schema_of(c=pd.Categorical([1, 2, 3, 3]))) == [1, 0, 2, -1]


def test_missing_categories_of_every_type_are_missing():
    schema = schema_of(c=["a", "b", "a"])
    for nothing in (None, np.nan, pd.NA, pd.NaT):
        assert encoded(pd.Series([nothing, "b"], dtype=object), schema) == [-1, 1]
    assert encoded([np.nan, np.nan], schema) == [-1, -1]
    assert encoded([[1], [2]], schema) == [-1, -1]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", " 2.5 "], [1, 2.5]),
        (["x", "2"], [np.nan, 2]),
        ([True, False], [1, 0]),
        ([None, None], [np.nan, np.nan]),
        (pd.Categorical(["1", "2"]), [1, 2]),
        ([decimal.Decimal("1.5"), None], [1.5, np.nan]),
        ([np.inf, -np.inf], [np.nan, np.nan]),
        ([1e300, 1.0], [np.nan, 1]),
        (pd.arrays.SparseArray([0, 2]), [0, 2]),
        (pd.to_datetime(["2024", "2025"]), [np.nan, np.nan]),
        (pd.array([1, None], dtype=pd.ArrowDtype(pyarrow.int8())), [1, np.nan]),
    ],
)
def test_a_numeric_column_takes_whatever_reads_as_a_number(values, expected):
    assert encoded(values, schema_of(c=[1.0, 2.0, 3.0])) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    "values",
    [
        [True, False, None],
        ["true", "False", ""],
        ["YES", "no", "?"],
        [1.0, 0.0, np.nan],
        ["1", "0", None],
        pd.array([True, False, None], dtype="boolean"),
        pd.array([True, False, None], dtype=pd.ArrowDtype(pyarrow.bool_())),
        pd.Categorical([True, False, None]),
    ],
)
def test_a_truth_value_is_the_same_in_every_spelling(values):
    assert encoded(values, schema_of(c=[True, False, True])) == pytest.approx([1, 0, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    "fitted",
    [
        ["2024-01-02", "2024-05-01"],
        pd.to_datetime(["2024-01-02", "2024-05-01"]),
        ["02/01/2024", "25/12/2024"],
        [datetime.date(2024, 1, 2), datetime.date(2024, 5, 1)],
    ],
)
@pytest.mark.parametrize(
    "values",
    [
        ["2024-01-02", None],
        ["2024-01-02T00:00:00Z", ""],
        pd.to_datetime(["2024-01-02", None]),
        pd.to_datetime(["2024-01-02", None]).tz_localize("UTC"),
        [datetime.date(2024, 1, 2), None],
        [datetime.datetime(2024, 1, 2), None],
        pd.PeriodIndex(["2024-01-02", None], freq="D"),
        pd.Categorical(["2024-01-02", None]),
        pd.array([datetime.date(2024, 1, 2), None], dtype=pd.ArrowDtype(pyarrow.date32())),
        pd.array([datetime.datetime(2024, 1, 2), None], dtype=pd.ArrowDtype(pyarrow.timestamp("us", "UTC"))),
    ],
    ids=lambda values: str(getattr(values, "dtype", values[0])),
)  # fmt: skip
def test_a_date_is_the_same_whether_it_was_fitted_or_arrives_as_text_or_as_a_date(fitted, values):
    expected = [datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC).timestamp(), np.nan]
    assert encoded(values, schema_of(c=fitted)) == pytest.approx(expected, nan_ok=True)


def test_time_zones_are_brought_to_one():
    schema = schema_of(c=["2024-01-01T00:00:00Z", "2024-01-01T00:00:00+02:00", "2024-01-03"])
    one, two, three = encoded(["2024-01-01T00:00:00Z", "2024-01-01T00:00:00+02:00", "2024-01-01 00:00"], schema)
    assert one - two == 7200
    assert one == three


def test_durations_are_seconds_in_every_type():
    schema = schema_of(c=pd.to_timedelta([1, 2], unit="h"))
    assert encoded(pd.to_timedelta([1, 2], unit="h"), schema) == [3600, 7200]
    assert encoded([datetime.timedelta(hours=1), None], schema) == pytest.approx([3600, np.nan], nan_ok=True)
    arrow = pd.array([datetime.timedelta(hours=1)], dtype=pd.ArrowDtype(pyarrow.duration("ms")))
    assert encoded(arrow, schema) == [3600]


def test_large_numbers_keep_their_differences():
    values = 1_700_000_000 + np.arange(5)
    schema = schema_of(c=values)
    assert np.diff(encoded(values, schema)).tolist() == [1, 1, 1, 1]


def test_a_missing_column_is_named_and_an_ignored_one_may_be_missing():
    schema = schema_of(size=[1, 2, 3], city=["a", "b", "a"], same=[7, 7, 7])
    assert list(encode_table(pd.DataFrame({"city": ["a"], "size": [1]}), schema).columns) == ["size", "city"]
    with pytest.raises(InputError, match=r"lacks the columns \['city'\].*Found: \['size', 'town'\]"):
        encode_table(pd.DataFrame({"size": [1], "town": ["a"]}), schema)


def test_extra_columns_and_another_order_change_nothing():
    schema = schema_of(size=[1, 2, 3], city=["a", "b", "a"])
    frame = pd.DataFrame({"size": [1, 2, 3], "city": ["a", "b", "c"]}, index=[4, 4, 1])
    other = frame.assign(more=1)[["more", "city", "size"]]
    assert_frame_equal(encode_table(frame, schema), encode_table(other, schema))


def test_the_frame_is_not_changed():
    frame = pd.DataFrame({"size": ["1", " 2", None], "city": ["a", "b", "a"]})
    before = frame.copy(deep=True)
    encode_table(frame, schema_of(size=["1", "2", "3"], city=["a", "b", "a"]))
    assert_frame_equal(frame, before)


CELLS = {
    "number": st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-9, 9)),
    "as_text": st.sampled_from(["1", "2.5", " 3", "?", "", None]),
    "code": st.sampled_from(["a", "b", "unseen", "1", "1.0", None]),
    "flag": st.sampled_from([True, False, None]),
    "day": st.sampled_from(["2024-01-02", "2024-01-02 10:00", "01/02/2024", "soon", "", None, "2024-05-06T01:02:03Z"]),
    "stamp": st.sampled_from(["2024-01-02", "25.12.2024", "12/25/2024", "2024-01-02 10:00:01.5", None]),
}
FITTED = schema_of(
    number=[1.0, 2.0, 3.5],
    as_text=["1", "2", "3.5"],
    code=pd.Categorical(["a", "b", "1"]),
    flag=[True, False, None],
    day=["2024-01-02", "2024-01-03"],
    stamp=pd.to_datetime(["2024-01-02", "2024-01-03"]),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=8))
def test_one_row_at_a_time_equals_all_at_once(rows):
    frame = pd.DataFrame(rows, columns=list(CELLS))
    singly = [encode_table(pd.DataFrame([row], columns=list(CELLS)), FITTED) for row in rows]
    assert_frame_equal(encode_table(frame, FITTED), pd.concat(singly, ignore_index=True))


ODD = [
    True, 0, 2, -1.5, np.inf, "inf", 10**400, 2**70, decimal.Decimal("1.5"), np.float32(0.1), "now", "today", 20200101,
    "20200101", datetime.date(2024, 1, 2), datetime.timedelta(seconds=5), np.timedelta64(5, "s"), pd.Timedelta("5s"),
    np.datetime64("2024-01-02"), datetime.time(5), [1], {"a": 1}, "$1,234.50", "yes", "",
]  # fmt: skip
USUAL = {
    "size": [1.5, 2.5, 3.5],
    "price": [f"${number},234.50" for number in range(1, 60)],
    "member": [True, False, True],
    "joined": pd.date_range("2024-01-01", periods=3),
    "city": ["Bonn", "Kiel", "Bonn"],
}


@pytest.mark.parametrize("name", USUAL)
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_whatever_stands_in_a_cell_is_read_by_itself_or_missing(name, value):
    schema = schema_of(**{name: USUAL[name]})
    given = pd.Series(USUAL[name]).astype(object).tolist()
    alone = encode_table(pd.DataFrame({name: pd.Series([value], dtype=object)}), schema)
    among = encode_table(pd.DataFrame({name: pd.Series([value, *given * 20], dtype=object)}), schema)
    np.testing.assert_array_equal(alone.to_numpy()[0], among.to_numpy()[0])
    assert not np.isinf(alone.to_numpy(dtype=np.float64)).any()


def test_the_time_of_day_is_no_date():
    schema = schema_of(joined=USUAL["joined"])
    assert np.isnan(encode_table(pd.DataFrame({"joined": ["now", " Today "]}), schema)["joined"]).all()


def test_a_truth_value_is_one_of_two_whatever_its_type():
    schema = schema_of(member=USUAL["member"])
    for odd in ([2.0, np.inf, 1.0], [2, 7, 1]):
        found = encode_table(pd.DataFrame({"member": odd * 20}), schema)["member"].tolist()[:3]
        assert np.isnan(found[:2]).all()
        assert found[2] == 1.0


def test_an_odd_value_is_read_alone_as_among_others_in_every_column_of_dates_and_numbers():
    days = pd.Series(pd.date_range("2019-01-01", periods=40, freq="19D"))
    columns = {
        "day first": days.dt.strftime("%d/%m/%Y"), "ISO": days.dt.strftime("%Y-%m-%d"), "typed": days,
        "named": days.dt.strftime("%d %b %y"), "digits": days.dt.strftime("%Y%m%d").astype(int),
        "timestamp": days.astype("int64") // 10**6, "zone": days.dt.tz_localize("Europe/Berlin"),
        "object": days.dt.date,
        "price": [f"${each * 111:,}.50" for each in range(1, 41)],
        "comma": [f"{each}.100,5" for each in range(1, 41)],
        "many": [f"{each}{'kM'[each % 2]}" for each in range(40)], "took": [f"{each}:30:00" for each in range(40)],
        "span": pd.to_timedelta(range(40), unit="h"), "minutes": [f"{each} min" for each in range(40)],
    }  # fmt: skip
    odd = [
        None, np.nan, pd.NaT, pd.NA, "", "now", "03/04/2021", "13/04/2021", "04/13/2021", "2021-13-04", "3 Apr 21",
        "31.12.9999 23:59:59.999999", "2020-01-01 00:00:00.123456789", "00/00/0000", "1/1/99999", "\ud800", "a" * 99,
        "1e400", "inf", float("inf"), 10**400, decimal.Decimal("1e400"), decimal.Decimal("NaN"), True, b"x",
        datetime.date(1, 1, 1), datetime.datetime(1, 1, 1), datetime.datetime(1, 1, 1, tzinfo=datetime.timezone.max),
        datetime.time(3), datetime.timedelta.max, np.timedelta64("NaT"), np.datetime64("9999-12-31"), pd.Timestamp.max,
        pd.Period("2020-01"), "1 days 02:00:00", "P99999999999D", "12:30", "(5)", "5-", "1.234,5", "$5", "5%",
        "\uff15", "5\u00b2",
        20200101, "20200101", 1577836800, np.float32(2.5), "9" * 39,
    ]  # fmt: skip
    fitted = schema_of(**columns)
    assert fitted.kinds == {ColumnKind.DATETIME, ColumnKind.NUMERIC}
    cells = pd.Series([*odd, *odd], dtype=object)
    many = encode_table(pd.DataFrame(dict.fromkeys(columns, cells)), fitted)
    for row in range(len(odd)):
        alone = encode_table(pd.DataFrame({name: cells.iloc[[row]] for name in columns}), fitted)
        np.testing.assert_array_equal(alone.to_numpy()[0], many.to_numpy()[row], err_msg=repr(odd[row]))
