"""LightGBM's bins: shared by all folds, made again only where they differ, and with the right targets."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import FitContext, TaskKind
from automl_builtins.models.lightgbm import LIGHTGBM
from tests.plugins.models.tables import fit, halves, loss, make_table, take


class KeepingCache:
    """Keeps everything and counts what was built."""

    def __init__(self):
        self.kept = {}

    def get_or_build(self, key, build):
        if key not in self.kept:
            self.kept[key] = build()
        return self.kept[key]


every_kind = pytest.mark.parametrize("kind", list(TaskKind), ids=lambda kind: kind.value)


@every_kind
def test_bins_shared_by_all_folds_give_the_same_model_as_bins_of_the_same_rows_alone(kind):
    # With as many values as bins the bins of all rows and those of the training rows split alike.
    data = make_table(kind, 400, categorical=True)
    coarse = data.features.round(1)
    data = replace(data, features=coarse, weights=np.random.default_rng(0).uniform(0.5, 2, 400))
    shared_train, shared_valid = halves(data, base=True)
    train, valid = halves(data)
    plain = fit(LIGHTGBM, train, valid).predict(valid.features)
    shared = fit(LIGHTGBM, shared_train, shared_valid, FitContext(seed=1, cache=KeepingCache())).predict(valid.features)
    assert np.corrcoef(plain.ravel(), shared.ravel())[0, 1] > 0.99
    assert abs(loss(valid, plain) / loss(valid, shared) - 1) < 0.1


@every_kind
def test_bins_from_the_cache_give_exactly_the_model_of_bins_made_anew(kind):
    data = make_table(kind, 300, categorical=True)
    cache, results = KeepingCache(), []
    for context in (FitContext(seed=1), FitContext(seed=1, cache=cache), FitContext(seed=1, cache=cache)):
        train, valid = halves(data, base=True)
        results.append(fit(LIGHTGBM, train, valid, context).predict(valid.features))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
    assert len(cache.kept) == 1


def test_bins_are_made_again_where_they_differ_only():
    data, cache = make_table(TaskKind.BINARY, 200), KeepingCache()
    for params in ({}, {"num_leaves": 5, "learning_rate": 0.1}, {"max_bin": 63}, {"lambda_l1": 1.0, "max_bin": 63}):
        train, valid = halves(data, base=True)
        fit(LIGHTGBM, train, valid, FitContext(cache=cache), params)
    assert len(cache.kept) == 2


def test_bins_of_a_fitted_preparation_are_kept_for_each_fold():
    data, cache = make_table(TaskKind.BINARY, 200), KeepingCache()
    first, second = halves(data)
    for train, valid in ((first, second), (first, second), (second, first)):
        fit(LIGHTGBM, train, valid, FitContext(cache=cache))
    assert len(cache.kept) == 2


def test_rows_in_any_order_keep_their_targets():
    data = make_table(TaskKind.REGRESSION, 400)
    mixed = np.random.default_rng(0).permutation(400)
    data = replace(data, weights=np.linspace(0.5, 1.5, 400))
    orders = (np.sort(mixed[:300]), mixed[:300])
    found = [
        fit(LIGHTGBM, take(data, rows, base=True), take(data, mixed[300:], base=True)).predict(data.features)
        for rows in orders
    ]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)


def test_a_fresh_worker_loads_lightgbm_without_scikit_learn_which_still_imports_afterwards():
    script = (
        "import sys\n"
        "from automl_builtins.models.lightgbm.bins import load_lightgbm\n"
        "load_lightgbm().Dataset\n"
        "assert 'sklearn' not in sys.modules\n"
        "import sklearn.base\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_where_scikit_learn_is_loaded_lightgbm_has_its_classes():
    script = (
        "import sklearn.base\n"
        "from automl_builtins.models.lightgbm.bins import load_lightgbm\n"
        "load_lightgbm().LGBMClassifier().fit([[0.0], [1.0]] * 20, [0, 1] * 20)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
