"""The CRF tells labels by the whole sentence, and each row by itself predicts what it does among others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import (
    BuildRequest,
    Column,
    ColumnKind,
    Dataset,
    Deadline,
    FitContext,
    FitSize,
    Schema,
    Task,
    TaskKind,
)
from automl_builtins.models.crf import CRF, CrfLearner, _iterations
from automl_builtins.tagging.sentences import place_rows

TASK = Task(TaskKind("token_classification"), "tag", ("B", "I", "O"))


def rows(count=30):
    """Return sentences in which "x" begins a span of two, whatever word comes second."""
    rng = np.random.default_rng(0)
    words, tags = [], []
    for _ in range(count):
        words += ["so", "x", str(rng.choice(["p", "q", "r"])), str(rng.choice(["p", "q", "r"]))]
        tags += [2, 0, 1, 2]
    groups = np.repeat(np.arange(count), 4)
    features = pd.DataFrame({"token": pd.Series(place_rows([words], groups), dtype=object)})
    schema = Schema((Column("token", ColumnKind.SEQUENCE),))
    return Dataset(features, np.array(tags), schema, TASK, np.arange(len(tags)), groups=groups)


def fitted(train, **params):
    learner = CrfLearner(BuildRequest(TASK, params))
    learner.fit(train, None, FitContext())
    return learner


def test_labels_follow_from_those_before_them():
    train = rows()
    learner = fitted(train)
    found = learner.predict(train.features)
    assert (found.argmax(axis=1) == train.target).all()
    one = train.features.iloc[[2]]
    np.testing.assert_allclose(learner.predict(one), found[[2]])
    assert learner.predict(train.features.iloc[:0]).shape == (0, 3)


def test_a_label_that_no_training_row_has_is_never_predicted():
    train = rows()
    some = replace(train, target=np.where(train.target == 1, 2, train.target))
    found = fitted(some).predict(train.features)
    assert found[:, 1].max() < 0.02
    alone = fitted(replace(train, target=np.full(train.n_rows, 2))).predict(train.features)
    assert (alone.argmax(axis=1) == 2).all()


def test_sentences_that_weigh_more_are_learnt_from_more():
    train = rows()
    half = train.groups % 2 == 0
    mixed = replace(train, target=np.where(half, train.target, 2))
    heavy, light = (
        fitted(replace(mixed, weights=np.where(half, weight, 2.0 - weight))).predict(train.features)[1, 0]
        for weight in (1.9, 0.1)
    )
    assert heavy > light + 0.3


@pytest.mark.parametrize(("left", "least", "most"), [(1e6, 100, 100), (0.1, 15, 15), (8.0, 16, 99)])
def test_there_are_as_many_iterations_as_there_is_time_for(left, least, most):
    context = FitContext(deadline=Deadline(None).within(left))
    assert least <= _iterations(200_000, 3, context, 1.0) <= most


def test_more_labels_cost_more():
    sizes = [FitSize(10_000, 1, replace(TASK, classes=tuple(range(count)))) for count in (3, 30)]
    few, many = (CRF.resources(size).seconds for size in sizes)
    assert many > 3 * few
