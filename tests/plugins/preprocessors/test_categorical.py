from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Column, ColumnKind
from tests.plugins.preprocessors.tables import categories, dense, fitted, names_of

CITY = Column("city", ColumnKind.CATEGORICAL, categories=("Bonn", "Oslo", "Rome", "Wien"))


def codes(*values):
    return pd.DataFrame({"city": np.array(values, dtype=np.int32)})


def test_codes_stay_numbers_and_missing_becomes_nan():
    made, features = fitted("codes", codes(2, -1, 0), (CITY,))
    np.testing.assert_array_equal(features.to_numpy(), [[2], [np.nan], [0]])
    assert made.output_columns() == (CITY,)


@pytest.mark.parametrize("name", ["one_hot", "one_hot_sparse"])
def test_each_frequent_level_has_a_column_and_the_rare_ones_share_one(name):
    made, features = fitted(name, codes(0, 1, 0, 2, 3, 3), (CITY,))
    assert names_of(made) == ["city=Bonn", "city=Wien", "city=(rare)"]
    assert dense(features).tolist() == [[1, 0, 0], [0, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert {column.kind for column in made.output_columns()} == {ColumnKind.BOOLEAN}


@pytest.mark.parametrize("name", ["one_hot", "one_hot_sparse"])
def test_a_level_that_training_did_not_have_is_zero_everywhere(name):
    made, _ = fitted(name, codes(0, 0, 1, 1), (CITY,))
    assert dense(made.transform(codes(2, -1))).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("name", ["one_hot", "one_hot_sparse"])
def test_missing_values_have_a_column_if_training_had_some(name):
    made, features = fitted(name, codes(0, 0, -1), (CITY,))
    assert names_of(made) == ["city=Bonn", "city=(missing)"]
    assert dense(features).tolist() == [[1, 0], [1, 0], [0, 1]]


def test_one_hot_keeps_all_levels_apart_where_no_level_is_called_rare():
    made, _ = fitted("one_hot", codes(0, 1, 2, 3), (CITY,), min_frequency=1)
    assert names_of(made) == ["city=Bonn", "city=Oslo", "city=Rome", "city=Wien"]


def test_one_hot_keeps_the_most_frequent_levels_up_to_its_limit():
    made, features = fitted("one_hot", codes(0, 0, 1, 1, 1, 2, 2, 2, 2), (CITY,), max_levels=2)
    assert names_of(made) == ["city=Oslo", "city=Rome", "city=(rare)"]
    assert features.sum().tolist() == [3, 4, 2]


def test_dense_and_sparse_one_hot_are_equal():
    frame, columns = categories(n_rows=200)
    first, features = fitted("one_hot", frame, columns)
    second, sparse = fitted("one_hot_sparse", frame, columns)
    assert names_of(first) == names_of(second)
    assert sparse.has_sorted_indices
    np.testing.assert_array_equal(features.to_numpy(), sparse.toarray())


def test_one_hot_does_not_depend_on_the_order_of_rows():
    frame, columns = categories(n_rows=50)
    first, _ = fitted("one_hot", frame, columns)
    second, _ = fitted("one_hot", frame.iloc[::-1], columns)
    assert first.output_columns() == second.output_columns()


def test_names_that_would_meet_are_numbered():
    columns = (
        Column("a", ColumnKind.CATEGORICAL, categories=("b=c",)),
        Column("a=b", ColumnKind.CATEGORICAL, categories=("c",)),
    )
    frame = pd.DataFrame(np.zeros((3, 2), dtype=np.int32), columns=["a", "a=b"])
    made, _ = fitted("one_hot", frame, columns)
    assert names_of(made) == ["a=b=c", "a=b=c_2"]


def test_frequency_is_the_share_of_training_rows():
    made, features = fitted("frequency", codes(0, 0, 1, -1), (CITY,))
    assert features.to_numpy().ravel().tolist() == [0.5, 0.5, 0.25, 0.25]
    assert made.transform(codes(3, 0)).to_numpy().ravel().tolist() == [0, 0.5]


def test_ordered_codes_are_numbers_in_their_order():
    made, features = fitted("ordinal", codes(2, -1, 0), (CITY,))
    np.testing.assert_array_equal(features.to_numpy(), [[2], [np.nan], [0]])
    assert [(column.name, column.kind) for column in made.output_columns()] == [("city.order", ColumnKind.NUMERIC)]
