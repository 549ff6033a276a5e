"""Nearest neighbours: votes, weights, and tables that are too large for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import FitSize, TaskKind
from automl_builtins.models.nearest_neighbors import NEAREST_NEIGHBORS
from tests.plugins.models.tables import TASKS, fit, halves, loss, make_table


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("width", [3, 12])
def test_trees_and_brute_force_find_the_rows_themselves(metric, width):
    data = make_table(TaskKind.REGRESSION, 100, width)
    params = {"n_neighbors": 5, "weights": "distance", "metric": metric}
    found = fit(NEAREST_NEIGHBORS, data, params=params).predict(data.features)
    np.testing.assert_allclose(found[:, 0], data.target, rtol=0.05)


def test_uniform_votes_count_neighbours_alike():
    data = make_table(TaskKind.REGRESSION, 50)
    params = {"n_neighbors": 50, "weights": "uniform", "metric": "euclidean"}
    np.testing.assert_allclose(fit(NEAREST_NEIGHBORS, data, params=params).predict(data.features), data.target.mean())


def test_more_neighbours_than_rows_are_no_error():
    data = make_table(TaskKind.BINARY, 9)
    assert loss(data, fit(NEAREST_NEIGHBORS, data, params={"n_neighbors": 150}).predict(data.features)) < 1


def test_rows_of_no_weight_have_no_vote():
    train, valid = halves(make_table(TaskKind.BINARY, 200))
    only = replace(train, weights=(train.target == 1).astype(float))
    found = fit(NEAREST_NEIGHBORS, only, params={"n_neighbors": 20}).predict(valid.features)
    assert (found.argmax(axis=1) == 1).mean() > 0.9


def test_large_tables_are_declined_with_the_reason():
    task = TASKS[TaskKind.BINARY]
    assert NEAREST_NEIGHBORS.limits(FitSize(5000, 50, task)) == ""
    assert "200000 rows" in NEAREST_NEIGHBORS.limits(FitSize(200_000, 5, task))
    assert "500 features" in NEAREST_NEIGHBORS.limits(FitSize(50_000, 500, task))
