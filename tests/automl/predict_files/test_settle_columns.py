"""Settle columns: what a column is as a whole that holds text somewhere."""

import pandas as pd
import pytest

from automl.predict_files.nouns import NotAlikeError
from automl.predict_files.settle_columns import settle
from automl.table.files.lay_out import Layout
from automl.vocabulary.schema import Column, ColumnKind, Schema

SCHEMA = Schema((Column("x", ColumnKind.NUMERIC),))


def settled(*blocks, numeric=frozenset()):
    """Return what the column of several blocks is."""
    texts = [pd.DataFrame({"x": cells}, dtype=object) for cells in blocks]
    return settle(texts, ["x"], SCHEMA, Layout(names=("x",), numeric=numeric))


def test_numbers_and_words_for_missing_ones_are_numbers():
    found = settled(["", "NA"], ["1", "2.5"])
    assert found.numbers == {"x"}
    assert found.read(pd.DataFrame({"x": ["3", "NA", ""]}, dtype=object))["x"].tolist()[0] == 3


@pytest.mark.parametrize("blocks", [(["1"], ["", "none"]), (["NA", "a"], ["1"])])
def test_anything_else_makes_text_of_all(blocks):
    found = settled(*blocks)
    assert not found.numbers
    assert found.read(pd.DataFrame({"x": ["3", "NA", "nan"]}, dtype=object))["x"].isna().tolist() == [
        False,
        False,
        True,
    ]


def test_another_style_is_found_from_all_blocks():
    assert settled(["1.234,5"], ["7", "8,5"]).styles == {"x": "1.234,5"}


def test_large_numbers_beside_words_are_not_settled():
    with pytest.raises(NotAlikeError, match="large numbers"):
        settled(["NA"], [str(2**60)])
