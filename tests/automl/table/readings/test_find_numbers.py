"""Numbers as text come back as they were written, or it is told that they can be read in two ways."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import InputError
from automl.registry import discover
from automl.steps.plan.infer_task import infer_task
from automl.steps.plan.read_target import encode_labels
from automl.table.columns.encode_table import encode_numbers
from automl.table.columns.type_columns import read_strings, type_columns
from automl.table.readings.find_numbers import find_numbers
from automl.table.readings.read_numbers import read_numbers
from automl.vocabulary.readings import Asked
from automl.vocabulary.schema import ColumnKind
from automl.vocabulary.task import TaskKind

STYLES = (("", "."), (",", "."), ("", ","), (".", ","), (" ", ","), ("\u00a0", ","), ("'", "."), ("\u066c", "\u066b"))
UNITS = (("", ""), ("$", ""), ("\u20ac ", ""), ("", " kg"), ("", "%"), ("", " \u20ac"))
DIGITS = ("0123456789", *("".join(chr(first + each) for each in range(10)) for first in (0x660, 0x966, 0xFF10)))


REGISTRY = discover()


def write(number, group, decimal, places) -> str:
    return f"{abs(number):,.{places}f}".replace(",", "G").replace(".", decimal).replace("G", group)


@settings(max_examples=80, deadline=None)
@given(
    style=st.sampled_from(STYLES),
    unit=st.sampled_from(UNITS),
    below=st.sampled_from(["-{}", "({})", "{}-"]),
    digits=st.sampled_from(DIGITS),
    places=st.integers(0, 3),
    size=st.sampled_from([1.0, 300.0, 5e4, 3e6]),
    seed=st.integers(0, 99),
)
def test_numbers_of_any_style_come_back_or_are_told(style, unit, below, digits, places, size, seed):
    places = min(places, 2) if unit[0] == "$" else places  # dollars have no thousandths
    rng = np.random.default_rng(seed)
    numbers = np.round(size * rng.normal(size=40), places)
    bare = [unit[0] + write(number, *style, places) + unit[1] for number in numbers]
    signed = [below.format(text) if number < 0 else text for number, text in zip(numbers, bare, strict=True)]
    texts = pd.Series([text.translate(str.maketrans(DIGITS[0], digits)) for text in signed], name="c")
    reading = read_strings(texts.to_frame())["c"]
    if reading.kind is not ColumnKind.NUMERIC or reading.doubt:
        assert reading.doubt or (below == "{}-" and unit[1])  # nobody writes "5 kg-"
        return
    read = read_numbers(texts, reading.number_format) if reading.number_format else pd.to_numeric(texts).to_numpy()
    lost = np.isnan(read)
    assert lost.mean() <= 0.02
    np.testing.assert_allclose(read[~lost], numbers[~lost])


@pytest.mark.parametrize(
    ("texts", "number_format"),
    [
        (["164,606", "20,000"], "1,234.5"),
        (["1.234 kg", "2.345 kg"], "1234.5 kg"),
        (["\u20ac1.234", "\u20ac2.345"], "\u20ac1.234,5"),
        (["0,5", "1.001"], "1234.5/1234,5"),
        (["950", "1.001"], "1.234,5"),
        (["45%", "50", "7%"], "1234.5 %"),
        (["5 kg", "6", "7 kg"], "1234.5 kg"),
        (["$5", "\u20ac5"], ""),
    ],
)
def test_what_can_be_read_in_two_ways_is_told(texts, number_format):
    found = find_numbers(texts)
    assert found.number_format == number_format
    assert found.doubt


@pytest.mark.parametrize(
    "texts", [["12-month"], ["(555) 1234"], ["007"], ["65-"] + ["10-20"] * 9, ["5 lb", "6 kg"], ["5\u00b2"]]
)
def test_what_is_no_number_is_left(texts):
    assert find_numbers(texts * 3).number_format == ""


def test_other_columns_tell_the_decimal_sign():
    in_doubt = ["1.234 km", "20.500 km"] * 5
    for beside, number in ((["12,50", "3,75"] * 5, 1234.0), (["1,200.50", "3.75"] * 5, 1.234)):
        found = read_strings(pd.DataFrame({"far": in_doubt, "price": beside}))["far"]
        assert not found.doubt
        assert read_numbers(pd.Series(in_doubt), found.number_format)[0] == number
    plain = read_strings(pd.DataFrame({"far": ["1.234", "950"] * 5, "price": ["12,50", "3,75"] * 5}))["far"]
    assert read_numbers(pd.Series(["1.234", "950"]), plain.number_format).tolist() == [1234.0, 950.0]


def test_decimal_commas_say_that_the_day_comes_first():
    frame = pd.DataFrame({"day": ["03/04/2021", "05/06/2020", "07/01/2021"] * 5, "price": ["12,50", "3,75", "8,1"] * 5})
    assert read_strings(frame)["day"].date_format == "dmy"


def test_the_user_says_the_decimal_sign():
    frame = pd.DataFrame({"a": ["1,234", "2,345"] * 5})
    for asked, number_format in (({"": ","}, "1234,5"), ({"a": "."}, "1,234.5")):
        found = read_strings(frame, Asked(decimal=asked))["a"]
        assert (found.number_format, found.doubt) == (number_format, "")


def test_a_target_keeps_the_way_that_its_numbers_are_written():
    prices = pd.Series(["1.234", "950", "12.500", "20.750"] * 10)
    task, values = infer_task(prices, "price", "regression", REGISTRY, ",")
    assert task.kind is TaskKind.REGRESSION
    assert values[:3].tolist() == [1234.0, 950.0, 12500.0]
    assert encode_labels(pd.Series(["1.234", "2"]), task).tolist() == [1234.0, 2.0]


def test_a_target_in_doubt_is_refused_unless_the_sign_is_said():
    pay = pd.Series([f"{number},{number % 900 + 100}" for number in range(20, 90)])
    with pytest.raises(InputError, match="can be read in more than one way"):
        infer_task(pay, "pay", None, REGISTRY)
    assert infer_task(pay, "pay", None, REGISTRY, ".")[1][0] == 20120.0
    assert infer_task(pay, "pay", None, REGISTRY, ",")[1][0] == 20.12


def test_a_row_alone_is_read_as_among_others():
    texts = pd.Series(["(1.234,50)", "12-", "3,5", "1.001", "soon", None, 7, "\uff15"] * 30, name="c")
    column = type_columns(
        pd.DataFrame({"c": ["1.234,50", "3,5", "(2)", "12,75"] * 10, "x": range(40)}), REGISTRY
    ).columns[0]
    many = encode_numbers(texts, column)
    np.testing.assert_array_equal(
        many, np.concatenate([encode_numbers(texts.iloc[[row]], column) for row in range(len(texts))])
    )
    np.testing.assert_array_equal(many[:8], np.float32([-1234.5, -12, 3.5, 1001, np.nan, np.nan, 7, 5]))


@pytest.mark.parametrize("unit", ["Rs. ", "Fr. ", "kr. ", "S/. ", "Rp ", "RM "])
def test_currencies_of_letters_and_a_point_are_read(unit):
    texts = [f"{unit}{1000 + 37.5 * row:,.2f}" for row in range(40)]
    found = find_numbers(texts)
    assert (found.number_format, found.doubt) == (f"{unit.strip().lower()}1,234.5", "")
    assert read_numbers(pd.Series(texts), found.number_format)[1] == 1037.5
    assert find_numbers([f"St. {row}" for row in range(40)]).number_format == ""


def test_percent_signs_on_some_values_are_told_whichever_are_more():
    for of_ten, number_format, told in ((3, "", "have a percent sign"), (7, "1234.5 %", "lack the unit '%'")):
        found = find_numbers([f"{row}%" if row % 10 < of_ten else f"0.{row}" for row in range(10, 90)])
        assert found.number_format == number_format
        assert told in found.doubt
