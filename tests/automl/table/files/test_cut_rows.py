"""Cut rows: pieces hold as many rows as were asked for, as a reader of CSV counts them."""

import csv
from io import BytesIO, StringIO

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.table.files import cut_rows
from automl.table.files.cut_rows import UncuttableError, cells_in_rows

CELLS = st.text(st.sampled_from('ab 1,"\n'), max_size=6)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30), st.integers(1, 7), st.integers(1, 50), st.booleans())
def test_pieces_are_read_as_the_rows_that_they_were_cut_from(rows, n_rows, piece, windows):
    text = StringIO()
    csv.writer(text, lineterminator="\r\n" if windows else "\n").writerows(rows)
    data = text.getvalue().encode()
    before, cut_rows.PIECE = cut_rows.PIECE, piece
    try:
        pieces = list(cut_rows.cut_rows(BytesIO(data), b",", n_rows))
    finally:
        cut_rows.PIECE = before
    assert b"".join(each for each, _, _ in pieces).rstrip() == data.rstrip()
    counts = [count for _, count, _ in pieces]
    assert sum(counts) == len(rows)
    assert all(count == n_rows for count in counts[:-1])
    found = [pd.read_csv(BytesIO(each), header=None, dtype=str, keep_default_na=False) for each, _, _ in pieces]
    whole = pd.read_csv(BytesIO(data), header=None, dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(pd.concat(found, ignore_index=True), whole)
    assert all((cells_in_rows(each, b",") == 2).all() for each, _, _ in pieces)


def test_blank_lines_are_no_rows_and_are_counted_as_lines():
    pieces = list(cut_rows.cut_rows(BytesIO(b"1,2\n\n  \n3,4\n5,6\r\n\x1a"), b",", 2))
    assert pieces == [(b"1,2\n\n  \n3,4\n", 2, 4), (b"5,6\r\n", 1, 1)]


@pytest.mark.parametrize("data", [b'1,"2\n3,4\n', b"1,2\r3,4\n5,6\n", b"1,2\n3,\x004\n5,6\n"])
def test_what_cannot_be_cut_for_sure_is_refused(data):
    with pytest.raises(UncuttableError):
        list(cut_rows.cut_rows(BytesIO(data), b",", 1))
