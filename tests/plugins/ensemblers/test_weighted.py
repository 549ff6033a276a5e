from __future__ import annotations

import time

import numpy as np
import pytest

from automl.plugin_api import Deadline, EnsembleRequest, FitContext, OutOfFold, loss_of, score_predictions
from automl_builtins.ensemblers._candidates import without_light
from automl_builtins.ensemblers.weighted import GreedyWeights
from tests.plugins.ensemblers.synthetic import ACCURACY, AUC, BINARY, PROBLEMS, classifiers


def fit(task, metric, predictions, target, context=None, **params):
    return GreedyWeights(EnsembleRequest(task, metric, params)).fit(
        OutOfFold(predictions, target), context or FitContext()
    )


@pytest.mark.parametrize("problem", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("bags", [0, 1])
def test_complementary_members_beat_the_best_one_and_the_plain_average_on_new_rows(problem, bags):
    task, metric, make = PROBLEMS[problem]
    predictions, target = make(n_candidates=6, n_rows=6000)
    predictions[4:] = np.random.default_rng(0).permutation(predictions[4:], axis=1)  # two that know nothing
    learn, judge = slice(0, 1000), slice(1000, None)
    combiner = fit(task, metric, predictions[:, learn], target[learn], bags=bags)

    def loss(combined):
        return loss_of(metric, score_predictions(metric, task, target[judge], combined))

    ours = loss(combiner.combine(predictions[:, judge]))
    assert ours < min(loss(each) for each in predictions[:, judge])
    assert ours < loss(predictions[:, judge].mean(axis=0))


def test_copies_of_one_candidate_are_not_all_made_members():
    predictions, target = classifiers(n_candidates=1)
    weights = fit(BINARY, AUC, np.repeat(predictions, 5, axis=0), target).weights()
    assert weights.tolist() == [1, 0, 0, 0, 0]


def test_equal_accuracy_is_decided_by_the_log_loss():
    predictions, target = classifiers(n_candidates=1)
    timid = 0.5 + (predictions[0] - 0.5) / 100
    weights = fit(BINARY, ACCURACY, np.stack([timid, predictions[0]]), target).weights()
    assert weights[1] > 0.9


def test_rows_with_more_weight_decide():
    predictions, target = classifiers(n_candidates=2, noise=0.1)
    first = np.arange(len(target)) < 100
    predictions[0, ~first] = predictions[0, ~first, ::-1]
    predictions[1, first] = predictions[1, first, ::-1]
    weights = np.where(first, 1000.0, 1.0)
    combiner = GreedyWeights(EnsembleRequest(BINARY, ACCURACY)).fit(
        OutOfFold(predictions, target, weights), FitContext()
    )
    assert combiner.weights()[0] > 0.5


def test_no_time_left_still_gives_the_best_candidate():
    predictions, target = classifiers(n_candidates=40, n_rows=8000)
    begun = time.monotonic()
    combiner = fit(BINARY, AUC, predictions, target, FitContext(deadline=Deadline(0.0)))
    assert time.monotonic() - begun < 1.0
    scores = [AUC.score(target, each, None) for each in predictions]
    assert combiner.weights().argmax() == int(np.argmax(scores))
    assert np.count_nonzero(combiner.weights()) == 1


def test_members_that_hardly_count_are_left_out_and_the_rest_adds_up():
    shares = without_light(np.array([0.6, 0.0, 0.39, 0.01]))
    assert shares[3] == 0
    assert shares.sum() == pytest.approx(1.0)
    assert without_light(np.zeros(2)).tolist() == [0, 0]
