"""Words are labelled by the states of frozen layers, each row by itself as among others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import BuildRequest, Column, ColumnKind, Dataset, Deadline, FitContext, Schema, Task, TaskKind
from automl_builtins.models.bert import BERT_TOKENS
from automl_builtins.tagging.sentences import place_rows
from tests.plugins.models.texts import BAD, GOOD, OTHER, TINY_BERT

pytest.importorskip("torch")
TASK = Task(TaskKind("token_classification"), "tag", ("B-bad", "B-good", "O"))
PARAMS = {"weights": str(TINY_BERT), "hidden": 16, "epochs": 10, "learning_rate": 1e-2, "batch": 8, "dropout": 0.0}


def rows(count=40, seed=0):
    """Return sentences of four words, of which some are good and some are bad."""
    rng = np.random.default_rng(seed)
    words = rng.choice([*GOOD, *BAD, *OTHER], 4 * count)
    target = np.array([1 if word in GOOD else 0 if word in BAD else 2 for word in words])
    groups = np.repeat(np.arange(count), 4)
    features = pd.DataFrame({"token": pd.Series(place_rows([words.tolist()], groups), dtype=object)})
    schema = Schema((Column("token", ColumnKind.SEQUENCE),))
    return Dataset(features, target, schema, TASK, np.arange(len(target)), groups=groups, fingerprint=f"words-{seed}")


def fitted(train, valid=None, context=None):
    learner = BERT_TOKENS.build(BuildRequest(TASK, PARAMS))
    learner.fit(train, valid, context or FitContext(seed=3))
    return learner


def test_words_are_told_by_what_the_layers_make_of_them(tmp_path):
    train, valid = rows(), rows(15, seed=1)
    valid = replace(valid, rows=valid.rows + train.n_rows)
    learner = fitted(train, valid, FitContext(seed=3, folder=tmp_path))
    found = learner.predict(valid.features)
    assert (found.argmax(axis=1) == valid.target).mean() > 0.8
    np.testing.assert_allclose(learner.predict(valid.features.iloc[[6]]), found[[6]], atol=1e-4)
    assert learner.predict(valid.features.iloc[:0]).shape == (0, 3)


def test_without_time_to_read_each_label_is_as_likely_as_it_is_frequent():
    train = rows(10)
    learner = fitted(train, context=FitContext(deadline=Deadline(None).within(0.0)))
    shares = np.bincount(train.target, minlength=3) / train.n_rows
    np.testing.assert_allclose(learner.predict(train.features)[0], shares, atol=0.05)
