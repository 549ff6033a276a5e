"""Classifiers of two classes serve several classes, a missing one among them."""

from dataclasses import replace

import numpy as np

from automl.plugin_api import BuildRequest, ColumnKind, FitContext, SklearnLearner, TaskKind
from automl.testing._data import TASKS, make_split
from automl_builtins.tasks._one_against_others import OneAgainstOthers, one_against_others

THREE = TASKS[TaskKind.MULTICLASS]
SEEN = []


def tree(request):
    from sklearn.tree import DecisionTreeClassifier

    SEEN.append(request.task)
    return SklearnLearner(DecisionTreeClassifier(max_depth=3))


def fitted(train):
    learner = OneAgainstOthers(tree, BuildRequest(THREE))
    learner.fit(train, None, FitContext())
    return learner


def test_models_that_know_two_classes_alone_tell_several():
    split = make_split(THREE, frozenset({ColumnKind.NUMERIC}))
    found = fitted(split.train).predict(split.test.features)
    assert {task.kind for task in SEEN} == {TaskKind.BINARY}
    assert one_against_others(THREE).classes == (False, True)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    assert (found.argmax(axis=1) == split.test.target).mean() > 0.6


def test_a_class_without_rows_is_never_predicted():
    split = make_split(THREE, frozenset({ColumnKind.NUMERIC}))
    found = fitted(replace(split.train, target=split.train.target % 2)).predict(split.test.features)
    assert (found[:, 2] == 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    one = fitted(replace(split.train, target=split.train.target * 0)).predict(split.test.features)
    assert (one == [1.0, 0.0, 0.0]).all()
