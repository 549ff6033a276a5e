"""The linear model: sparse features, penalties, and bounded extrapolation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from automl.plugin_api import TaskKind
from automl_builtins.models.linear import LINEAR
from tests.plugins.models.tables import fit, halves, loss, make_table


@pytest.mark.parametrize("kind", list(TaskKind), ids=lambda kind: kind.value)
@pytest.mark.parametrize("penalty", ["ridge", "elastic_net"])
def test_sparse_features_are_predicted_as_dense_ones(kind, penalty):
    train, valid = halves(make_table(kind, 200))
    params = {"C": 1.0, "kind": penalty}
    sparse = replace(train, features=csr_matrix(train.features.to_numpy()))
    dense_found = fit(LINEAR, train, params=params).predict(valid.features)
    sparse_found = fit(LINEAR, sparse, params=params).predict(csr_matrix(valid.features.to_numpy()))
    # Iterations that stop before they have converged take other steps on sparse features.
    assert np.corrcoef(sparse_found.ravel(), dense_found.ravel())[0, 1] > 0.98
    assert abs(loss(valid, sparse_found) / loss(valid, dense_found) - 1) < 0.2


def test_thousands_of_sparse_features_are_fitted_by_iterations():
    rng = np.random.default_rng(0)
    matrix = csr_matrix((rng.random((80, 2500)) < 0.02).astype(np.float32))
    data = make_table(TaskKind.REGRESSION, 80)
    data = replace(data, features=matrix, target=np.asarray(matrix[:, :300].sum(axis=1)).ravel())
    found = fit(LINEAR, data).predict(matrix)
    assert np.corrcoef(found[:, 0], data.target)[0, 1] > 0.9


def test_a_stronger_penalty_gives_flatter_predictions():
    train, valid = halves(make_table(TaskKind.BINARY, 200))
    spread = [fit(LINEAR, train, params={"C": c}).predict(valid.features)[:, 1].std() for c in (0.001, 10.0)]
    assert spread[0] < 0.5 * spread[1]


def test_values_far_outside_the_training_range_are_not_predicted():
    train, valid = halves(make_table(TaskKind.REGRESSION, 200))
    found = fit(LINEAR, train).predict(valid.features * 1000)
    reach = np.ptp(train.target)
    assert found.max() <= train.target.max() + reach
    assert found.min() >= train.target.min() - reach
