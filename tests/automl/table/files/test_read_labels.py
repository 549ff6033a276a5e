"""A target's cells become values that come back as they are written, and a word among them is told."""

import pandas as pd
import pytest

from automl.table.files.read_labels import read_labels


def labels(cells, standing=(), known=()):
    values, findings = read_labels(pd.Series(cells, name="y"), lambda: standing, known=known)
    return values, [each.done for each in findings]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "0", "1"], [1, 0, 1]),
        (["1", "", "0"], [1, None, 0]),
        (["1.0", "0.5", ""], [1.0, 0.5, None]),
        (["01", "02", "01"], ["01", "02", "01"]),
        (["True", "False", "True"], [True, False, True]),
        (["TRUE", "FALSE", "TRUE"], ["TRUE", "FALSE", "TRUE"]),
        (["a", "", "b"], ["a", None, "b"]),
        ([str(2**53 + 1), str(2**64 - 1)], [2**53 + 1, 2**64 - 1]),
        ([str(10**30), "1"], [str(10**30), "1"]),
        (["-", "+", "-"], ["-", "+", "-"]),
        (["", "", ""], [None, None, None]),
    ],
)
def test_values_are_as_they_are_written(cells, values):
    found, told = labels(cells)
    found = [None if pd.isna(each) else getattr(each, "item", lambda each=each: each)() for each in found]
    assert found == values
    assert [type(each) for each in found] == [type(each) for each in values]
    assert told == []


MISSING, CLASS = "taken for missing", "taken for a class as the others are"


@pytest.mark.parametrize(
    ("cells", "standing", "known", "done"),
    [
        (["None", "a", "b"], (), (), [CLASS]),
        (["NA", "a", "b"], {"NA"}, (), [MISSING]),
        (["NA", "a", ""], {"NA"}, (), [CLASS]),
        (["NA", "a", "b"], {""}, (), [CLASS]),
        (["NA", "a", "b"], {"NA"}, {"NA"}, []),
        (["NA", "1", "2"], (), (), [MISSING]),
        (["NA", "1", "2"], (), {"NA"}, []),
        (["nan", "a", "b"], (), (), [MISSING]),
        (["nan", "a", "b"], (), {"nan"}, []),
    ],
)
def test_a_word_is_a_class_unless_something_says_that_it_is_missing(cells, standing, known, done):
    values, told = labels(cells, standing, known)
    assert told == done
    assert pd.isna(values[0]) == (done == [MISSING])
