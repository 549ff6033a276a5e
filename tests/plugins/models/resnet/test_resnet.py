"""The residual network: from scratch and pretrained, in the time it is given, and on a device that is full."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl.plugin_api import PRETRAINED, BuildRequest, FitContext, FitSize, TaskKind
from automl_builtins.models.resnet import SCRATCH, automl_models, resnet_limits, resnet_spec
from tests.plugins.models.images import picture_table
from tests.plugins.models.tables import TASKS, halves

QUICK = {
    "weights": SCRATCH, "train": "all", "learning_rate": 5e-3, "width": 12, "epochs": 6, "mix": 0.5, "side": 32,
    "dropout": 0.0, "weight_decay": 0.02, "mirror": False, "batch": 32,
}  # fmt: skip


def test_weights_that_are_not_there_are_refused_with_what_to_do(tmp_path):
    size = FitSize(100, 1, TASKS[TaskKind.BINARY], {"weights": str(tmp_path / "nothing")})
    assert "not found" in resnet_limits(size)
    assert "model.safetensors" in resnet_limits(size)
    assert resnet_limits(replace(size, params={"weights": SCRATCH})) == ""
    train, _ = halves(picture_table(40))
    learner = resnet_spec().build(BuildRequest(train.task, {**QUICK, "weights": str(tmp_path / "nothing")}))
    with pytest.raises(LookupError, match="put them in a folder"):
        learner.fit(train, None, FitContext())


def test_it_keeps_places_for_pretrained_networks_and_needs_none():
    (spec,) = automl_models()
    assert spec.pretrained == "image"
    assert {each["weights"] for each in spec.defaults} == {PRETRAINED, SCRATCH}
