"""Training of a transformer: a device that is full gets smaller parts."""

from __future__ import annotations

import numpy as np
import pytest

from automl_builtins.models.bert import BERT, layers, training
from tests.plugins.models.tables import fit, halves
from tests.plugins.models.texts import text_table

pytest.importorskip("transformers")


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
