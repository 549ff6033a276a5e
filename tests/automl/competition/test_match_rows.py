"""Ids are compared as they are written; rows without one, ids twice, and ids of other tables are named."""

import numpy as np
import pandas as pd
import pytest

from automl.competition.find_columns import find_columns
from automl.competition.match_rows import match_rows
from automl.competition.nouns import Wishes
from automl.competition.read_files import read_tables
from automl.errors import InputError
from tests.competitions import as_tables, binary, write

NOTHING = Wishes()


def match(train, test, sample=None, **options):
    tables, wishes = as_tables(train, test, sample), Wishes(**options)
    return match_rows(tables, find_columns(tables, wishes), wishes)


def test_rows_are_those_of_the_sample_in_its_order():
    train, test, sample = binary()
    shuffled = sample.sample(frac=1.0, random_state=3)
    rows = match(train, test, shuffled.reset_index(drop=True))
    assert (test["id"].to_numpy()[rows.test_rows] == shuffled["id"].to_numpy()).all()
    assert rows.ids["id"].tolist() == shuffled["id"].astype(str).tolist()


def test_a_sample_of_some_rows_is_followed_and_told():
    train, test, sample = binary()
    rows = match(train, test, sample.tail(12).reset_index(drop=True))
    assert rows.test_rows.tolist() == list(range(18, 30))
    assert "the other 18 rows of test.csv are not in it" in rows.guesses[0].line


def test_without_a_sample_the_rows_are_those_of_the_test_table():
    train, test, _ = binary()
    rows = match(train.drop(columns="id"), test)
    assert rows.test_rows.tolist() == list(range(30))
    assert list(rows.ids.columns) == ["id"]


def test_numbered_rows_stay_in_their_order():
    train, test, sample = binary()
    rows = match(train.drop(columns="id"), test.drop(columns="id"), sample.assign(id=range(1, 31)))
    assert rows.test_rows.tolist() == list(range(30))
    assert rows.ids["id"].tolist()[:2] == ["1", "2"]


def test_numbers_that_are_written_in_other_ways_are_the_same_id():
    train, test, sample = binary()
    rows = match(train, test.assign(id=test["id"].astype(float)), sample)
    assert rows.test_rows.tolist() == list(range(30))
    padded = sample.assign(id=[f"{value:05d}" for value in sample["id"]])
    assert match(train, test, padded).ids["id"].tolist()[0] == "00091"


def test_leading_zeros_of_ids_in_files_are_kept(tmp_path):
    train, test, sample = binary()
    for frame in (train, test, sample):
        frame["id"] = [f"{value:04d}" for value in frame["id"]]
    paths = write(tmp_path, (train, test, sample))
    tables = read_tables(*paths, NOTHING)
    rows = match_rows(tables, find_columns(tables, NOTHING), NOTHING)
    assert rows.ids["id"].tolist() == sample["id"].tolist()


@pytest.mark.parametrize("spoil", [np.nan, "", "  "])
def test_rows_without_an_id_are_counted_and_the_first_is_named(spoil):
    train, test, sample = binary()
    test = test.assign(id=test["id"].astype(object))
    test.loc[[3, 7], "id"] = spoil
    with pytest.raises(InputError, match=r"test.csv has 2 rows without 'id', such as row 4"):
        match(train, test, sample)


@pytest.mark.parametrize("which", ["test", "sample"])
def test_ids_that_are_there_twice_are_named_with_their_rows(which):
    train, test, sample = binary()
    frames = {"test": test.copy(), "sample": sample.copy()}
    frames[which].loc[5, "id"] = frames[which].loc[2, "id"]
    with pytest.raises(InputError, match=rf"{which}.csv has 1 rows .* '93' in rows 3 and 6"):
        match(train, frames["test"], frames["sample"])


def test_ids_that_the_test_table_has_not_are_named():
    train, test, sample = binary()
    with pytest.raises(InputError, match=r"sample.csv has 30 of 30 ids that test.csv has not, such as '1091'"):
        match(train, test, sample.assign(id=sample["id"] + 1000))


def test_an_id_of_several_columns_is_compared_as_a_whole():
    train, test, sample = binary()
    shop, day = np.arange(30) % 3, np.arange(30) // 3
    test = test.drop(columns="id").assign(shop=shop, day=day)
    sample = pd.DataFrame({"shop": shop, "day": day, "alive": 0}).iloc[::-1].reset_index(drop=True)
    train = train.drop(columns="id").assign(shop=0, day=0)
    assert match(train, test, sample).test_rows.tolist() == list(range(29, -1, -1))
    test.loc[0, ["shop", "day"]] = [1, 1]
    with pytest.raises(InputError, match=r"\(1, 1\) in rows 1 and 5"):
        match(train, test, sample)
