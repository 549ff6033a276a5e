"""Training of the residual network: in the time it is given, and on a device that is full."""

from __future__ import annotations

import time

import numpy as np

from automl.plugin_api import Deadline, FitContext
from automl_builtins.models.resnet import SCRATCH, resnet_spec, training
from tests.plugins.models.images import picture_table
from tests.plugins.models.tables import fit, halves

QUICK = {
    "weights": SCRATCH, "train": "all", "learning_rate": 5e-3, "width": 12, "epochs": 6, "mix": 0.5, "side": 32,
    "dropout": 0.0, "weight_decay": 0.02, "mirror": False, "batch": 32,
}  # fmt: skip


def test_training_ends_when_its_time_does():
    train, valid = halves(picture_table(300))
    started = time.monotonic()
    learner = fit(
        resnet_spec(), train, valid, FitContext(deadline=Deadline(1.0)), params={**QUICK, "epochs": 60, "width": 32}
    )
    assert time.monotonic() - started < 20.0  # torch is imported first, on a busy machine
    assert np.isfinite(learner.predict(valid.features)).all()


def test_a_device_that_is_full_gets_half_the_batch(monkeypatch):
    import torch

    train, valid = halves(picture_table(100))
    seen = []
    backward = training.NetworkTrainer._backward

    def full(self, rows_of, rows, done, share):
        seen.append(len(rows))
        if len(rows) > 8:
            raise torch.OutOfMemoryError("the device is full")
        backward(self, rows_of, rows, done, share)

    monkeypatch.setattr(training.NetworkTrainer, "_backward", full)
    learner = fit(resnet_spec(), train, valid, params={**QUICK, "epochs": 1})
    assert seen[:3] == [32, 16, 8]
    assert set(seen[3:]) == {8}
    assert np.isfinite(learner.predict(valid.features)).all()
