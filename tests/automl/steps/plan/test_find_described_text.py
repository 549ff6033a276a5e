"""Where classes are described, the column of strings with the most words is text, unless one is text already."""

import pandas as pd

from automl.steps.plan.find_described_text import find_described_text
from automl.table.columns.type_columns import read_strings
from automl.vocabulary.schema import ColumnKind

FEW = pd.DataFrame(
    {
        "message": ["card still missing", "give me a refund now", "refund please", "rate for euros", None],
        "channel": ["mobile app", "web site", "mobile app", "mobile app", "web site"],
        "code": ["a1", "b2", "c3", "d4", "e5"],
        "amount": [1.5, 2.5, 3.5, 4.5, 5.5],
    }
)


def found(frame, **told):
    return find_described_text(frame, read_strings(frame), told)


def test_few_short_texts_are_text_and_repeated_values_are_not():
    assert found(FEW) == {"message": ColumnKind.TEXT}


def test_what_is_told_of_a_column_stays():
    assert found(FEW, message=ColumnKind.CATEGORICAL) == {}
    assert found(FEW, channel=ColumnKind.TEXT) == {}


def test_codes_alone_are_no_text():
    assert found(FEW[["code", "amount"]]) == {}


def test_a_table_with_text_is_left_as_it_is():
    long = pd.DataFrame(
        {"note": [f"this is the remark number {i}" for i in range(12)], "name": [f"Ann {i} B" for i in range(12)]}
    )
    assert found(long) == {}
