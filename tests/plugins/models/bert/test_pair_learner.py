"""Pairs of texts are ordered by what they have in common, row by row, and what takes long to read is left to words."""

import pickle

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import (
    Block,
    BuildRequest,
    Column,
    ColumnKind,
    Dataset,
    Deadline,
    FitContext,
    Schema,
    Task,
    Trait,
)
from automl.testing._shared import stored_again
from automl_builtins.kinds import RANKING
from automl_builtins.metrics.ranking import ndcg
from automl_builtins.models._shared.queries import SPREAD
from automl_builtins.models.bert import TEXT_PAIRS
from automl_builtins.models.bert import pair_learner as pairs
from tests.plugins.models.texts import TINY_BERT

PARAMS = {"weights": str(TINY_BERT), "tokens": 16, "layers": 1.0, "C": 1.0}
WORDS = ["parcel", "card", "money", "phone", "bill", "refund", "limit", "branch"]


def rows(seed, grades=2):
    """Questions about a word or two beside answers about words, as relevant as they share them."""
    rng = np.random.default_rng(seed)
    asked, answered, relevance = [], [], []
    for _ in range(20):
        own = rng.choice(WORDS, 2, replace=False)
        for _ in range(5):
            other = rng.choice(WORDS, 2, replace=False)
            asked.append(f"please tell me of my {own[0]} and {own[1]}")
            answered.append(f"this is how {other[0]} goes with {other[1]}")
            relevance.append(float(min(grades - 1, len({*own} & {*other}))))
    target = np.array(relevance)
    frame = pd.DataFrame({"question": asked, "answer": answered, "price": rng.normal(size=100).astype(np.float32)})
    kinds = (ColumnKind.TEXT, ColumnKind.TEXT, ColumnKind.NUMERIC)
    schema = Schema(tuple(Column(name, kind) for name, kind in zip(frame.columns, kinds, strict=True)))
    task = Task(RANKING, "y", parts=(Block("y", trait=Trait.SCORE, grades=tuple(np.unique(target))),))
    return Dataset(frame, target, schema, task, np.arange(100), None, np.repeat(np.arange(20), 5))


def fitted(train, valid, **others):
    learner = TEXT_PAIRS.build(BuildRequest(train.task, {**PARAMS, **others}))
    learner.fit(train, valid, FitContext(seed=1))
    return learner


@pytest.fixture(scope="module", params=[2, 3])
def learnt(request):
    train, valid = rows(0, request.param), rows(1, request.param)
    return fitted(train, valid), train, rows(2, request.param)


def test_candidates_are_ordered_by_what_they_share_with_the_question(learnt):
    learner, _, test = learnt
    scores = learner.predict(test.features)
    assert scores.shape == (100, 1)
    by_chance = ndcg(test.target, np.zeros(100), None, test.groups, k=5)
    assert ndcg(test.target, scores[:, 0], None, test.groups, k=5) > by_chance + 0.2


def test_a_row_gets_the_same_alone_pickled_and_saved(learnt):
    learner, _, test = learnt
    scores = learner.predict(test.features)
    np.testing.assert_allclose(learner.predict(test.features.iloc[[7]]), scores[[7]], rtol=1e-9)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(learner)).predict(test.features), scores)
    np.testing.assert_array_equal(stored_again(learner, TEXT_PAIRS).predict(test.features), scores)
    assert learner.predict(test.features.iloc[:0]).shape == (0, 1)


def test_a_fit_on_all_rows_takes_the_spread_of_the_folds(learnt):
    learner, train, _ = learnt
    assert learner.refit_params()[SPREAD] > 0
    assert fitted(train, None, **{SPREAD: 3.0}).codec.spread == 3.0


def test_each_text_is_read_once_in_a_process(learnt, monkeypatch):
    learner, _, test = learnt
    wanted = learner.predict(test.features)
    monkeypatch.setattr(type(learner._encoder), "embed", lambda *arguments: pytest.fail("a text was read again"))
    np.testing.assert_array_equal(learner.predict(test.features), wanted)


def test_columns_that_cannot_be_read_in_time_are_compared_by_their_words(monkeypatch):
    train = rows(0)
    monkeypatch.setattr(pairs, "_seconds_for_character", lambda encoder, texts: 1.0)
    learner = TEXT_PAIRS.build(BuildRequest(train.task, PARAMS))
    learner.fit(train, None, FitContext(seed=1, deadline=Deadline(60.0)))
    assert learner._near == []
    assert np.isfinite(learner.predict(train.features)).all()


def test_the_pace_is_measured_on_texts_of_all_lengths(learnt):
    encoder = learnt[0]._encoder
    assert pairs._seconds_for_character(encoder, ["a", "some words", "many more words than those"]) > 0
    assert pairs._seconds_for_character(encoder, ["", ""]) == 0.0
