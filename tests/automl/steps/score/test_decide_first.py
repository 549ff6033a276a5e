"""A metric that sees labels gets those of the task's own decision, and any other metric what it got before."""

import pickle

import numpy as np

from automl.plugin_api import MetricSpec, Task, TaskKind, score_predictions
from automl.steps.score.decide_first import by_own_decision

RATING = Task(TaskKind("ordinal"), "rating", ("bad", "fair", "good"), ordered=True)
OUTPUTS = np.array([[0.4, 0.2, 0.4], [0.1, 0.2, 0.7]])


def middle(outputs, task):
    return np.round(outputs @ np.arange(len(task.classes)))


def hits(target, given, weights):
    return float(np.average(target == given, weights=weights))


def log_loss(target, given, weights):
    return float(-np.log(given[np.arange(len(target)), target]).mean())


LABELS = frozenset({TaskKind.MULTICLASS})


def test_labels_are_decided_before_they_are_judged():
    target = np.array([1, 2])
    plain = MetricSpec("hits", hits, True, 1.0, "labels", LABELS)
    own = pickle.loads(pickle.dumps(by_own_decision(plain, RATING, middle)))
    assert (score_predictions(plain, RATING, target, OUTPUTS), score_predictions(own, RATING, target, OUTPUTS)) == (
        0.5,
        1,
    )
    assert score_predictions(own, RATING, target, OUTPUTS, np.array([3.0, 1.0])) == 1.0


def test_a_metric_that_decodes_gets_the_labels_that_were_decided():
    own = by_own_decision(MetricSpec("hits", hits, True, 1.0, "labels", LABELS, decodes=True), RATING, middle)
    assert score_predictions(own, RATING, np.array([1, 0]), OUTPUTS) == 0.5


def test_metrics_of_probabilities_and_tasks_without_a_decision_stay_as_they_are():
    losses = MetricSpec("log_loss", log_loss, False, 0.0, "probabilities", LABELS)
    assert by_own_decision(losses, RATING, middle) is losses
    plain = MetricSpec("hits", hits, True, 1.0, "labels", LABELS)
    assert by_own_decision(plain, RATING, None) is plain
