from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from automl.fitted.mean_of_combiners import MeanOfCombiners, parts_of
from automl.fitted.one_member import OneMember
from automl.storage.known_classes import KnownClasses
from automl.vocabulary.task import Task, TaskKind

ONE_VALUE = Task(TaskKind.REGRESSION, "y")


class OfShares(OneMember):
    def __init__(self, *shares):
        object.__setattr__(self, "shares", np.array(shares))

    def weights(self):
        return self.shares


class SumOfColumns(OneMember):
    def combine(self, predictions, features=None):
        return super().combine(predictions) + features.sum(axis=1).to_numpy()[:, None]


class WithoutColumns(OneMember):
    def combine(self, predictions, features=None):
        assert features is None
        return super().combine(predictions)


def test_predictions_and_weights_are_the_means_of_what_its_parts_give():
    predictions = np.arange(6.0).reshape(3, 2, 1)
    both = MeanOfCombiners((OneMember(0, 3), OneMember(2, 3)), (False, False), ONE_VALUE)
    np.testing.assert_array_equal(both.combine(predictions), (predictions[0] + predictions[2]) / 2)
    np.testing.assert_array_equal(both.weights(), [0.5, 0, 0.5])


def test_only_parts_that_ask_are_given_the_columns():
    predictions = np.zeros((2, 3, 1))
    features = pd.DataFrame({"x": [1.0, 2.0, 3.0]})
    mean = MeanOfCombiners((WithoutColumns(0, 2), SumOfColumns(1, 2)), (False, True), ONE_VALUE)
    np.testing.assert_array_equal(mean.combine(predictions, features), [[0.5], [1.0], [1.5]])


def test_each_part_is_kept_within_the_ends_before_it_is_averaged():
    predictions = np.array([[[-2.0]], [[4.0]]])
    mean = MeanOfCombiners((OneMember(0, 2), OneMember(1, 2)), (False, False), replace(ONE_VALUE, ends=(0.0, np.inf)))
    assert mean.combine(predictions).item() == 2.0


def test_a_candidate_whose_shares_cancel_out_is_still_needed():
    mean = MeanOfCombiners((OfShares(0.5, 0.5), OfShares(1.5, -0.5)), (False, False), ONE_VALUE)
    np.testing.assert_array_equal(mean.weights(), [1.0, 0.5])


def test_it_may_be_named_in_a_file():
    assert KnownClasses().why_not(MeanOfCombiners) == ""


def test_its_parts_are_told_and_any_other_combiner_has_none():
    one, other = OneMember(0, 2), OneMember(1, 2)
    assert parts_of(MeanOfCombiners((one, other), (False, False), ONE_VALUE)) == (one, other)
    assert parts_of(one) == ()
