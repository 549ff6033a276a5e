"""Errors are wide where they are wide, and few of them give wide quantiles."""

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Column, ColumnKind, Dataset, FitContext, Schema, Task, TaskKind
from automl_builtins.tasks import _scatter
from automl_builtins.tasks._scatter import Scatter

LEVELS = np.array([0.05, 0.5, 0.95])
RNG = np.random.default_rng(3)
WIDE = RNG.integers(0, 2, 600)
TARGET = RNG.normal(size=600) * np.where(WIDE, 10.0, 1.0)
FRAME = pd.DataFrame({"wide": WIDE.astype(np.float32)})
SCHEMA = Schema((Column("wide", ColumnKind.NUMERIC),))


def learnt(n_rows=600, features=FRAME):
    data = Dataset(features[:n_rows], TARGET[:n_rows], SCHEMA, Task(TaskKind.REGRESSION, "y"), np.arange(n_rows))
    return Scatter.of(data, np.zeros(n_rows), LEVELS, FitContext(seed=1))


def test_quantiles_are_wider_where_values_scatter_more():
    scatter = learnt()
    found = scatter.around(np.zeros(2), pd.DataFrame({"wide": np.float32([0, 1])}))
    width = found[:, 2] - found[:, 0]
    assert 5.0 < width[1] / width[0] < 20.0
    covered = scatter.around(np.zeros(600), FRAME)
    assert 0.86 < ((covered[:, 0] <= TARGET) & (covered[:, 2] >= TARGET)).mean() < 0.95


def test_sparse_columns_are_seen_too():
    from scipy.sparse import csr_matrix

    sparse = csr_matrix(FRAME.to_numpy())
    found = learnt(features=sparse).around(np.zeros(600), sparse)
    np.testing.assert_allclose(found, learnt().around(np.zeros(600), FRAME))


def test_of_few_rows_the_size_of_errors_is_the_same_everywhere():
    found = learnt(60).around(np.zeros(2), pd.DataFrame({"wide": np.float32([0, 1])}))
    assert (found[0] == found[1]).all()


@pytest.mark.parametrize("n_rows", [600, _scatter.MANY_ROWS])
def test_the_estimate_reckons_with_as_many_trees_as_are_grown(n_rows, monkeypatch):
    grown = []
    fit = _scatter._Sample.fit
    monkeypatch.setattr(_scatter._Sample, "fit", lambda own, shape, n: grown.append(n) or fit(own, shape, 1))
    features = pd.DataFrame({"wide": np.resize(WIDE, n_rows).astype(np.float32)})
    target = np.resize(TARGET, n_rows)
    data = Dataset(features, target, SCHEMA, Task(TaskKind.REGRESSION, "y"), np.arange(n_rows))
    Scatter.of(data, np.zeros(n_rows), LEVELS, FitContext(seed=1))
    monkeypatch.setattr(_scatter, "_seconds", lambda data, rounds: rounds)
    assert sum(grown) == _scatter.size_seconds(data) + _scatter.level_seconds(data, len(LEVELS))
