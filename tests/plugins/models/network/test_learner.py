"""The network's learner: kept as arrays, it predicts without torch."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

from automl.plugin_api import TaskKind
from automl_builtins.models.network import NETWORK
from automl_builtins.models.network.training import n_members
from tests.plugins.models.tables import fit, halves, make_table

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


def test_small_networks_come_several_side_by_side_unless_the_hyperparameters_say():
    small = {"width": 128, "layers": 2}
    assert [n_members(small, n_rows, 60, 1) for n_rows in (700, 3_000, 100_000)] == [4, 2, 1]
    assert [n_members(small, 700, n_inputs, 1) for n_inputs in (60, 500, 5_000)] == [4, 2, 1]
    assert n_members({**small, "members": 2}, 700, 60, 1) == 2


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.MULTICLASS, TaskKind.REGRESSION])
def test_several_networks_are_unlike_and_predict_their_mean(kind):
    train, valid = halves(make_table(kind, 120))
    learner = fit(NETWORK, train, valid, params={**QUICK, "members": 3})
    together, whole, alone = learner.predict(valid.features), learner._values, []
    for number in range(3):
        learner._values = {name: value[number : number + 1] for name, value in whole.items()}
        alone.append(learner.predict(valid.features))
    np.testing.assert_allclose(np.mean(alone, axis=0), together, rtol=1e-5, atol=1e-6)
    assert np.abs(alone[0] - alone[1]).max() > 1e-3
    assert np.abs(alone[1] - alone[2]).max() > 1e-3


def test_a_single_network_of_an_earlier_version_predicts_what_it_did():
    train, valid = halves(make_table(TaskKind.REGRESSION, 120))
    learner = fit(NETWORK, train, valid, params={**QUICK, "members": 1})
    before = learner.predict(valid.features)
    learner._values = {name: value[0] for name, value in learner._values.items()}
    np.testing.assert_array_equal(learner.predict(valid.features), before)
