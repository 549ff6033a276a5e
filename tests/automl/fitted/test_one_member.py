"""The combiner of a single candidate hands on its predictions, and gives all weight to it."""

import numpy as np

from automl.fitted.one_member import OneMember


def test_it_hands_on_the_predictions_of_its_member_alone():
    predictions = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    found = OneMember(1, 3).combine(predictions)
    np.testing.assert_array_equal(found, [[4, 5], [6, 7]])
    assert found.dtype == np.float64
    np.testing.assert_array_equal(OneMember(1, 3).weights(), [0, 1, 0])
