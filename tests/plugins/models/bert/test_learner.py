"""The learner on a transformer: frozen or tuned layers, numbers beside texts, and no folder needed to predict."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import FitContext, TaskKind
from automl_builtins.models.bert import BERT, keep_networks
from automl_builtins.models.bert import states as shared
from tests.plugins.models.tables import fit, halves
from tests.plugins.models.texts import text_table

pytest.importorskip("transformers")


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
    monkeypatch.setattr(keep_networks, "_BODIES", {})
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
    "more",
    [
        {},
        pytest.param({"adversarial": 0.2, "epochs": 16, "body_rate": 4e-3}, marks=pytest.mark.long),
        {"lora": 8},
        pytest.param({"balanced": True}, marks=pytest.mark.long),
    ],
    ids=str,
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


def test_one_class_and_one_row_are_fitted(quick):
    data = text_table(60)
    train, _ = halves(data)
    one = replace(train, target=np.zeros_like(train.target))
    assert fit(BERT, one, None, params=quick).predict(data.features)[:, 0].min() > 0.9
    single = fit(BERT, halves(text_table(3, kind=TaskKind.REGRESSION))[0], None, params=quick)
    assert np.isfinite(single.predict(data.features)).all()


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
