"""How predictions move with one column, all else as it is."""

import numpy as np
import pytest

from automl.errors import InputError, OptionError
from automl.reporting.dependence import dependence_of, partial_dependence
from automl.reporting.labelled import rows_to_vary
from automl.vocabulary.schema import ColumnKind
from tests.tables import binary_table


def test_a_column_of_categories_has_a_point_each_in_order_of_the_prediction(classifier):
    found = dependence_of(classifier._fitted(), "city", None)
    assert found.kind is ColumnKind.CATEGORICAL
    assert len(found.labels) == len(found.mean) <= 8
    assert (np.diff(found.mean[:, -1]) >= 0).all()
    assert found.places is None


def test_a_column_of_numbers_goes_over_those_that_occur(classifier):
    ages = binary_table(40)["age"]
    found = dependence_of(classifier._fitted(), "age", binary_table(40))
    assert (np.diff(found.places) > 0).all()
    assert set(found.places.round(4)) <= set(ages.round(4))
    assert found.curves.shape[1:] == found.mean.shape
    np.testing.assert_allclose(found.mean.sum(axis=1), 1.0)


def test_a_column_that_is_not_there_is_named_with_the_nearest(classifier):
    with pytest.raises(OptionError, match=r"'agee'.*'age'"):
        classifier.plot_dependence("agee")


def test_text_is_left_out_and_said_to_be(classifier):
    features, stored = rows_to_vary(classifier._fitted(), None)
    assert partial_dependence(classifier.predictor_, features, stored, ["note"]) == ()
    with pytest.raises(InputError, match="'note' cannot be drawn: it is text"):
        classifier.plot_dependence("note")
