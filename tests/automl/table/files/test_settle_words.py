"""Words such as NA are missing values where the file says so, and values where nothing does."""

import pandas as pd
import pytest

from automl.table.files.settle_words import mask_words, settle_words, words_among_numbers, words_in

COLUMN = ["NA", "EU", "None", "EU", None]


def settled(values, standing=(), besides=()):
    frame, findings = settle_words(pd.DataFrame({"a": values}), lambda: standing, besides)
    return frame["a"].tolist(), [each.severity.value for each in findings]


def test_a_word_is_missing_where_it_stands_for_a_missing_number():
    values, told = settled(COLUMN, {"NA", ""})
    assert [value for value in values if isinstance(value, str)] == ["EU", "None", "EU"]
    assert told == ["note"]


@pytest.mark.parametrize("standing", [(), {""}])
def test_a_word_is_a_value_where_nothing_says_that_it_is_missing(standing):
    values, told = settled(COLUMN, standing)
    assert values[:4] == ["NA", "EU", "None", "EU"]
    assert told == ["note", "note"]


@pytest.mark.parametrize("known", [["2020-01-02", "2020-01-03"], ["$1,000", "$20"], []])
def test_a_word_beside_dates_and_numbers_in_disguise_or_alone_is_missing(known):
    values, told = settled(["NA", *known])
    assert pd.isna(values[0])
    assert told == []


def test_files_without_such_words_are_not_asked_for_them():
    def never():
        raise AssertionError

    assert settle_words(pd.DataFrame({"a": ["x", None]}), never)[1] == []
    assert settle_words(pd.DataFrame({"a": ["None", "x"]}), never, besides="a")[1] == []


def test_words_are_counted_and_those_that_are_no_category_masked():
    assert words_in(pd.Series(COLUMN)) == {"NA": 1, "None": 1}
    assert words_in(pd.Series([1.0, None])) == {}
    assert words_among_numbers(pd.DataFrame({"a": ["1", "", "NA"], "b": ["2", "3", "null"]})) == {"", "NA", "null"}
    assert mask_words(pd.Series(["NA", "", "nan", "x"]), {"NA"}).isna().tolist() == [False, True, True, False]
