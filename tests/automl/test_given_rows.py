"""A user's rows as a fitted model reads them: by name, by place, with their target or without."""

import numpy as np
import pytest

from automl.errors import InputError
from automl.given_rows import features_and_target, features_and_values, features_of
from tests.tables import binary_table, mixed_table


def test_columns_without_names_get_those_that_were_fitted(regressor):
    table = mixed_table(5)
    found = features_of(regressor._fit, table.to_numpy(dtype=object))
    assert list(found.columns) == list(table.columns)
    with pytest.raises(InputError, match=r"X has 2 features, but AutoML is expecting"):
        features_of(regressor._fit, np.zeros((3, 2)))


def test_one_row_as_a_series_is_refused_with_what_to_do(classifier):
    with pytest.raises(InputError, match=r"df.iloc\[\[0\]\]"):
        features_of(classifier._fit, mixed_table(5).iloc[0])


def test_the_target_is_in_the_table_or_comes_with_it(classifier):
    table = binary_table(20)
    features, values = features_and_values(classifier._fit, table, None)
    apart, same = features_and_values(classifier._fit, table.drop(columns="bought"), table["bought"])
    assert "bought" not in features.columns
    assert list(features.columns) == list(apart.columns)
    assert values.tolist() == same.tolist() == table["bought"].tolist()


def test_labels_become_the_numbers_of_their_classes(classifier):
    table = binary_table(20)
    _, target = features_and_target(classifier._fit, table, "bought")
    assert target.tolist() == (table["bought"] == "yes").astype(int).tolist()
    with pytest.raises(InputError, match="no column 'bought'"):
        features_and_target(classifier._fit, mixed_table(5), None)
