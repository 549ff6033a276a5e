"""The network: what it sees of a table, and that it predicts without torch."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext, TaskKind
from automl_builtins.models.network import NETWORK, network_limits
from automl_builtins.models.network.inputs import learn_inputs
from automl_builtins.models.network.training import Rows, Shape, forward, initial_values
from tests.plugins.models.tables import TASKS, fit, halves, loss, make_table

QUICK = {"epochs": 4, "width": 96, "layers": 2}


def test_a_fitted_network_is_pickled_as_arrays_and_predicts_where_torch_cannot_be_imported(tmp_path):
    train, valid = halves(make_table(TaskKind.MULTICLASS, 120))
    learner = fit(NETWORK, train, valid, params=QUICK)
    (tmp_path / "learner.pkl").write_bytes(pickle.dumps((learner, valid.features)))
    np.save(tmp_path / "expected.npy", learner.predict(valid.features))
    script = (
        "import sys, pickle, numpy as np\n"
        "sys.modules['torch'] = None\n"
        f"learner, features = pickle.load(open({str(tmp_path / 'learner.pkl')!r}, 'rb'))\n"
        f"assert np.allclose(learner.predict(features), np.load({str(tmp_path / 'expected.npy')!r}))\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


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
    values = initial_values(shape, rows, rng)
    values["w_out"] = rng.normal(size=values["w_out"].shape).astype(np.float32)
    tensors = {name: torch.from_numpy(value) for name, value in values.items()}
    given = Rows(*(torch.from_numpy(each) for each in (rows.numbers, rows.plain, rows.embedded, rows.target)))
    there = forward(tensors, given, shape, torch).numpy()
    np.testing.assert_allclose(forward(values, rows, shape, np), there, rtol=1e-4, atol=1e-5)


def test_numbers_are_scaled_by_their_quartiles_and_extremes_are_clipped_smoothly():
    train, _ = halves(make_table(TaskKind.REGRESSION, 200))
    features = train.features.copy()
    features.iloc[0, 0] = 1e9
    numbers, _, _ = learn_inputs(replace(train, features=features)).apply(features)
    assert np.abs(numbers).max() <= 3.0
    assert numbers[0, 0] == pytest.approx(3.0, abs=1e-3)
    assert np.median(numbers[:, 0]) == pytest.approx(0.0, abs=1e-6)


def test_missing_numbers_get_an_input_of_their_own_where_training_has_some():
    train, _ = halves(make_table(TaskKind.BINARY, 200))
    assert learn_inputs(train).flagged == ()
    features = train.features.copy()
    features.iloc[:5, 1] = np.nan
    inputs = learn_inputs(replace(train, features=features))
    numbers, plain, _ = inputs.apply(features)
    assert inputs.flagged == (1,)
    assert plain[:, 0].tolist() == [1.0] * 5 + [0.0] * (len(plain) - 5)
    assert (numbers[:5, 1] == 0).all()


def test_training_ends_when_its_time_does_and_what_was_learnt_is_kept():
    train, valid = halves(make_table(TaskKind.BINARY, 4000))
    learner = fit(NETWORK, train, valid, FitContext(deadline=Deadline(1.5)), params={**QUICK, "epochs": 96})
    assert loss(valid, learner.predict(valid.features)) < 0.65


def test_a_table_with_very_many_columns_is_refused():
    from automl.plugin_api import FitSize

    assert "2000 features" in network_limits(FitSize(100, 2000, TASKS[TaskKind.BINARY]))
    assert network_limits(FitSize(100, 20, TASKS[TaskKind.BINARY])) == ""
