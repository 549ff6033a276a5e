"""The profile of a table comes back from a saved model as it was."""

import math

from automl.vocabulary.profile import ColumnProfile, TableProfile
from automl.vocabulary.schema import ColumnKind
from tests.automl.vocabulary.saved import saved_and_loaded


def test_a_profile_comes_back_from_a_saved_model():
    number = ColumnProfile("age", ColumnKind.NUMERIC, "float64", 0.1, 90, 0.0, 1.0, 99.0, (1.0, 50.0), (0.5, 1.0))
    text = ColumnProfile("note", ColumnKind.TEXT, "object", 0.0, 100)
    found = saved_and_loaded(TableProfile((number, text)))
    assert found.columns[0] == number
    assert found.columns[1].kind is ColumnKind.TEXT
    assert math.isnan(found.columns[1].low)
