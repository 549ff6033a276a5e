from __future__ import annotations

import numpy as np
import pandas as pd

from automl.fitted.mean_of_combiners import MeanOfCombiners
from automl.fitted.one_member import OneMember


class SumOfColumns(OneMember):
    def combine(self, predictions, features=None):
        return super().combine(predictions) + features.sum(axis=1).to_numpy()[:, None]


class WithoutColumns(OneMember):
    def combine(self, predictions, features=None):
        assert features is None
        return super().combine(predictions)


def test_predictions_and_weights_are_the_means_of_what_its_parts_give():
    predictions = np.arange(12.0).reshape(3, 2, 2)
    both = MeanOfCombiners((OneMember(0, 3), OneMember(2, 3)), (False, False))
    np.testing.assert_array_equal(both.combine(predictions), (predictions[0] + predictions[2]) / 2)
    np.testing.assert_array_equal(both.weights(), [0.5, 0, 0.5])


def test_only_parts_that_ask_are_given_the_columns():
    predictions = np.zeros((2, 3, 1))
    features = pd.DataFrame({"x": [1.0, 2.0, 3.0]})
    mean = MeanOfCombiners((WithoutColumns(0, 2), SumOfColumns(1, 2)), (False, True))
    np.testing.assert_array_equal(mean.combine(predictions, features), [[0.5], [1.0], [1.5]])
