"""The network's learner: several side by side, kept as arrays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from automl.plugin_api import TaskKind
from automl_builtins.models.network import NETWORK
from tests.plugins.models.tables import fit, halves, make_table

ROOT = Path(__file__).parents[4]
QUICK = {"epochs": 4, "width": 96, "layers": 2}


def test_it_needs_no_torch():
    script = (
        "import sys\nsys.modules['torch'] = None\n"
        "from automl.plugin_api import TaskKind\nfrom automl_builtins.models.network import NETWORK\n"
        "from tests.plugins.models.tables import fit, halves, loss, make_table\n"
        "train, valid = halves(make_table(TaskKind.MULTICLASS, 120))\n"
        f"print(loss(valid, fit(NETWORK, train, valid, params={QUICK!r}).predict(valid.features)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert float(done.stdout) < 1.2, done.stderr


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.MULTICLASS, TaskKind.REGRESSION])
def test_several_networks_are_unlike_and_predict_their_mean(kind):
    train, valid = halves(make_table(kind, 120))
    learner = fit(NETWORK, train, valid, params={**QUICK, "members": 3})
    together, whole, alone = learner.predict(valid.features), learner._values, []
    for number in range(3):
        learner._values = {name: value[number : number + 1] for name, value in whole.items()}
        alone.append(learner.predict(valid.features))
    bounded = ((np.array(alone) <= train.target.min()) | (np.array(alone) >= train.target.max())).any(axis=0)
    kept = ~bounded if kind is TaskKind.REGRESSION else np.isfinite(together)  # beyond what is known values end
    assert kept.mean() > 0.5
    np.testing.assert_allclose(np.mean(alone, axis=0)[kept], together[kept], rtol=1e-5, atol=1e-6)
    assert np.abs(alone[0] - alone[1]).max() > 1e-3
    assert np.abs(alone[1] - alone[2]).max() > 1e-3


def test_a_single_network_of_an_earlier_version_predicts_what_it_did():
    train, valid = halves(make_table(TaskKind.REGRESSION, 120))
    learner = fit(NETWORK, train, valid, params={**QUICK, "members": 1})
    before = learner.predict(valid.features)
    learner._values = {name: value[0] for name, value in learner._values.items()}
    np.testing.assert_array_equal(learner.predict(valid.features), before)
