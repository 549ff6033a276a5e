"""The network's learner: kept as arrays, it predicts without torch."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np

from automl.plugin_api import TaskKind
from automl_builtins.models.network import NETWORK
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
