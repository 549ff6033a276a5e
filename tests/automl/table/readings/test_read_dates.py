"""Reading dates: few of them give what many do, however they are written."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.table.columns.encode_few_rows import FEW_ROWS
from automl.table.columns.encode_table import encode_table
from automl.table.readings.read_dates import ORDERS, date_seconds, plain_seconds, read_dates
from automl.vocabulary.schema import Column, ColumnKind, Schema

MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))
SPELLINGS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", " %Y-%m-%d", "%d/%m/%Y")
ODD = (
    "2011-02-30",
    "2011-01-01 24:00",
    "2011-13-01",
    "0000-01-01",
    "now",
    "",
    "\uff12011-01-01",
    "2011-01-01Z",
    "2011-01",
)
TEXTS = st.builds(lambda moment, form: moment.strftime(form), MOMENTS, st.sampled_from(SPELLINGS)) | st.sampled_from(
    ODD
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(TEXTS | st.none(), min_size=1, max_size=6), st.sampled_from(["ISO8601", "sure", "", *ORDERS, "dmy 1931"])
)
def test_few_dates_are_read_as_among_many(texts, date_format):
    column = Column("day", ColumnKind.DATETIME, date_format=date_format)
    few, many = (
        encode_table(pd.DataFrame({"day": pd.Series(each, dtype=object)}), Schema((column,)))["day"].to_numpy()
        for each in (texts, texts + ["2020-05-05"] * FEW_ROWS)
    )
    assert np.array_equal(few, many[: len(texts)], equal_nan=True)


@given(MOMENTS, st.sampled_from(SPELLINGS[:3]))
def test_plain_dates_are_read_without_pandas_as_with_it(moment, form):
    text = moment.replace(year=1700 + moment.year % 500).strftime(form)
    expected = date_seconds(pd.Series([text], dtype=object), "ISO8601").tolist()
    assert plain_seconds([text], "ISO8601") == expected
    assert plain_seconds([text], "%Y-%m-%d") is None


@pytest.mark.parametrize("dtype", [object, "str"])
def test_seconds_count_from_1970(dtype):
    texts = pd.Series(["1970-01-01", "1969-12-31 23:59", "2011-01-01T05:00:30"], dtype=dtype)
    last = (datetime(2011, 1, 1, 5, 0, 30) - datetime(1970, 1, 1)) / timedelta(seconds=1)
    assert date_seconds(texts, "ISO8601").tolist() == [0.0, -60.0, last] == plain_seconds(texts.tolist(), "ISO8601")


@pytest.mark.parametrize(
    ("date_format", "text", "read"),
    [
        ("dmy", "03/04/2021", "2021-04-03"),
        ("dmy", "03.04.2021 10:30", "2021-04-03 10:30"),
        ("dmy", "3 April 2021", "2021-04-03"),
        ("dmy", "2021-04-03", "2021-04-03"),
        ("dmy", "4/13/2021", None),
        ("mdy", "03/04/2021", "2021-03-04"),
        ("ymd", "21-03-04", "2021-03-04"),
        ("ymd", "03/04/2021", None),
        ("dmy", "03/04/45", "2045-04-03"),
        ("dmy 1931", "03/04/45", "1945-04-03"),
        ("dmy", "31/12/9999", "9999-12-31"),
        ("dmy", "29/02/2021", None),
        ("ISO8601", "13/04/2021", "2021-04-13"),
        ("ISO8601", "03/04/2021", None),
        ("", "03/04/2021", None),
        ("", "2021Q2", "2021-04-01"),
    ],
)
def test_a_date_is_read_by_its_format_or_not_at_all(date_format, text, read):
    found = read_dates(pd.Series([text]), date_format)[0]
    assert (None if pd.isna(found) else found) == (None if read is None else pd.Timestamp(read, tz="UTC"))
    assert plain_seconds([text], date_format) in (None, date_seconds(pd.Series([text]), date_format).tolist())


def test_numbers_are_read_as_dates_where_the_format_counts_alone():
    numbers = pd.Series([20210403, 44289, 1617408000])
    for date_format, place in (("%Y%m%d", 0), ("excel", 1), ("s", 2)):
        assert date_seconds(numbers, date_format)[place] == pd.Timestamp("2021-04-03").timestamp()
        assert date_seconds(numbers.astype(str), date_format)[place] == pd.Timestamp("2021-04-03").timestamp()
    assert np.isnan(date_seconds(numbers, "dmy")).all()
    assert date_seconds(pd.Series(["2021-04-03", None]), "excel")[0] == pd.Timestamp("2021-04-03").timestamp()
