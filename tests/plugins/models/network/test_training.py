"""The network's training: the same sums in torch and NumPy, and an end when the time is over."""

from __future__ import annotations

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext, TaskKind
from automl_builtins.models.network import NETWORK, training
from automl_builtins.models.network.training import Rows, Shape, forward, initial_values
from tests.plugins.models.tables import fit, halves, loss, make_table

QUICK = {"epochs": 4, "width": 96, "layers": 2}


@pytest.mark.parametrize("loss_name", ["classes", "squared"])
def test_numpy_computes_what_torch_does(loss_name):
    import torch

    rng = np.random.default_rng(0)
    shape = Shape(3, 2, (5,), 2 if loss_name == "classes" else 1, loss_name, {"width": 16, "layers": 2})
    target = np.arange(20) % 2
    rows = Rows(
        rng.normal(size=(20, 3)).astype(np.float32),
        rng.normal(size=(20, 2)).astype(np.float32),
        rng.integers(0, 5, (20, 1)),
        target,
    )
    members = [initial_values(shape, rows, rng) for _ in range(3)]
    values = {name: np.stack([member[name] for member in members]) for name in members[0]}
    values["w_out"] = rng.normal(size=values["w_out"].shape).astype(np.float32)
    tensors = {name: torch.from_numpy(value) for name, value in values.items()}
    given = Rows(*(torch.from_numpy(each) for each in (rows.numbers, rows.plain, rows.embedded, rows.target)))
    there = forward(tensors, given, shape, torch).numpy()
    np.testing.assert_allclose(forward(values, rows, shape, np), there, rtol=1e-4, atol=1e-5)


def test_training_ends_when_its_time_does_and_what_was_learnt_is_kept():
    train, valid = halves(make_table(TaskKind.BINARY, 4000))
    learner = fit(NETWORK, train, valid, FitContext(deadline=Deadline(1.5)), params={**QUICK, "epochs": 96})
    assert loss(valid, learner.predict(valid.features)) < 0.65


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.MULTICLASS])
def test_the_mean_of_the_members_is_calibrated_and_not_each_member_alone(kind, monkeypatch):
    train, valid = halves(make_table(kind, 160))
    params = {**QUICK, "epochs": 12, "members": 4}
    together = loss(valid, fit(NETWORK, train, valid, params=params).predict(valid.features))
    monkeypatch.setattr(training, "COMMON_TEMPERATURES", (1.0,))
    alone = loss(valid, fit(NETWORK, train, valid, params=params).predict(valid.features))
    assert together < alone
