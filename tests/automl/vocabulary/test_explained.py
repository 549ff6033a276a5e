"""What was measured of a model comes back from a saved one."""

import numpy as np
import pandas as pd

from automl.vocabulary.explained import Dependence, Explained
from automl.vocabulary.schema import ColumnKind
from tests.automl.vocabulary.saved import saved_and_loaded


def test_importance_and_dependence_come_back_from_a_saved_model():
    curve = Dependence("day", ColumnKind.DATETIME, ("a", "b"), np.array([1.0, 2.0]), np.ones((2, 1)),
                       np.zeros((3, 2, 1)), (0.5,))  # fmt: skip
    found = saved_and_loaded(
        Explained(pd.DataFrame({"column": ["day"], "importance": [0.25]}), (curve,), "some rows", 7)
    )
    assert found.importance.to_dict("list") == {"column": ["day"], "importance": [0.25]}
    assert (found.origin, found.n_rows) == ("some rows", 7)
    (back,) = found.dependence
    assert (back.column, back.kind, back.labels, back.marks) == ("day", ColumnKind.DATETIME, ("a", "b"), (0.5,))
    np.testing.assert_array_equal(back.curves, curve.curves)


def test_a_column_of_categories_has_no_places():
    curve = Dependence("city", ColumnKind.CATEGORICAL, ("Bern",), None, np.ones((1, 2)), np.zeros((1, 1, 2)))
    assert saved_and_loaded(curve).places is None
