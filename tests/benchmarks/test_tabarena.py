"""The TabArena system, fitted and asked as TabArena's runner does it."""

import importlib.util
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.tables import binary_table, multiclass_table, regression_table

FILE = Path(__file__).parents[2] / "benchmarks" / "tabarena" / "system.py"
OPTIONS = {"max_trials": 2, "models": ["linear"], "cv": 2, "executor": "in_process"}


class ExternalSystemModel:
    """A stand-in for TabArena's base class: takes the budget of a fit."""

    def __init__(self, *, fit_kwargs=None, problem_type=None):
        self.fit_kwargs, self.problem_type = fit_kwargs, problem_type


@pytest.fixture
def module(monkeypatch):
    base = types.ModuleType("tabarena.benchmark.exec_models")
    base.ExternalSystemModel = ExternalSystemModel
    for name in ("tabarena", "tabarena.benchmark"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, base.__name__, base)
    spec = importlib.util.spec_from_file_location("tabarena_system", FILE)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def fitted(module, table, target, problem_type, metric, metadata=None, **budget):
    """Return a system that was fitted as TabArena does, with rows whose index has gaps."""
    table = table.drop(columns="note").set_index(np.arange(len(table)) * 7 + 3)
    y = table.pop(target)
    system = module.EnsembleAutoMLSystem(options=OPTIONS, problem_type=problem_type)
    found = system._fit_system(
        table,
        y,
        target_name=target,
        problem_type=problem_type,
        eval_metric=types.SimpleNamespace(name=metric),
        validation_metadata=metadata or types.SimpleNamespace(time_on=None, group_on=None),
        **{"num_cpus": 1, "num_gpus": 0, "memory_limit": 4.0, "time_limit": 20.0, "random_state": 5, **budget},
    )
    assert found is system
    return system, table, y


@pytest.mark.parametrize(
    ("make", "target", "kind", "metric"),
    [(binary_table, "bought", "binary", "roc_auc"), (multiclass_table, "grade", "multiclass", "log_loss")],
)
def test_probabilities_have_a_column_a_class_and_the_index_of_the_rows(module, make, target, kind, metric):
    system, table, y = fitted(module, make(), target, kind, metric)
    found = system._predict_proba(table[10:30])
    assert list(found.columns) == sorted(y.unique())
    pd.testing.assert_index_equal(found.index, table.index[10:30])
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert system._model.metric_ == metric


def test_values_are_a_series_with_the_index_of_the_rows(module):
    system, table, y = fitted(module, regression_table(), "spent", "regression", "root_mean_squared_error")
    found = system._predict(table)
    pd.testing.assert_index_equal(found.index, y.index)
    assert found.corr(y) > 0.5
    assert system._model.metric_ == "rmse"
    assert system._model.task_.target == "spent"
    system.cleanup()
    assert system._model is None


def test_the_budget_becomes_options_and_an_unknown_metric_the_usual_one(module):
    system, *_ = fitted(module, binary_table(), "bought", "binary", "odd_one", num_cpus=2, random_state=None)
    options = system._model.get_params()
    assert (options["n_jobs"], options["memory_limit"], options["time_limit"], options["random_state"]) == (2, 4, 20, 0)
    assert system._model.metric_ == "roc_auc"


def test_splits_by_time_and_by_groups_are_validated_so(module):
    by_time = types.SimpleNamespace(time_on="joined", group_on="city")
    system, *_ = fitted(module, binary_table(), "bought", "binary", "roc_auc", by_time)
    assert "in order of time" in system._model.outcome_.plan.description
    table = binary_table().assign(house=np.arange(150) // 5, door=np.arange(150) // 5 % 2)
    by_group = types.SimpleNamespace(time_on=None, group_on=["house", "door"])
    system, *_ = fitted(module, table, "bought", "binary", "roc_auc", by_group)
    for fold in system._model.outcome_.plan.folds:
        assert set(table["house"].to_numpy()[fold.train]) & set(table["house"].to_numpy()[fold.valid]) == set()
