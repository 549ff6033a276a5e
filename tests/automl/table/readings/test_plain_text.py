"""Digits, spaces and signs of all scripts get one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.table.readings.plain_text import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\uff11\uff12\uff0e\uff15", "12.5"),
        ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665", "1,234.5"),
        ("\u0967\u0968\u0969", "123"),
        ("1\u00a0234\u202f567", "1 234 567"),
        ("\u22125", "-5"),
        ("1\u2019000", "1'000"),
        ("5\u00b2", "5\u00b2"),
        (" a \t b ", "a b"),
        ("12\u200f\uff05", "12%"),
    ],
)
def test_text_is_spelled_plainly(text, expected):
    assert plain(text) == expected


@given(st.text(max_size=20))
def test_what_is_plain_stays_so(text):
    assert plain(plain(text)) == plain(text)
