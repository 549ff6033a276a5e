"""Numbers are dates where their digits, or their size and the column's name, say so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.table.columns.type_columns import read_strings, type_column
from automl.table.readings.read_dates import date_seconds
from automl.vocabulary.readings import Asked, Reading
from automl.vocabulary.schema import ColumnKind
from tests.automl.table.readings.drawn_dates import dates, seconds


@pytest.mark.parametrize(
    ("name", "values", "date_format"),
    [
        ("when", dates().dt.strftime("%Y%m%d").astype(int), "%Y%m%d"),
        ("when", dates().dt.strftime("%Y%m%d"), "%Y%m%d"),
        ("created_at", dates().astype("int64") // 10**6, "s"),
        ("timestamp", dates().astype("int64") // 10**3, "ms"),
    ],
)
def test_numbers_are_dates_where_digits_or_name_and_size_say_so(name, values, date_format):
    column = type_column(values.rename(name))
    assert (column.kind, column.date_format) == (ColumnKind.DATETIME, date_format)
    assert "are read as" in column.note
    assert date_seconds(values, date_format).tolist() == seconds(dates())


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("price", np.arange(20_150_101, 20_150_201)),
        ("phone", dates().astype("int64") // 10**6),
        ("date", 42_000 + np.arange(100)),
        ("timestamp", np.arange(100)),
    ],
)
def test_other_numbers_stay_numbers(name, values):
    assert type_column(pd.Series(values, name=name)).kind is ColumnKind.NUMERIC


def test_days_of_spreadsheets_are_told_of_and_read_when_asked():
    days = pd.Series(42_005 + np.arange(100), name="date")
    assert "'excel'" in type_column(days).note
    assert read_strings(days.to_frame(), Asked({"date": "excel"}))["date"] == Reading(ColumnKind.DATETIME, "excel")
    assert date_seconds(days, "excel")[0] == pd.Timestamp("2015-01-01").timestamp()
