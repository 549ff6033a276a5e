"""Upper layers are tuned with the head over what lower ones make; each row is labelled by itself as among others."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import BuildRequest, Deadline, FitContext, FitSize
from automl_builtins.models.bert import BERT_TOKENS
from automl_builtins.models.bert.tuned_word_learner import TunedWordLearner, tuned_layers
from automl_builtins.models.bert.word_learner import WordLearner
from tests.plugins.models.bert.test_word_learner import PARAMS, TASK, rows

pytest.importorskip("torch")
TUNED = {**PARAMS, "tuned": 0.5, "body_rate": 1e-3, "epochs": 20}


def fitted(train, valid=None, context=None, **params):
    learner = BERT_TOKENS.build(BuildRequest(TASK, {**TUNED, **params}))
    learner.fit(train, valid, context or FitContext(seed=3))
    return learner


def test_a_share_of_the_layers_is_tuned_and_never_all_of_them():
    assert [tuned_layers(6, share) for share in (0.0, 0.01, 0.34, 0.5, 1.0)] == [0, 1, 2, 3, 5]
    assert tuned_layers(1, 0.5) == 0
    assert type(BERT_TOKENS.build(BuildRequest(TASK, PARAMS))) is WordLearner
    assert type(BERT_TOKENS.build(BuildRequest(TASK, {**TUNED, "layers": 0.5}))) is WordLearner


def test_words_are_told_alone_as_among_others_and_after_being_stored(tmp_path):
    train, valid = rows(), rows(15, seed=1)
    valid = replace(valid, rows=valid.rows + train.n_rows)
    learner = fitted(train, valid, FitContext(seed=3, folder=tmp_path))
    assert isinstance(learner, TunedWordLearner)
    found = learner.predict(valid.features)
    assert (found.argmax(axis=1) == valid.target).mean() > 0.8
    again = pickle.loads(pickle.dumps(learner))
    np.testing.assert_allclose(again.predict(valid.features.iloc[[6]]), found[[6]], atol=1e-4)
    np.testing.assert_allclose(again.predict(valid.features), found, atol=1e-4)
    assert learner.predict(valid.features.iloc[:0]).shape == (0, 3)


def test_tuned_layers_differ_from_those_that_were_loaded_and_the_table_of_words_is_not_kept():
    train = rows(10)
    still, moved = (fitted(train, body_rate=rate, epochs=1)._head for rate in (0.0, 1e-3))
    changed = [name for name in still if name.startswith("upper.") and not np.allclose(still[name], moved[name])]
    assert changed
    assert max(each.shape[0] for name, each in still.items() if name.startswith("upper.")) <= 600


def test_without_time_each_label_is_as_likely_as_it_is_frequent(tmp_path):
    train = rows(10)
    context = FitContext(deadline=Deadline(None).within(0.0), folder=tmp_path)
    shares = np.bincount(train.target, minlength=3) / train.n_rows
    np.testing.assert_allclose(fitted(train, context=context).predict(train.features)[0], shares, atol=0.05)


def test_tuning_costs_more_and_reads_less():
    frozen, tuned = (
        BERT_TOKENS.resources(FitSize(10_000, 1, TASK, params={**PARAMS, "tuned": share})) for share in (0.0, 0.5)
    )
    assert tuned.seconds > frozen.seconds
    assert tuned.shared_seconds < frozen.shared_seconds
    assert tuned.shared_key != frozen.shared_key
