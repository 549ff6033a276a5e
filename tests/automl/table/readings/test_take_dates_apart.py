"""Dates as text are taken apart into their numbers, in one by one and all at once alike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.table.readings.take_dates_apart import (
    FIXED,
    FIXED_SHORT,
    SHORT,
    YEAR_FIRST,
    YEAR_LAST,
    take_date_apart,
    take_dates_apart,
)

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("text", "form", "numbers", "micros"),
    [
        ("31/12/2020", YEAR_LAST, (31, 12, 2020), 0),
        ("4. 3. 2021", YEAR_LAST, (4, 3, 2021), 0),
        ("2020-12-31T10:00:00Z", YEAR_FIRST, (2020, 12, 31), 10 * HOUR),
        ("2020-12-31 10:00+05:30", YEAR_FIRST, (2020, 12, 31), 4.5 * HOUR),
        ("31.12.20 14.30", SHORT, (31, 12, 20), 14.5 * HOUR),
        ("2021/03/04 3:04:00 PM GMT+1", YEAR_FIRST, (2021, 3, 4), 14 * HOUR + 4 * HOUR / 60),
        ("2021/03/04 3:00:00 AM GMT+5:30", YEAR_FIRST, (2021, 3, 4), -2.5 * HOUR),
        ("Thu Jun 03 2021 05:00:00 GMT+0100 (CET)", FIXED, (2021, 6, 3), 4 * HOUR),
        ("06/03/2021 05:00:00 AM EST", YEAR_LAST, (6, 3, 2021), 10 * HOUR),
        ("03.06.2021, 17:30 Uhr", YEAR_LAST, (3, 6, 2021), 17.5 * HOUR),
        ("3 juin 2021 à 17h30", FIXED, (2021, 6, 3), 17.5 * HOUR),
        ("1/31/2024 3:30 PM", YEAR_LAST, (1, 31, 2024), 15.5 * HOUR),
        ("1/31/2024 12:00 a.m.", YEAR_LAST, (1, 31, 2024), 0),
        ("Jan 31, 2024", FIXED, (2024, 1, 31), 0),
        ("31JAN2024", FIXED, (2024, 1, 31), 0),
        ("31-Jan-24", FIXED_SHORT, (24, 1, 31), 0),
        ("3rd of March 2021", FIXED, (2021, 3, 3), 0),
        ("Montag, 3. März 2021", FIXED, (2021, 3, 3), 0),
        ("4 de marzo de 2021", FIXED, (2021, 3, 4), 0),
        ("10/Oct/2000:13:00:00 -0700", FIXED, (2000, 10, 10), 20 * HOUR),
        ("Wed Oct 10 13:00:00 2000", FIXED, (2000, 10, 10), 13 * HOUR),
        ("March 2021", FIXED, (2021, 3, 1), 0),
        ("03/2021", FIXED, (2021, 3, 1), 0),
        ("2021Q3", FIXED, (2021, 7, 1), 0),
        ("Q3 2021", FIXED, (2021, 7, 1), 0),
        ("2021-W05", FIXED, (2021, 2, 1), 0),
        ("2021年3月4日", FIXED, (2021, 3, 4), 0),
        ("\u0662\u0660\u0662\u0661/\u0660\u0663/\u0660\u0664", YEAR_FIRST, (2021, 3, 4), 0),
        ("\uff12\uff10\uff12\uff11\uff0d\uff10\uff13\uff0d\uff10\uff14", YEAR_FIRST, (2021, 3, 4), 0),
    ],
)
def test_a_date_is_taken_apart(text, form, numbers, micros):
    assert take_date_apart(text) == (form, *numbers, micros)


@pytest.mark.parametrize(
    "text",
    ["1.2.3", "192.168.1.1", "555-1234", "C85", "12 Foo 2021", "2021-W54", "03/1234", "25:00", "2021-01-01 25:00",
     "may", "31/12-2020", "2021-01-01 10:00 ABC", "1/1/2021 13:00 PM", ""],
)  # fmt: skip
def test_what_is_no_date_is_none(text):
    assert take_date_apart(text) is None


PIECES = st.sampled_from(
    ["3", "04", "31", "13", "2021", "21", "Jan", "März", "10:20", "10:20:30.5", "PM", "Z", "Q2", "now"]
)
TEXTS = st.builds(
    lambda pieces, sign, space: sign.join(pieces[:3]) + space + " ".join(pieces[3:]),
    st.lists(PIECES, min_size=1, max_size=5),
    st.sampled_from(["/", "-", ".", " ", ". ", ""]),
    st.sampled_from([" ", "", "T", ", "]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS | st.text(max_size=12), max_size=8))
def test_many_are_taken_apart_as_each_alone_is(texts):
    many = [tuple(each) for each in take_dates_apart(texts).tolist()]
    assert many == [take_date_apart(text) or (-1, 0, 0, 0, 0) for text in texts]
