"""The learner of the residual network: from scratch and pretrained, kept as arrays, on a GPU where there is one."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from automl.plugin_api import FitContext, TaskKind
from automl_builtins.models.resnet import SCRATCH, resnet_spec
from tests.plugins.models.images import picture_table
from tests.plugins.models.tables import fit, halves

QUICK = {
    "weights": SCRATCH, "train": "all", "learning_rate": 5e-3, "width": 12, "epochs": 6, "mix": 0.5, "side": 32,
    "dropout": 0.0, "weight_decay": 0.02, "mirror": False, "batch": 32,
}  # fmt: skip


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A tiny residual network of transformers with random weights, as a folder."""
    transformers = pytest.importorskip("transformers")
    import torch

    torch.manual_seed(0)
    config = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic")
    folder = tmp_path_factory.mktemp("weights") / "tiny-resnet"
    transformers.ResNetModel(config).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def scratch():
    train, valid = halves(picture_table())
    return fit(resnet_spec(), train, valid, params=QUICK), valid


def accuracy(data, predictions):
    return (predictions.argmax(axis=1) == data.target).mean()


def test_pictures_are_told_apart(scratch):
    learner, valid = scratch
    predictions = learner.predict(valid.features)
    assert accuracy(valid, predictions) > 0.7
    np.testing.assert_allclose(predictions.sum(axis=1), 1.0, atol=1e-6)


def test_what_is_kept_are_arrays_and_predicts_the_same(scratch):
    learner, valid = scratch
    state = learner.__getstate__()
    assert state["_trainer"] is None
    assert {type(value) for value in state["_state"].values()} == {np.ndarray}
    again = pickle.loads(pickle.dumps(learner))
    np.testing.assert_array_equal(again.predict(valid.features), learner.predict(valid.features))


@pytest.mark.parametrize("train_what", ["head", "all"])
def test_pretrained_weights_are_tuned_and_saved_with_the_learner(weights, train_what, tmp_path):
    train, valid = halves(picture_table(60, kind=TaskKind.REGRESSION))
    params = {**QUICK, "weights": weights, "train": train_what, "epochs": 1, "side": 32}
    learner = fit(resnet_spec((weights,)), train, valid, params=params)
    found = learner.predict(valid.features)
    assert np.ptp(found) > 0
    before = _first_convolution(weights)
    after = next(value for name, value in learner._state.items() if name.endswith("embedder.convolution.weight"))
    assert np.array_equal(before, after) is (train_what == "head")
    moved = pickle.loads(pickle.dumps(learner))
    moved._facts = {**moved._facts, "weights": "gone"}  # the folder is not needed to predict
    np.testing.assert_array_equal(moved.predict(valid.features), found)


def _first_convolution(folder):
    from safetensors.numpy import load_file

    return load_file(f"{folder}/model.safetensors")["embedder.embedder.convolution.weight"]


@pytest.mark.gpu
def test_a_gpu_learns_the_same_thing():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("there is no GPU")
    train, valid = halves(picture_table())
    learner = fit(resnet_spec(), train, valid, FitContext(seed=1, device="cuda"), params={**QUICK, "mix": 0.0})
    assert learner.device == "cuda"
    assert accuracy(valid, learner.predict(valid.features)) > 0.7
