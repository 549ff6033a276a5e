"""The bert model: reads texts with frozen layers, tunes layers, keeps its time, and needs no folder to predict."""

from __future__ import annotations

import os
import pickle
import time
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import BuildRequest, Deadline, FitContext, FitSize, TaskKind
from automl_builtins.models import bert
from automl_builtins.models.bert import BERT, bert_limits, bert_resources
from automl_builtins.models.bert import layers as layers
from automl_builtins.models.bert import states as shared
from automl_builtins.models.bert import training as training
from automl_builtins.models.bert.tokens import TextTokenizer
from tests.plugins.models.tables import TASKS, fit, halves
from tests.plugins.models.texts import TINY_BERT, text_table

pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def weights():
    return str(TINY_BERT)


@pytest.fixture(scope="module")
def quick(weights):
    return {
        "weights": weights, "train": "head", "tokens": 16, "layers": 1.0, "heads": 2, "learning_rate": 1e-2,
        "epochs": 12, "dropout": 0.0, "batch": 16,
    }  # fmt: skip


@pytest.fixture(scope="module")
def frozen(quick):
    train, valid = halves(text_table(180))
    return fit(BERT, train, valid, params=quick), valid


def accuracy(data, predictions):
    return (predictions.argmax(axis=1) == data.target).mean()


def test_texts_are_told_apart_by_frozen_layers(frozen):
    learner, valid = frozen
    predictions = learner.predict(valid.features)
    assert accuracy(valid, predictions) > 0.8
    np.testing.assert_allclose(predictions.sum(axis=1), 1.0, atol=1e-6)


def test_what_is_kept_predicts_the_same_without_the_folder(frozen, monkeypatch):
    learner, valid = frozen
    expected = learner.predict(valid.features)
    again = pickle.loads(pickle.dumps(learner))
    again._params = {**again._params, "weights": "gone"}
    monkeypatch.setattr(bert, "_BODIES", {})
    monkeypatch.setattr(shared, "_LAST", {})
    np.testing.assert_array_equal(again.predict(valid.features), expected)


def test_fold_models_share_the_numbers_of_frozen_layers(frozen, quick):
    learner, valid = frozen
    other = fit(BERT, valid, None, params=quick)
    one, two = (pickle.loads(pickle.dumps(each)) for each in (learner, other))
    assert all(two._body[name] is array for name, array in one._body.items())
    np.testing.assert_array_equal(two.predict(valid.features), other.predict(valid.features))


def test_a_row_gets_the_same_alone_and_among_others(frozen):
    learner, valid = frozen
    together = learner.predict(valid.features)
    alone = np.concatenate([learner.predict(valid.features.iloc[i : i + 1]) for i in range(12)])
    np.testing.assert_allclose(alone, together[:12], atol=1e-6)


def test_odd_texts_are_predicted(frozen):
    learner, valid = frozen
    odd = ["", None, "fine " * 25_000, "😀 ünïcödé 漢字 عربى", "\x00\n\t", "fine"]
    features = valid.features.iloc[: len(odd)].assign(text_0=np.array(odd, dtype=object))
    found = learner.predict(features)
    assert np.isfinite(found).all()
    assert found[5, 1] > 0.5


@pytest.mark.parametrize(
    "more", [{}, {"adversarial": 0.2, "epochs": 16, "body_rate": 4e-3}, {"lora": 8}, {"balanced": True}], ids=str
)
def test_tuned_layers_learn_and_are_stored(quick, more):
    if "lora" in more:
        pytest.importorskip("peft")
    train, valid = halves(text_table(270))
    params = {**quick, "train": "all", "epochs": 8, "body_rate": 2e-3, "layer_decay": 0.9, **more}
    learner = fit(BERT, train, valid, params=params)
    found = learner.predict(valid.features)
    assert accuracy(valid, found) > 0.8
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(learner)).predict(valid.features), found)


def test_tuning_changes_the_layers_that_are_tuned_alone(quick, weights):
    from safetensors.numpy import load_file

    before = load_file(f"{weights}/model.safetensors")
    train, _ = halves(text_table(120))
    params = {**quick, "train": "all", "epochs": 6, "body_rate": 3e-3, "tuned": 0.5}
    after = fit(BERT, train, None, params=params)._body  # nothing to judge by: the tuned layers are kept
    name = "encoder.layer.{}.output.dense.weight"
    np.testing.assert_allclose(after[name.format(0)], before[name.format(0)], atol=1e-3)
    assert np.abs(after[name.format(1)] - before[name.format(1)]).max() > 5e-3


def test_numbers_beside_texts_count(quick):
    data = text_table(180, kind=TaskKind.REGRESSION)
    data = replace(data, target=np.asarray(3.0 * data.features["size"], dtype=float))
    train, valid = halves(data)
    found = fit(BERT, train, valid, params={**quick, "epochs": 20}).predict(valid.features)
    assert np.corrcoef(found[:, 0], valid.target)[0, 1] > 0.9


def test_of_a_long_row_every_column_keeps_its_beginning_and_its_end(weights):
    tokenizer = TextTokenizer.of(weights, 12)
    long = "fine " + "film " * 40 + "dull"
    row = tokenizer.tokens([np.array([long], dtype=object), np.array(["warm"], dtype=object)])[0]
    ids = {word: tokenizer.tokens([np.array([word], dtype=object)])[0][1] for word in ("fine", "dull", "warm", "film")}
    assert len(row) == 12
    assert row[1] == ids["fine"]
    assert row[-3] == tokenizer.separator
    assert list(row[[-4, -2]]) == [ids["dull"], ids["warm"]]
    assert set(row[2:-4]) == {ids["film"]}


