"""Rows that hold lists become one row an element, and predictions go back; what does not fit is told by its row."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.errors import InputError
from automl.table.list_cells import as_lists, holds_lists, spread_rows

TABLE = pd.DataFrame(
    {"tokens": [["a", "b"], [], ("c",)], "tags": [["O", "B"], [], ["O"]], "source": ["x", "y", "z"]}
)  # fmt: skip


def test_each_element_is_a_row_and_the_others_are_repeated():
    found = spread_rows(TABLE, ["tags"])
    assert found.frame.to_dict("list") == {
        "sentence": [0, 0, 2], "tokens": ["a", "b", "c"], "tags": ["O", "B", "O"], "source": ["x", "x", "z"],
    }  # fmt: skip
    assert found.repeated([1.0, 2.0, 3.0]).tolist() == [1.0, 1.0, 3.0]
    assert found.gathered(np.array(["p", "q", "r"], dtype=object)).tolist() == [["p", "q"], [], ["r"]]
    assert [each.shape for each in found.gathered(np.ones((3, 2)))] == [(2, 2), (0, 2), (1, 2)]


@given(st.lists(st.lists(st.text(max_size=3), max_size=4), max_size=6))
def test_what_is_spread_is_gathered_as_it_was(sentences):
    frame = pd.DataFrame({"tokens": pd.Series(sentences, dtype=object)})
    found = spread_rows(frame, [])
    if not sentences:
        assert found is None
        return
    assert found.gathered(found.frame["tokens"].to_numpy(dtype=object)).tolist() == sentences


def test_a_table_without_lists_stays_as_it_is():
    assert spread_rows(TABLE[["source"]], ["source"]) is None
    assert not holds_lists(pd.Series([np.zeros((2, 2))]))
    assert as_lists(["a", "b"]) is None
    assert as_lists([["a"], ["b"]]).tolist() == [["a"], ["b"]]
    assert as_lists(TABLE[["tags"]]).name == "tags"


def test_the_column_of_rows_is_called_as_nothing_else_is_or_as_was_settled():
    table = TABLE.rename(columns={"source": "sentence"})
    assert spread_rows(table, ["tags"]).by == "sentence_1"
    assert spread_rows(table, ["tags"], "sentence").frame["sentence"].tolist() == [0, 0, 2]


def test_a_row_without_a_target_has_as_many_missing_ones():
    table = TABLE.assign(tags=[None, [], ["O"]])
    assert spread_rows(table, ["tags"]).frame["tags"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tags": [["O"], [], ["O"]]}, "lists in row 0 have different lengths: 2 in 'tokens', 1 in 'tags'"),
        ({"tokens": [["a", "b"], [], None]}, "Row 2 of the column 'tokens' holds 'None'"),
        ({"tokens": [["a", "b"], [], "c d"]}, "Row 2 of the column 'tokens' holds 'c d' of the type str"),
        ({"tokens": [["a", None], [], ["c"]]}, "row 0 of the column 'tokens' holds 'None'.*expected text"),
        ({"tokens": [["a", "b"], [], [7]]}, "row 2 of the column 'tokens' holds '7' of the type int; expected text"),
        ({"tokens": [[["a"], ["b"]], [], [["c"]]]}, "row 0 of the column 'tokens' holds .* expected plain values"),
        ({"tags": ["O", "O", "O"]}, "and single values in \\['tags'\\]"),
        ({"tokens": ["a b", "", "c"]}, "alone; expected lists in the columns of features and of the target alike"),
    ],
)
def test_what_does_not_fit_is_told_by_its_row(changes, message):
    with pytest.raises(InputError, match=message):
        spread_rows(TABLE.assign(**changes), ["tags"])
