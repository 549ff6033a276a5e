"""Rows of another length are found by bytes alone, wherever a block of them ends."""

from io import BytesIO

import pytest

from automl.steps import count_cells
from automl.steps.count_cells import may_have_odd_rows
from automl.steps.lay_out import Layout


@pytest.fixture(params=[3, 7, 2**23])
def _block(request, monkeypatch):
    monkeypatch.setattr(count_cells, "BLOCK", request.param)


@pytest.mark.usefixtures("_block")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("rows", "odd"),
    [
        (["1,2", "3,4"], False),
        (["1,2", "3", "4,5"], True),
        (["1,2", "3,4", "5"], True),
        (["1,2,", "3,4"], True),
        (["1,2", "", "3,4", ""], False),
        (['1,"2,x"', "3,4"], False),
    ],
)
def test_a_row_with_another_number_of_cells_is_found(rows, odd, end):
    text = end.join(["a,b", *rows]).encode()
    assert may_have_odd_rows(BytesIO(text), Layout(width=2, above=1)) == odd


def test_what_bytes_do_not_tell_may_be_odd():
    for layout in (Layout("utf-16", width=2), Layout(separator=r"\s+", width=2), Layout(escape="\\", width=2)):
        assert may_have_odd_rows(BytesIO(b"a,b\n1,2\n"), layout)
    assert may_have_odd_rows(BytesIO(b'a,b\n"' + b"x" * 100), Layout(width=2, above=1))
