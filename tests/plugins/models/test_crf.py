"""The CRF tells labels by the whole sentence, and each row by itself predicts what it does among others."""

import time
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
from automl_builtins.models import crf
from automl_builtins.models.crf import CRF, CrfLearner, _Clock
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


@pytest.mark.parametrize(("left", "least", "most"), [(1e6, 100, 100), (0.1, 3, 3), (8.0, 16, 99)])
def test_as_many_iterations_are_planned_as_there_is_time_for(left, least, most):
    context = FitContext(deadline=Deadline(None).within(left))
    assert least <= _Clock(context, 1.0, 200_000, 3).planned() <= most


def slowed(seconds):
    """Return what makes a trainer that takes so long for each iteration."""
    made = crf._timed_trainer

    def make():
        trainer = made()
        kind = type(trainer)

        class Slow(kind):
            def message(self, message):
                before = len(self.logparser.iterations)
                super().message(message)
                time.sleep(seconds * (len(self.logparser.iterations) - before))

        return Slow(algorithm="lbfgs", verbose=False)

    return make


@pytest.mark.parametrize("seconds", [0.02, 3.0])
def test_a_training_that_will_not_end_in_time_gives_way_to_a_shorter_one_or_to_none(monkeypatch, seconds):
    train, limit = rows(), 1.0
    monkeypatch.setattr(crf, "_timed_trainer", slowed(seconds))
    context = FitContext(deadline=Deadline(None).within(limit))
    begun = time.monotonic()
    learner = CrfLearner(BuildRequest(TASK, {}))
    learner.fit(train, None, context)
    assert time.monotonic() - begun < limit + 1.2 * seconds
    found = learner.predict(train.features)
    assert ((found.argmax(axis=1) == train.target).mean() > 0.9) == (seconds < limit)


def test_what_there_is_no_time_to_read_is_not_learned():
    train = rows()
    learner = CrfLearner(BuildRequest(TASK, {}))
    learner.fit(train, None, FitContext(deadline=Deadline(None).within(0.0)))
    np.testing.assert_allclose(
        learner.predict(train.features), np.tile([0.25, 0.25, 0.5], (train.n_rows, 1)), atol=0.01
    )


def test_more_labels_cost_more():
    sizes = [FitSize(10_000, 1, replace(TASK, classes=tuple(range(count)))) for count in (3, 30)]
    few, many = (CRF.resources(size).seconds for size in sizes)
    assert many > 3 * few
