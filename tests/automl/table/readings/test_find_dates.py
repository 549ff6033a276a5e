"""Whether a column of text holds dates, and in which order their numbers stand."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.table.columns.type_columns import read_strings
from automl.table.readings.read_dates import date_seconds
from automl.vocabulary.readings import Reading
from automl.vocabulary.schema import ColumnKind
from tests.automl.table.readings.drawn_dates import dates, seconds

STYLES = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%y",
    "%m/%d/%y", "%d/%m/%y", "%d %B %Y", "%b %d, %Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S", "%A, %d %B %Y", "%d%b%Y", "%Y年%m月%d日",
)  # fmt: skip


def reading(texts, **others) -> Reading:
    return read_strings(pd.DataFrame({"day": texts, **others}))["day"]


@settings(max_examples=40, deadline=None)
@given(style=st.sampled_from(STYLES), low=st.booleans(), ordered=st.booleans(), seed=st.integers(0, 99))
def test_dates_of_any_style_come_back_or_are_told(style, low, ordered, seed):
    written = dates(60, low=low, seed=seed)
    written = written.sort_values(ignore_index=True) if ordered else written
    text = written.dt.strftime(style)
    found = reading(text)
    assert found.kind is ColumnKind.DATETIME
    assert date_seconds(text, found.date_format).tolist() == seconds(written) or found.doubt


@pytest.mark.parametrize(("style", "order"), [("%d/%m/%Y", "dmy"), ("%m/%d/%Y", "mdy")])
def test_the_order_that_reads_all_values_is_taken_though_another_reads_most(style, order):
    written = dates(400, low=True)
    written.iloc[7] += pd.Timedelta(10, unit="D")
    text = written.mask(written.dt.day > 12, pd.Timestamp("2016-05-28")).dt.strftime(style)
    assert reading(text) == Reading(ColumnKind.DATETIME, order)


def test_where_nothing_tells_both_readings_of_a_value_are_told():
    found = reading(dates(low=True).dt.strftime("%d/%m/%Y"))
    assert found.date_format == "mdy"
    assert "mdy, month first" in found.doubt
    assert "dmy, day first" in found.doubt


def test_values_that_only_another_order_reads_are_told():
    text = dates(300).dt.strftime("%d/%m/%Y")
    text.iloc[5] = "5/13/2016"
    found = reading(text)
    assert found.date_format == "dmy"
    assert "5/13/2016" in found.doubt


@pytest.mark.parametrize(
    ("years", "first", "told"),
    [(range(35, 106), "dmy 1935", ""), (range(95, 122), "dmy", ""), (range(45, 66), "dmy 1945", "2000")],
)
def test_years_of_two_digits_lie_together_and_not_far_ahead(years, first, told):
    found = reading([f"{13 + year % 9}/{1 + year % 12}/{year % 100:02d}" for year in years for _ in range(2)])
    assert found.date_format == first
    assert told in found.doubt


def test_a_day_in_the_middle_is_found_where_it_is_beyond_the_12th():
    assert reading(dates().dt.strftime("%Y-%d-%m")) == Reading(ColumnKind.DATETIME, "ydm")
