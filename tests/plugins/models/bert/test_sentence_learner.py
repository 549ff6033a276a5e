"""The learner on sentence embeddings: each head learns, numbers count, and descriptions stand in for rows."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import FitContext, FitSize, TaskKind
from automl_builtins.models.baseline import BASELINE
from automl_builtins.models.bert import (
    TEXT_EMBEDDINGS,
    bert_resources,
    sentence_limits,
    sentence_resources,
    words_beside,
)
from tests.plugins.models.tables import TASKS, fit, halves, loss, take
from tests.plugins.models.texts import BAD, GOOD, text_table

pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def params(weights):
    return {"weights": weights, "tokens": 16, "layers": 1.0, "head": "linear", "C": 30.0}


@pytest.mark.parametrize("head", ["linear", "prototypes", "words"])
def test_each_head_tells_texts_apart(head, params):
    train, valid = halves(text_table(180))
    plain = loss(valid, fit(BASELINE, train).predict(valid.features))
    learner = fit(TEXT_EMBEDDINGS, train, valid, params={**params, "head": head})
    assert loss(valid, learner.predict(valid.features)) < 0.95 * plain
    again = pickle.loads(pickle.dumps(learner))
    np.testing.assert_array_equal(again.predict(valid.features), learner.predict(valid.features))


def test_values_are_predicted_by_a_ridge(params):
    train, valid = halves(text_table(180, kind=TaskKind.REGRESSION))
    plain = loss(valid, fit(BASELINE, train).predict(valid.features))
    assert loss(valid, fit(TEXT_EMBEDDINGS, train, None, params=params).predict(valid.features)) < 0.9 * plain


@pytest.mark.parametrize(("head", "least"), [("linear", 0.85), ("words", 0.7)])
def test_numbers_beside_the_text_count(head, least, params):
    table = text_table(150)
    told = replace(table, target=(table.features["size"].to_numpy() > 0).astype(np.int64))
    train, valid = halves(told)
    found = fit(TEXT_EMBEDDINGS, train, None, params={**params, "C": 300.0, "head": head}).predict(valid.features)
    assert (found.argmax(axis=1) == valid.target).mean() > least


@pytest.mark.parametrize("head", ["linear", "prototypes", "words"])
def test_descriptions_help_where_rows_are_few(head, params):
    table = text_table(220, n_columns=2)
    few, many = take(table, np.arange(8)), take(table, np.arange(20, 220))
    described = replace(few, task=replace(few.task, descriptions=(BAD, GOOD)))
    chosen = {**params, "head": head, "described": 8.0}
    losses = [
        loss(many, fit(TEXT_EMBEDDINGS, each, None, params=chosen).predict(many.features)) for each in (few, described)
    ]
    assert losses[1] < losses[0]


def test_a_linear_head_that_an_earlier_version_saved_predicts_the_same(params):
    train, valid = halves(text_table(60))
    learner = fit(TEXT_EMBEDDINGS, train, None, params=params)
    expected = learner.predict(valid.features)
    learner._fitted, learner._classes = learner._fitted.terms, learner._fitted.classes
    np.testing.assert_array_equal(learner.predict(valid.features), expected)


@pytest.mark.parametrize("head", ["linear", "words"])
def test_rows_of_one_class_and_a_description_of_it_give_that_class(head, params):
    table = take(text_table(80), np.arange(40))
    one = replace(table, target=np.ones(40, dtype=np.int64), task=replace(table.task, descriptions=((), GOOD)))
    found = fit(TEXT_EMBEDDINGS, one, None, params={**params, "head": head}).predict(one.features)
    assert (found.argmax(axis=1) == 1).all()


def test_a_fit_leaves_the_threads_of_torch_as_they_were(params):
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    fit(TEXT_EMBEDDINGS, text_table(20), None, FitContext(threads=before + 1), params)
    assert torch.get_num_threads() == before


def test_many_long_texts_are_left_to_bert(params):
    size = FitSize(9_000, 1, TASKS[TaskKind.BINARY], params, words=200)
    assert "bert tells more" in sentence_limits(size)
    assert sentence_limits(replace(size, words=20)) == ""
    assert sentence_limits(replace(size, n_rows=500)) == ""
    assert "not found" in sentence_limits(replace(size, n_rows=500, params={**params, "weights": "./nothing"}))


def test_a_head_that_is_another_s_like_or_is_for_few_rows_is_refused(params):
    size = FitSize(9_000, 1, TASKS[TaskKind.BINARY], params, words=20)
    of_head = {head: {**params, "head": head} for head in ("linear", "prototypes", "words")}
    assert "prototypes are for" in sentence_limits(replace(size, params=of_head["prototypes"]))
    assert sentence_limits(replace(size, n_rows=100, params=of_head["prototypes"])) == ""
    assert sentence_limits(replace(size, params=of_head["words"])) == ""
    values = replace(size, task=TASKS[TaskKind.REGRESSION])
    assert [bool(sentence_limits(replace(values, params=each))) for each in of_head.values()] == [False, True, True]


@pytest.mark.parametrize("few_classes", [20, 2])
def test_names_of_classes_that_only_words_tell_are_told_by_words(params, few_classes, monkeypatch):
    monkeypatch.setattr(words_beside, "FEW_CLASSES", few_classes)
    names = [f"zq{number}x" for number in range(4)]
    table = text_table(160)
    texts = [f"{text} {names[number % 4]}" for number, text in enumerate(table.features["text_0"])]
    features = table.features.assign(text_0=np.array(texts, dtype=object))
    told = replace(
        table,
        features=features,
        target=np.arange(160) % 4,
        task=replace(TASKS[TaskKind.MULTICLASS], classes=tuple(names)),
    )
    train, valid = halves(told)
    found = fit(TEXT_EMBEDDINGS, train, None, params={**params, "C": 1.0, "head": "words"}).predict(valid.features)
    assert (found.argmax(axis=1) == valid.target).mean() > 0.9


def test_more_texts_and_more_classes_are_expected_to_take_longer(params):
    size = FitSize(1_000, 1, TASKS[TaskKind.BINARY], params, words=20)
    base = sentence_resources(size)
    assert base.shared_seconds == pytest.approx(bert_resources(size).shared_seconds)
    assert base.seconds < bert_resources(size).seconds
    assert sentence_resources(replace(size, n_rows=9_000)).seconds > base.seconds
    assert sentence_resources(replace(size, task=TASKS[TaskKind.MULTICLASS])).seconds > base.seconds
