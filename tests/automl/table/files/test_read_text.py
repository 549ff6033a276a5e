"""What stands in a text file is what is read, in whatever layout it was written, or one error shows the line."""

import csv
from io import BytesIO, StringIO

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import InputError
from automl.table.files.read_text import Asked, read_text


def read(content, **asked):
    content = content if isinstance(content, bytes) else content.encode()
    return read_text("t.csv", BytesIO(content), Asked(**asked))


CELLS = st.one_of(
    st.text('ab x"\n.é№0-', max_size=6),
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["", "NA", "None", "007", "1e5", "#N/A", '5"', "'"]),
)


@st.composite
def _written(draw):
    """Draw a table of text, and a file that holds it in some layout."""
    width, height = draw(st.integers(2, 3)), draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=height, max_size=height))
    between = draw(st.sampled_from([" ", "\n", "\n\n(kg), "]))
    names = [f"name{between}{place}" for place in range(width)]
    has_index, has_trailing = draw(st.booleans()), draw(st.booleans())
    stream, end = StringIO(newline=""), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    quoting = csv.QUOTE_ALL if end == "\r" else quoting  # else a cell with "\n" in it is not quoted
    writer = csv.writer(stream, delimiter=draw(st.sampled_from(",;\t|")), quoting=quoting, lineterminator=end)
    writer.writerow([*([""] if has_index else []), *names])
    for number, row in enumerate(rows):
        writer.writerow([*([number] if has_index else []), *row, *([""] if has_trailing else [])])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]))
    return rows, names, has_index, stream.getvalue().encode(encoding)


@settings(max_examples=40, deadline=None)
@given(_written())
def test_every_cell_is_read_as_it_stands_in_any_layout(written):
    rows, names, has_index, content = written
    try:
        frame, _ = read(content, text=None)
    except InputError:
        return
    frame = frame.drop(columns="Unnamed: 0") if has_index else frame
    assert list(frame.columns) == names
    assert frame.to_numpy().tolist() == rows


@settings(max_examples=25, deadline=None)
@given(_written())
def test_typed_columns_hold_the_same_numbers_and_text(written):
    rows, names, _, content = written
    try:
        frame, _ = read(content)
    except InputError:
        return
    for place, name in enumerate(names):
        if name in frame and isinstance(frame[name].dtype, pd.StringDtype):
            cells = [row[place] for row in rows]
            kept = frame[name].astype(object).where(frame[name].notna(), None).tolist()
            assert all(now is None or now == cell for now, cell in zip(kept, cells, strict=True))
        elif name in frame and frame[name].notna().all():
            assert all(float(row[place]) == float(now) for row, now in zip(rows, frame[name], strict=True))


def test_whole_numbers_keep_all_their_digits():
    assert read("a,b\n9007199254740993,x\n18446744073709551615,y\n")[0]["a"].tolist() == [2**53 + 1, 2**64 - 1]


@pytest.mark.parametrize(
    ("below", "line"),
    [("3\n", 3002), ("3,4,5\n", 3002), ("3,4\n5,\n6\n", 3004), ('3,"4\n5,6\n', 3002)],
)
def test_a_row_far_below_that_does_not_fit_is_refused_with_its_line(below, line):
    with pytest.raises(InputError, match=f"^Line {line} of 't.csv'"):
        read("a,b\n" + "12345678,12345678901234567\n" * 3000 + below)


def test_a_cell_beyond_the_names_far_below_is_refused_with_its_line():
    with pytest.raises(InputError, match=r"^Line 9002 of 't.csv' has 3 cells"):
        read("a,b\n" + "12345,678,\n" * 9000 + "3,4,5\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (["1,2", "3", "4,5"], 6003),
        (["1,2", "", "3,", ""], 0),
        (['1,"2,x"', "3", "4,5"], 6003),
        (['"1,""x"" \n,",', "3,4", "5"], 6005),
        (['"1,""x"" \n,",', "3,"], 0),
    ],
)
def test_a_short_row_is_found_by_the_separators_that_the_file_lacks(rows, line, end):
    text = end.join(["a,b", *["12345678,12345678"] * 6000, *rows])
    if not line:
        assert len(read(text)[0]) == 6002
        return
    with pytest.raises(InputError, match=f"^Line {line} of 't.csv'"):
        read(text)


