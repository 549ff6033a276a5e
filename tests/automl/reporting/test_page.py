"""What a page is made of: tables, and numbers as they are read."""

import math

from automl.reporting.page import NOTHING, Head, Row, between, make_table, number


def test_numbers_have_so_many_digits_and_thousands_apart():
    assert [number(each) for each in (0.123456, 12.0, 1234.567, 1_234_567.0)] == [
        "0.12346",
        "12",
        "1,234.6",
        "1,234,600",
    ]
    assert number(None) == number(math.nan) == number(math.inf) == NOTHING


def test_an_interval_is_two_numbers_or_nothing():
    assert between(0.1, 0.25) == "0.1 to 0.25"
    assert between(math.nan, 1.0) == between(None, None) == NOTHING


def test_a_head_may_tell_the_kind_of_its_column():
    table = make_table("scores", ["model", "score:number"], [("linear", 0.5), Row(("svm", 0.25))], folded=True)
    assert table.heads == (Head("model"), Head("score", "number"))
    assert [row.cells for row in table.rows] == [("linear", 0.5), ("svm", 0.25)]
    assert table.folded