def test_other_folds_find_what_the_first_has_read(quick, tmp_path, monkeypatch):
    data = text_table(150)
    train, valid = halves(data)
    read = shared._fill
    made = []
    monkeypatch.setattr(shared, "_fill", lambda path, part, make: (made.append(path), read(path, part, make)))
    context = FitContext(folder=tmp_path / "shared", seed=1)
    first = fit(BERT, train, valid, context, params=quick)
    files = len(made)
    assert files == 3  # of 64 rows each
    other = fit(BERT, valid, train, context, params=quick)
    assert len(made) == files
    for learner, part, rest in ((first, train, valid), (other, valid, train)):
        alone = fit(BERT, part, rest, params=quick)
        np.testing.assert_array_equal(learner.predict(rest.features), alone.predict(rest.features))


def test_a_worker_that_died_over_a_file_does_not_hold_up_the_others(tmp_path):
    tokens = [np.array([2, 5, 3], dtype=np.int32)]
    path = tmp_path / f"{shared._name('key', tokens)}.npy"
    path.with_suffix(".claim").write_text(str(2**22 + 7))  # no process has this number
    started = time.monotonic()
    (state,) = shared.shared_states(tokens, "key", lambda part: [np.ones((3, 4), np.float16) for _ in part], tmp_path)
    assert state.shape == (3, 4)
    assert time.monotonic() - started < 5
    assert os.path.exists(path)


def test_where_time_is_short_less_of_each_text_is_read(quick, tmp_path):
    data = text_table(120)
    long = np.array([f"{text} film {text}" * 4 for text in data.features["text_0"]], dtype=object)
    train, valid = halves(replace(data, features=data.features.assign(text_0=long)))
    context = FitContext(folder=tmp_path, deadline=Deadline(1e-3))
    learner = fit(BERT, train, valid, context, params={**quick, "tokens": 60})
    assert learner._tokenizer.most == 16
    unhurried = fit(BERT, train, valid, FitContext(folder=tmp_path), params={**quick, "tokens": 60})
    assert unhurried._tokenizer.most == 16  # as the first fit of the search has decided


def test_of_what_several_fits_read_together_more_can_be_read(quick, monkeypatch):
    data = text_table(120)
    long = np.array([f"{text} film {text}" * 4 for text in data.features["text_0"]], dtype=object)
    train, valid = halves(replace(data, features=data.features.assign(text_0=long)))
    monkeypatch.setattr(bert.Reader, "_seconds_for_token", lambda self, tokens: 1e-2)
    read = []
    for sharing in (1, 4):
        context = FitContext(deadline=Deadline(60.0), sharing=sharing)
        read.append(fit(BERT, train, valid, context, params={**quick, "tokens": 60})._tokenizer.most)
    assert read[0] < read[1] <= 60


def test_a_device_that_is_full_gets_smaller_parts(quick, monkeypatch):
    import torch

    train, valid = halves(text_table(60))
    seen = []
    backward = training.Training._backward

    def full(self, body, head, rows_of, rows, length, share):
        seen.append(len(rows) * length)
        if len(rows) * length > 64:
            raise torch.OutOfMemoryError("the device is full")
        backward(self, body, head, rows_of, rows, length, share)

    monkeypatch.setattr(layers, "TOKENS_AT_ONCE", 256)
    monkeypatch.setattr(training, "FEWEST_TOKENS", 32)
    monkeypatch.setattr(training.Training, "_backward", full)
    learner = fit(BERT, train, valid, params={**quick, "train": "all", "epochs": 1, "body_rate": 1e-4})
    assert max(seen) > 64
    assert seen[-1] <= 64
    assert np.isfinite(learner.predict(valid.features)).all()


def test_one_class_and_one_row_are_fitted(quick):
    data = text_table(60)
    train, _ = halves(data)
    one = replace(train, target=np.zeros_like(train.target))
    assert fit(BERT, one, None, params=quick).predict(data.features)[:, 0].min() > 0.9
    single = fit(BERT, halves(text_table(3, kind=TaskKind.REGRESSION))[0], None, params=quick)
    assert np.isfinite(single.predict(data.features)).all()


def test_weights_that_are_not_there_are_refused_with_what_to_do(tmp_path):
    size = FitSize(100, 1, TASKS[TaskKind.BINARY], {"weights": str(tmp_path / "nothing")})
    assert "not found" in bert_limits(size)
    assert "model.safetensors" in bert_limits(size)
    learner = BERT.build(BuildRequest(TASKS[TaskKind.BINARY], {"weights": str(tmp_path / "nothing")}))
    with pytest.raises(LookupError, match="not found"):
        learner.fit(halves(text_table(30))[0], None, FitContext())


def test_longer_texts_more_rows_and_tuning_are_expected_to_take_longer(quick):
    size = FitSize(1_000, 1, TASKS[TaskKind.BINARY], {**quick, "tokens": 128}, words=20)
    base = bert_resources(size)
    assert bert_resources(replace(size, words=80)).shared_seconds > base.shared_seconds
    assert bert_resources(replace(size, n_rows=4_000)).seconds > base.seconds
    assert bert_resources(replace(size, params={**size.params, "train": "all"})).seconds > base.seconds
    assert bert_resources(replace(size, device="cuda")).shared_seconds < base.shared_seconds
    assert base.shared_key != bert_resources(replace(size, params={**size.params, "tokens": 64})).shared_key


@pytest.mark.gpu
def test_a_gpu_learns_the_same_thing(quick):
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("there is no GPU")
    train, valid = halves(text_table(270))
    params = {**quick, "train": "all", "epochs": 8, "body_rate": 2e-3}
    learner = fit(BERT, train, valid, FitContext(seed=1, device="cuda"), params=params)
    assert learner.device == "cuda"
    assert accuracy(valid, learner.predict(valid.features)) > 0.8
