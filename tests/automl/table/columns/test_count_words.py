"""Words are counted over all texts of a row, also where a script puts no spaces between them."""

import pandas as pd
import pytest

from automl.table.columns.count_words import ROWS, count_words, words_in
from automl.vocabulary.schema import Column, ColumnKind, Schema

SCHEMA = Schema((Column("a", ColumnKind.TEXT), Column("n", ColumnKind.NUMERIC), Column("b", ColumnKind.TEXT)))


def test_the_words_of_all_texts_of_a_row_count_together():
    stored = pd.DataFrame({"a": ["one two", ""], "n": [1.0, 2.0], "b": ["three", "four five six"]})
    assert count_words(stored, SCHEMA) == 3.0
    assert count_words(stored.iloc[:0], SCHEMA) == 0.0
    assert count_words(stored, Schema(SCHEMA.columns[1:2])) == 0.0


def test_of_a_long_table_some_rows_from_everywhere_are_looked_at():
    texts = ["word"] * (2 * ROWS) + ["two words"] * (2 * ROWS)
    assert count_words(pd.DataFrame({"a": texts}), Schema(SCHEMA.columns[:1])) == 1.5


@pytest.mark.parametrize(
    ("text", "n_words"),
    [("two  words", 2), ("", 0), ("naïve café", 2), ("包装价格", 2), ("the 包装价格 label", 4), ("สวัสดีครับ", 2.5),
     ("包 装 价 格", 4)],
    ids=["spaces", "empty", "accents", "Chinese", "mixed", "Thai", "spaced signs"],
)  # fmt: skip
def test_signs_without_spaces_make_words_of_a_usual_length(text, n_words):
    assert words_in(text) == n_words
