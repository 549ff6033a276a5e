from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from automl.plugin_api.scoring import loss_of, score_predictions
from tests.plugins.ensemblers.synthetic import ACCURACY, BINARY, LOG_LOSS, REGRESSION, RMSE

PREDICTIONS = np.array([[0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
TARGET = np.array([0, 1, 1])


def recorder(metric):
    seen = []

    def score(target, predictions, weights):
        seen.append((target, predictions, weights))
        return 1.0

    return replace(metric, score=score), seen


def test_labels_are_the_numbers_of_the_most_likely_classes():
    metric, seen = recorder(ACCURACY)
    score_predictions(metric, BINARY, TARGET, PREDICTIONS)
    assert seen[0][1].tolist() == [0, 1, 0]


def test_values_are_one_dimensional():
    metric, seen = recorder(RMSE)
    score_predictions(metric, REGRESSION, np.array([1.0, 2.0]), np.array([[1.5], [2.5]]))
    assert seen[0][1].tolist() == [1.5, 2.5]


def test_probabilities_that_add_up_are_handed_over_untouched():
    metric, seen = recorder(LOG_LOSS)
    score_predictions(metric, BINARY, TARGET, PREDICTIONS)
    assert seen[0][1] is PREDICTIONS


def test_probabilities_that_do_not_add_up_are_scaled():
    metric, seen = recorder(LOG_LOSS)
    score_predictions(metric, BINARY, TARGET, PREDICTIONS * 3)
    np.testing.assert_allclose(seen[0][1], PREDICTIONS)


def test_a_metric_that_decodes_sees_the_labels_of_the_user():
    metric, seen = recorder(replace(ACCURACY, decodes=True))
    score_predictions(metric, BINARY, TARGET, PREDICTIONS)
    assert seen[0][0].tolist() == ["no", "yes", "yes"]
    assert seen[0][1].tolist() == ["no", "yes", "no"]


def test_weights_reach_the_metric():
    assert score_predictions(ACCURACY, BINARY, TARGET, PREDICTIONS, np.array([1.0, 1.0, 2.0])) == 0.5


def test_missing_predictions_score_nan_which_is_an_infinite_loss():
    score = score_predictions(ACCURACY, BINARY, TARGET, np.where(PREDICTIONS == 0.7, np.nan, PREDICTIONS))
    assert math.isnan(score)
    assert loss_of(ACCURACY, score) == math.inf


def test_a_lower_loss_is_a_better_score_in_either_direction():
    assert loss_of(ACCURACY, 0.9) < loss_of(ACCURACY, 0.8)
    assert loss_of(RMSE, 0.8) < loss_of(RMSE, 0.9)


def test_a_metric_that_needs_the_task_is_given_it_last():
    seen = []
    metric = replace(RMSE, needs="outputs", needs_task=True, score=lambda *given: seen.append(given) or 1.0)
    outputs, groups = np.array([[1.5], [2.5]]), np.array([0, 1])
    score_predictions(metric, REGRESSION, np.array([1.0, 2.0]), outputs)
    score_predictions(replace(metric, needs_groups=True), REGRESSION, np.array([1.0, 2.0]), outputs, None, groups)
    assert seen[0][2:] == (None, REGRESSION)
    assert seen[1][2:] == (None, groups, REGRESSION)
