"""Numbers in disguise are read where there is one way to read them, and alike when fitting and predicting."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_column
from automl.table.readings import read_numbers as read_numbers_module
from automl.table.readings.find_numbers import find_number_format
from automl.table.readings.read_numbers import MIXED, SIGNS, read_numbers, take_apart
from automl.vocabulary.schema import ColumnKind, Schema


def found(values) -> str:
    return find_number_format(pd.Series(values, dtype=object))


@pytest.mark.parametrize(
    ("values", "number_format", "numbers"),
    [
        (["$1,234.50", "$12.00"], "$1,234.5", [1234.5, 12]),
        (["$45,000", "$50,000"], "$1,234.5", [45000, 50000]),
        (["1.234,5 €", "12,0 €"], "1.234,5 €", [1234.5, 12]),
        (["12,50 €"] * 99 + ["1.781,09 €"], "1.234,5 €", [12.5] * 99 + [1781.09]),
        (["USD 5.5", "USD 6"], "usd1234.5", [5.5, 6]),
        (["5.5 USD", "6 usd"], "1234.5 usd", [5.5, 6]),
        (["45 %", "50%"], "1234.5 %", [45, 50]),
        (["1 year", "2 years"], "1234.5 year", [1, 2]),
        (["23.4 kmpl", "17 kmpl"], "1234.5 kmpl", [23.4, 17]),
        (["\u22125 °C", "6\u00a0°C"], "1234.5 °c", [-5, 6]),
        (["-$5", "$-6", "$7"], "$1234.5", [-5, -6, 7]),
        (["1,234", "56", "12,345"], "1,234.5", [1234, 56, 12345]),
        (["1,234,567 km", "1,000 km"], "1,234.5 km", [1234567, 1000]),
        (["12,5", "13,75"], "1234,5", [12.5, 13.75]),
        (["1 234", "56", "1 234 567"], "1 234.5", [1234, 56, 1234567]),
        (["1'234.50", "12", "1\u2019000"], "1'234.5", [1234.5, 12, 1000]),
        (["1,23,456", "12,34,567.5", "500"], "12,34,567.5", [123456, 1234567.5, 500]),
        (["(1,234.50)", "12", "-3"], "1,234.5", [-1234.5, 12, -3]),
        (["($5)", "$ (6.5)", "$7"], "$1234.5", [-5, -6.5, 7]),
        (["12-", "13.5", "14- "], "1234.5", [-12, 13.5, -14]),
        (["1.2k", "3M", "500"], "1234.5 k/m/b", [1200, 3e6, 500]),
        (["3,5 Mio", "200 Tsd", "1 Mrd"], "1234,5 k/m/b", [3.5e6, 2e5, 1e9]),
        (["1,5e3", "2,5E-1"], "1234,5", [1500, 0.25]),
        (["\u0661\u0662\u066b\u0665", "\uff17"], "1234.5", [12.5, 7]),
        (["1.5", "0,5", "2"], "1234.5/1234,5", [1.5, 0.5, 2]),
        (["0,5"] * 30 + ["1.001"], "1234.5/1234,5", [0.5] * 30 + [1.001]),
        (["500,25"] * 30 + ["1.001"], "1.234,5", [500.25] * 30 + [1001]),
    ],
)
def test_numbers_in_disguise_are_read(values, number_format, numbers):
    assert found(values) == number_format
    assert read_numbers(pd.Series(values), number_format).tolist() == numbers


@pytest.mark.parametrize(
    "values",
    [
        ["1.234 kg", "2.345 kg"],
        ["1,234 km", "2,345 km"],
        ["€1.234", "€2.345"],
        ["1.234", "1,234"],
        ["C85", "C123"],
        ["A/5 21171", "PC 17599"],
        ["10-20 yrs", "20-30 yrs"],
        ["2h 50m", "1h 30m"],
        ["5 kg", "6 lb"],
        ["007 kg", "012 kg"],
        ["110 001", "110 002"],
        ["555-1234", "555-9876"],
        ["192.168.1.1", "10.0.0.1"],
        ["1,2,3", "1,2"],
        ["12:30", "13:45"],
        ["$5", "€5"],
    ],
)
def test_nothing_is_guessed_where_there_are_two_readings_or_none(values):
    assert found(values * 5) == ""


def test_a_few_odd_values_become_missing_and_more_leave_the_strings_alone():
    assert found(["5 kg"] * 49 + ["heavy"]) == "1234.5 kg"
    assert found(["5 kg"] * 45 + ["heavy"] * 5) == ""


def test_a_unit_may_be_left_out_but_not_be_another():
    numbers = read_numbers(pd.Series(["5 kg", "5", 5.0, "5 lb", "$5", None, "5,0 kg", ""]), "1234.5 kg")
    np.testing.assert_array_equal(numbers, [5, 5, 5, np.nan, np.nan, np.nan, np.nan, np.nan])


def test_the_format_is_kept_in_the_schema_and_used_when_predicting():
    prices = ["$1,234.50", "$12.00", None, "$1,000,000"] * 5
    column = type_column(pd.Series(prices, name="price"))
    assert (column.kind, column.number_format) == (ColumnKind.NUMERIC, "$1,234.5")
    schema = Schema((column,))
    stored = encode_table(pd.DataFrame({"price": ["$2,000", "3", "soon", None]}), schema)["price"].tolist()
    assert stored == pytest.approx([2000, 3, np.nan, np.nan], nan_ok=True)
    assert encode_table(pd.DataFrame({"price": [2000.5, 3.0]}), schema)["price"].tolist() == [2000.5, 3.0]


def test_plain_numbers_need_no_format():
    assert type_column(pd.Series(["1.5", "2", "3e4"] * 5, name="c")).number_format == ""


@settings(max_examples=50, deadline=None)
@given(
    style=st.sampled_from(sorted(set(SIGNS) - {MIXED, "12,34,567.5"})),
    numbers=st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=8, max_size=30),
    units=st.sampled_from([("", ""), ("$", ""), ("", " kg"), ("", "%"), ("", " EUR")]),
)
def test_what_is_read_is_what_was_written_or_nothing_is(style, numbers, units):
    grouping, decimal = SIGNS[style]
    written = []
    for number in numbers:
        text = f"{abs(number):,.2f}".replace(",", "G").replace(".", decimal).replace("G", grouping)
        written.append(f"{'-' if number < 0 else ''}{units[0]}{text}{units[1]}")
    number_format = found(written)
    assert number_format != ""
    read = read_numbers(pd.Series(written), number_format)
    np.testing.assert_allclose(read, [float(number) for number in numbers])
    one_by_one = [read_numbers(pd.Series([text]), number_format)[0] for text in written]
    np.testing.assert_array_equal(read, one_by_one)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(alphabet="0123456789.,' -+$€%kg/\u00a0A", max_size=10), min_size=1, max_size=20))
def test_no_strings_break_it_and_what_it_reads_is_finite(texts):
    take_apart(texts[0])
    number_format = found(texts)
    if number_format:
        read = read_numbers(pd.Series(texts, dtype=object), number_format)
        assert np.count_nonzero(np.isfinite(read)) >= 0.9 * len(texts)
    for example in ("1234.5 kg", "$1,234.5", "1.234,5"):
        assert not np.isinf(read_numbers(pd.Series(texts, dtype=object), example)).any()


SPELLED = [
    "$1,234.50", "1,234.50", "$ 12", "-$5", "$-5", "+3", " 7 ", "1,23", ".5", "5.", "12 kg", "12kg", "12 KG", "12 kgs",
    "1'234", "1 234", "", "n/a", "1.234,5 kg", "\u0661\u0662", "9" * 70, "$", "kg 12", "\u22125", "12 years", "12 year",
]  # fmt: skip


@pytest.mark.parametrize(
    "number_format", ["$1,234.5", "1234.5", "1.234,5 kg", "1 234.5", "1'234.5", "1234.5 year", "usd1,234.5"]
)
def test_what_is_read_at_a_glance_is_what_would_be_taken_apart(number_format, monkeypatch):
    values = pd.Series(SPELLED + [f"USD {each}" for each in SPELLED])
    quick = read_numbers(values, number_format)
    monkeypatch.setattr(read_numbers_module, "_plain_pattern", lambda *_: re.compile("(?!)"))
    np.testing.assert_array_equal(quick, read_numbers(values, number_format))
    assert np.isfinite(quick).any()
