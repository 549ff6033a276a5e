"""How a text file is laid out is told from its beginning, and what cannot be right is refused with the line."""

import pytest

from automl.errors import InputError
from automl.table.files.lay_out import SPACES, Layout, lay_out


def laid_out(text):
    return lay_out("t.csv", text, Layout(separator=""), whole=True)


def topics(layout):
    return [(each.severity.value, each.done) for each in layout.findings]


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b, c;d\n1;x, y;2\n3;z, u;4\n", ";"),
        ("a|b\n1,5|2\n", "|"),
        ("a b\n1 2\n3 4\n", SPACES),
        ("full name\nAnn Lee\nBob Ray\n", ","),
        ("sep=|\na|b,c\n1|2\n", "|"),
    ],
)
def test_the_separator_is_what_gives_most_lines_as_many_cells(text, separator):
    assert laid_out(text).separator == separator


@pytest.mark.parametrize(
    ("above", "skipped"),
    [
        ("Sales of 2023,,\nprinted on Monday,,\n", 2),
        ("Report\n\n", 2),
        ("# made by hand\n", 1),
        ("# by hand, in May, of all\n", 1),
    ],
)
def test_lines_above_the_names_are_passed_over_and_told(above, skipped):
    layout = laid_out(above + "price,size,y\n1,2,a\n3,4,b\n")
    assert (layout.skipped, layout.names) == (skipped, ("price", "size", "y"))
    assert topics(layout) == [("warning", "passed over")]


@pytest.mark.parametrize("text", ["a,,\nx,y,z\nu,v,w\n", "a,b\nx,y\n", "# x,y\n1,2\n3,4\n", "id,2019,2020\na,1,2\n"])
def test_a_first_line_of_names_stays_one(text):
    layout = laid_out(text)
    assert (layout.skipped, layout.findings, layout.names[0]) == (0, (), text.split(",")[0])


def test_a_first_line_of_values_is_told():
    assert topics(laid_out("5.1,3.5,setosa\n4.9,3.0,setosa\n")) == [("warning", "taken for names")]
    assert topics(laid_out("w,0.5,1.5\na,1.5,2\n")) == []


@pytest.mark.parametrize("rows", ["1,2,\n3,4,\n", "1,2,,\n3,4,,\n"])
def test_cells_without_a_name_that_are_empty_are_none(rows):
    assert laid_out("a,b\n" + rows).names == ("a", "b")


def test_names_of_rows_are_known_by_their_values():
    assert laid_out("a,b\nr1,1,2\nr2,3,4\n").names == ("Unnamed: 0", "a", "b")
    assert laid_out("a,b\n1,1.5,2\n2,2.5,4\n").names == ("Unnamed: 0", "a", "b")


@pytest.mark.parametrize(
    ("text", "line", "row"),
    [
        ("a,b\n1.5,2,3\n1.5,5,6\n", 2, "1.5 | 2 | 3"),
        ("a,b\n9,8,7\n1,2\n3,4\n", 2, "9 | 8 | 7"),
        ("a,b\n1,2\n3,4\n5\n", 4, "5"),
        ("a,b,c\n1,2\n3,4\n", 2, "1 | 2"),
        ("a,b\n1,2,\n3,4,5\n", 3, "3 | 4 | 5"),
        ('a,b\n"x\ny",2\n1,2,3\n', 4, "1 | 2 | 3"),
    ],
)
def test_a_row_of_another_length_is_refused_with_its_line(text, line, row):
    with pytest.raises(InputError, match=f"^Line {line} of 't.csv'") as refused:
        laid_out(text)
    assert repr(row) in str(refused.value)


def test_quotes_escaped_by_a_backslash_are_known_where_rows_fit_only_so():
    assert laid_out('a,b\n"x \\"y, z\\"",1\n"u",2\n').escape == "\\"
    assert laid_out('a,b\n"x \\",1\n"u",2\n').escape is None


@pytest.mark.parametrize(
    ("cells", "decimal", "told"),
    [("0,5;900\n1,5;1.001\n", ",", 0), ("0,5;900\n1,5;1.5\n", ".", 1), ("5;0.5\n", ".", 0), ("0,5;x\n", ",", 0)],
)
def test_the_decimal_sign_is_a_comma_where_every_point_may_stand_between_thousands(cells, decimal, told):
    layout = laid_out("a;b\n" + cells)
    assert (layout.decimal, len(layout.findings)) == (decimal, told)
