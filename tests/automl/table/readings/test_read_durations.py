"""Durations and times of day as text are seconds, whatever type they had at the fit or have now."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.table.columns.encode_table import encode_numbers
from automl.table.columns.type_columns import type_column
from automl.table.readings.read_durations import find_durations, read_durations
from automl.vocabulary.schema import ColumnKind


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:23:45", 5025), ("2 days 03:00:00", 183600), ("-1 days +22:00:00", -7200), ("-1 day, 22:00:00", -7200),
        ("0 days 00:00:01.500000", 1.5), ("PT5M", 300), ("P1DT2H", 93600), ("-PT0.5S", -0.5), ("90 min", 5400),
        ("1h 30m", 5400), ("2h50m", 10200), ("14:30", 52200), ("2:30 PM", 52200), ("12:05 a.m.", 300), ("2 pm", 50400),
        ("3m 20s", 200), ("1.5 hours", 5400), ("2 weeks and 3 days", 1468800),
        ("7 Stunden 14 Minuten", 26040), ("9:30 Uhr", 34200), ("2 jours 3 heures", 183600), ("1 hora 5 minutos", 3900),
        ("-0:30", -1800), ("\uff11:\uff12\uff13:00", 4980),
    ],
)  # fmt: skip
def test_a_duration_is_read_in_seconds(text, seconds):
    assert read_durations(pd.Series([text]), "h:m").tolist() == [seconds]


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "25:70", "13 pm", "5 kg", "soon", "1:2:3", "16:9", "P1M", None, pd.NaT]
)
def test_what_is_no_duration_is_missing(text):
    assert np.isnan(read_durations(pd.Series([text], dtype=object), "h:m")).all()


@pytest.mark.parametrize(
    ("texts", "number_format", "told"),
    [
        (["12:30", "13:45"], "h:m", False),
        (["12:30:00", "13:45"], "h:m", False),
        (["59:30", "1:02:03", "45:10"], "m:s", False),
        (["19:30", "1:02:03"], "m:s", True),
        (["45:30", "13:45"], "h:m", True),
        (["2h 50m", "45 min"], "h:m", False),
        (["16:9", "4:3"], "", False),
        (["2 lb 3 oz", "1 lb"], "", False),
        (["red", "blue"], "", False),
    ],
)
def test_the_values_of_a_column_tell_what_its_first_number_is(texts, number_format, told):
    found, doubt = find_durations(texts)
    assert found == number_format
    assert bool(doubt) is told


SPANS = st.timedeltas(datetime.timedelta(days=-50), datetime.timedelta(days=50)).map(
    lambda each: datetime.timedelta(seconds=each // datetime.timedelta(seconds=1))
)
FORMS = {
    "typed": lambda spans: pd.Series(spans, dtype="timedelta64[s]"),
    "objects": lambda spans: pd.Series(spans, dtype=object),
    "text of pandas": lambda spans: pd.Series([str(pd.Timedelta(each)) for each in spans], dtype=object),
    "text of Python": lambda spans: pd.Series([str(each) for each in spans], dtype=object),
    "ISO 8601": lambda spans: pd.Series([pd.Timedelta(each).isoformat() for each in spans], dtype=object),
    "numbers": lambda spans: pd.Series([each.total_seconds() for each in spans]),
}


@settings(max_examples=30, deadline=None)
@given(st.lists(SPANS, min_size=3, max_size=8, unique=True), st.sampled_from([*FORMS][:5]), st.sampled_from([*FORMS]))
def test_durations_of_one_form_at_the_fit_are_read_in_any_other(spans, fitted, given_later):
    column = type_column(FORMS[fitted](spans).rename("took"))
    assert column.kind is ColumnKind.NUMERIC
    later = FORMS[given_later](spans)
    expected = np.float32([each.total_seconds() - column.offset for each in spans])
    np.testing.assert_array_equal(encode_numbers(later, column), expected)
    alone = [encode_numbers(later.iloc[[row]], column)[0] for row in range(len(spans))]
    np.testing.assert_array_equal(alone, expected)


def test_times_of_day_are_numbers_and_a_unit_of_time_takes_durations():
    times = type_column(pd.Series([datetime.time(hour, 30) for hour in range(9)], name="at"))
    assert (times.kind, times.number_format) == (ColumnKind.NUMERIC, "h:m")
    assert encode_numbers(pd.Series(["2:30 PM", datetime.time(14, 30)], dtype=object), times).tolist() == [52200, 52200]
    minutes = type_column(pd.Series(["90 min", "45 min", "12.5 min"] * 3, name="took"))
    assert encode_numbers(pd.Series(pd.to_timedelta(["01:30:00"])), minutes).tolist() == [90]
