"""One word among numbers or dates stands for a missing one; words of several kinds may tell something."""

from __future__ import annotations

import pandas as pd
import pytest

from automl.table.columns.type_columns import read_strings
from automl.vocabulary.readings import Asked
from automl.vocabulary.schema import ColumnKind

AMOUNTS = [f"{7 * row % 90},{row % 10}" for row in range(60)]
DAYS = [f"{row % 28 + 1:02d}.{row % 12 + 1:02d}.2021" for row in range(60)]


@pytest.mark.parametrize(
    ("values", "word", "kind", "written"),
    [
        (AMOUNTS, "n.v.", ColumnKind.NUMERIC, "1234,5"),
        ([text.replace(",", ".") for text in AMOUNTS], "unknown", ColumnKind.NUMERIC, ""),
        ([f"{text} kg" for text in AMOUNTS], "***", ColumnKind.NUMERIC, "1234,5 kg"),
        (DAYS, "00.00.0000", ColumnKind.DATETIME, "dmy"),
        ([f"2021-{text[3:5]}-{text[:2]}" for text in DAYS], "0000-00-00", ColumnKind.DATETIME, "ISO8601"),
        (DAYS, "present", ColumnKind.DATETIME, "dmy"),
    ],
)
def test_one_word_among_numbers_or_dates_is_missing_and_told(values, word, kind, written):
    frame = pd.DataFrame({"x": [word if row % 5 == 3 else text for row, text in enumerate(values)]})
    found = read_strings(frame)["x"]
    assert (found.kind, found.date_format or found.number_format) == (kind, written)
    assert found.doubt == f"12 of 60 values looked at, such as {word!r}, are taken for missing ones"
    clean = read_strings(pd.DataFrame({"x": values}))["x"]
    assert (clean.kind, clean.doubt) == (kind, "")


@pytest.mark.parametrize(
    "values",
    [
        [["S", "M", "L", "38", "40"][row % 5] for row in range(60)],
        [["ground", "roof"][row % 2] if row % 3 == 0 else str(row) for row in range(60)],
        ["unknown" if row % 5 == 3 else f"{37 * row % 100:05d}" for row in range(60)],
        ["unknown" if row % 2 else str(row) for row in range(30)],
    ],
)
def test_words_that_may_tell_something_keep_a_column_from_being_numbers(values):
    assert read_strings(pd.DataFrame({"x": values}))["x"].kind is ColumnKind.CATEGORICAL


def test_no_dates_as_the_user_said_keep_their_words_and_tell_nothing():
    frame = pd.DataFrame({"x": ["00.00.0000" if row % 5 == 3 else text for row, text in enumerate(DAYS)]})
    found = read_strings(frame, Asked(dates={"x": "no"}))["x"]
    assert (found.kind, found.doubt) == (ColumnKind.CATEGORICAL, "")
