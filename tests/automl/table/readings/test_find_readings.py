"""Columns are read by all of their values and by the table's other columns; what is in doubt is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import InputError
from automl.steps.plan.order_rows import sortable_time
from automl.table.columns.type_columns import read_strings, type_column
from automl.table.readings.read_dates import date_seconds
from automl.vocabulary.readings import Asked, Reading
from automl.vocabulary.schema import ColumnKind

STYLES = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%y",
    "%m/%d/%y", "%d/%m/%y", "%d %B %Y", "%b %d, %Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S", "%A, %d %B %Y", "%d%b%Y", "%Y年%m月%d日",
)  # fmt: skip


def dates(n=200, *, low=False, seed=0, days=2_000) -> pd.Series:
    """Return days, those of `low` never after the 12th of a month."""
    rng = np.random.default_rng(seed)
    found = pd.Series(pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, days, n), unit="D"))
    return found.mask(low & (found.dt.day > 12), found - pd.to_timedelta(15, unit="D")).pipe(
        lambda each: each[each.dt.day <= 12].reset_index(drop=True) if low else each
    )


def seconds(moments: pd.Series) -> list[float]:
    return date_seconds(moments, "").tolist()


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


@pytest.mark.parametrize(("style", "order"), [("%d/%m/%Y", "dmy"), ("%m/%d/%Y", "mdy")])
@pytest.mark.parametrize(
    "what", ["rows", "groups of rows", "workdays", "first of the month", "date beside", "text beside"]
)
def test_what_speaks_for_an_order_decides(style, order, what):
    written, others = dates(low=True), {}
    if what == "rows":
        written = written.sort_values(ignore_index=True)
    if what == "groups of rows":
        written = pd.concat([written[k::5].sort_values() for k in range(5)], ignore_index=True)
    if what == "workdays":
        written = pd.Series(pd.bdate_range("2015-01-01", periods=1_500))
        written = written[written.dt.day <= 12].sample(frac=1.0, random_state=0, ignore_index=True)
    if what == "first of the month":
        written = pd.Series(pd.date_range("2015-01-01", periods=40, freq="MS")).sample(frac=1.0, random_state=0)
    if what == "date beside":
        others = {"sent": written + pd.to_timedelta(np.arange(len(written)) % 9, unit="D")}
    if what == "text beside":
        others = {"born": dates(len(written), seed=1).dt.strftime(style)}
    assert reading(written.dt.strftime(style), **others) == Reading(ColumnKind.DATETIME, order)


def test_two_columns_in_doubt_are_read_so_that_they_lie_together():
    begins = dates(300, low=True)
    ends = begins.where(begins.dt.day > 6, begins + pd.to_timedelta(4, unit="D"))
    found = read_strings(
        pd.DataFrame({"begins": begins, "ends": ends}).apply(lambda each: each.dt.strftime("%d/%m/%Y"))
    )
    assert {each.date_format for each in found.values()} == {"dmy"}
    assert not any(each.doubt for each in found.values())


def test_rows_sorted_by_the_text_itself_tell_nothing():
    text = pd.Series(sorted(dates(low=True, days=360).dt.strftime("%d/%m/%Y")))
    assert reading(text).doubt


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


def test_the_user_says_how_dates_are_read():
    frame = pd.DataFrame({"day": dates(low=True).dt.strftime("%d/%m/%Y"), "paid": dates(len(dates(low=True)))})
    for asked, format_, kind in (
        ({"": "dmy"}, "dmy", ColumnKind.DATETIME),
        ({"day": "dmy"}, "dmy", ColumnKind.DATETIME),
        ({"day": "%d/%m/%Y"}, "%d/%m/%Y", ColumnKind.DATETIME),
        ({"day": "no"}, "", ColumnKind.CATEGORICAL),
        ({"": "no"}, "", ColumnKind.CATEGORICAL),
    ):
        assert read_strings(frame, Asked(asked))["day"] == Reading(kind, format_)
    assert read_strings(frame, Asked({"": "dmy"}))["paid"].date_format == "dmy"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"week": "dmy"}, "Unknown column in dates 'week'"),
        ({"day": "%Y-%m"}, "reads 0 of the first"),
        ({"word": "dmy"}, "reads 0"),
    ],
)
def test_words_about_columns_that_do_not_fit_are_refused(asked, said):
    frame = pd.DataFrame({"day": dates().dt.strftime("%d/%m/%Y"), "word": "a"})
    with pytest.raises(InputError, match=said):
        read_strings(frame, Asked(asked))


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


def test_a_time_column_is_read_as_models_see_it():
    frame = pd.DataFrame(
        {
            "day": dates(low=True).dt.strftime("%d/%m/%Y"),
            "born": dates(len(dates(low=True)), seed=3).dt.strftime("%d/%m/%Y"),
        }
    )
    found = read_strings(frame)["day"]
    assert found.date_format == "dmy"
    assert sortable_time(frame["day"], found).tolist() == seconds(dates(low=True))


def test_a_day_in_the_middle_is_found_where_it_is_beyond_the_12th():
    assert reading(dates().dt.strftime("%Y-%d-%m")) == Reading(ColumnKind.DATETIME, "ydm")