def test_a_separator_at_the_end_of_some_lines_alone_is_no_cell():
    assert read("a,b\n1,2,\n3,4\n5,6,\n")[0].to_numpy().tolist() == [[1, 2], [3, 4], [5, 6]]


def test_a_cell_that_took_in_other_rows_is_told():
    text = "a,b,c\n" + "1,x,2\n" * 9 + '3,"x,4\n' + "6,x,7\n" * 3 + '3,x",4\n'
    _, layout = read(text)
    assert [each.found for each in layout.findings] == [
        "a cell holds 3 whole lines that look like rows, such as '6,x,7'"
    ]
    assert read('a,b,c\n1,"line one\nline two, or\nthree",2\n')[1].findings == ()


@pytest.mark.parametrize("ending", [b"\x00" * 10, b"\x1a", b"\r\n\x00\x00"])
def test_what_old_programs_write_after_the_last_line_is_no_row(ending):
    assert read(b"a,b\n1,2\n3,4" + ending)[0].to_numpy().tolist() == [[1, 2], [3, 4]]


def test_a_zero_inside_of_the_file_is_refused_with_its_line():
    with pytest.raises(InputError, match=r"^Line 3 of 't.csv' has a byte of 0"):
        read(b"a,b\n1,2\n3\x00,4\n5,6\n")


def test_a_column_of_numbers_that_holds_text_further_down_keeps_its_words():
    text = (
        "a,b\n" + "".join(f"{'NA' if row % 50 == 9 else row},{row * 10**9}\n" for row in range(6000)) + "x,1\nNone,2\n"
    )
    frame, _ = read(text)
    assert frame["a"].tolist()[9] == "NA"
    assert frame["a"].tolist()[-2:] == ["x", "None"]


def test_a_column_that_begins_with_words_is_one_of_numbers_all_the_same():
    text = "a,b\n" + "NA,123456789\n" * 6000 + "5,1\n"
    assert read(text)[0]["a"].tolist()[-1] == 5.0


def test_points_between_thousands_are_known_by_decimal_commas_elsewhere_and_told():
    frame, layout = read("p;u\n0,5;900\n1,5;1.001\n2,5;\n")
    assert frame["p"].tolist() == [0.5, 1.5, 2.5]
    assert frame["u"].tolist()[:2] == ["900", "1.001,0"]
    assert [each.done for each in layout.findings] == ["'1.001' is read as 1001"]


def test_a_thousand_columns_and_lines_longer_than_a_block_are_read():
    names = [f"column number {place} of many, many" for place in range(1600)]
    stream = StringIO(newline="")
    csv.writer(stream).writerows([names, *[[str(place) for place in range(1600)]] * 2])
    frame, _ = read(stream.getvalue())
    assert frame.shape == (2, 1600)
    assert frame.iloc[1, 1599] == 1599


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-16", "utf-16-be", "utf-32"])
def test_names_of_any_letters_are_read_whatever_the_cells_hold(encoding):
    frame, layout = read("größe,y\n1,2\n3,4\n".encode(encoding))
    assert (list(frame.columns), layout.guessed) == (["größe", "y"], encoding == "cp1252")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a,b\n1,x\n2,y\na,b\n3,x\n", "Line 4"),
        ("a,b\na,b\n1,x\n2,y\n", "Line 2"),
        ("a;b\n--;----\n1;x\n2;y\n", "Line 2"),
        ('a,"b\n(kg)"\n1,x\n\n2,y\na,"b\n(kg)"\n', "Line 6"),
    ],
)
def test_names_among_the_rows_are_refused_with_their_line(text, line):
    with pytest.raises(InputError, match=rf"^{line} of 't.csv' has \[.*in place of values"):
        read(text)


def test_a_value_that_is_a_name_is_none_of_names_among_the_rows():
    assert len(read("a,b\na,x\nb,b\ny,b\n")[0]) == 3
    assert len(read("a,b\nx,--\n--,y\n")[0]) == 2
    assert len(read("a\na\nb\n")[0]) == 2
