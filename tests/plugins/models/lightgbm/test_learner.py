"""LightGBM's learner: goals and awkward tables, by few rows or many."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import FitContext, TaskKind
from automl_builtins.models.lightgbm import LIGHTGBM
from automl_builtins.models.lightgbm.learner import choose_goal
from tests.plugins.models.tables import TASKS, fit, halves, loss, make_table, take

every_kind = pytest.mark.parametrize("kind", list(TaskKind), ids=lambda kind: kind.value)


@every_kind
def test_a_table_of_twenty_rows_is_still_split(kind):
    data = make_table(kind, 30)
    train, valid = halves(data)
    found = fit(LIGHTGBM, train, valid).predict(data.features)
    assert found[:, 0].std() > 0


def test_a_single_row_is_learned_from_by_any_configuration():
    data = make_table(TaskKind.REGRESSION, 30)
    for params in ({"bagging_fraction": 0.6}, {"bagging_fraction": 1.0}):
        learner = fit(LIGHTGBM, take(data, np.arange(1)), take(data, np.arange(1, 3)), params=params)
        np.testing.assert_allclose(learner.predict(data.features), data.target[0])


def test_unseen_and_missing_categories_are_predicted():
    train, valid = halves(make_table(TaskKind.BINARY, 300, categorical=True))
    strange = valid.features.copy()
    strange["colour"] = np.float32(77)
    strange.iloc[::2, -1] = np.nan
    learner = fit(LIGHTGBM, train, valid)
    assert np.isfinite(learner.predict(strange)).all()
    assert loss(valid, learner.predict(valid.features)) < 0.5


@pytest.mark.parametrize(
    ("objective", "chosen"),
    [("absolute", "regression_l1"), ("quantile:0.9", "quantile"), ("squared_log", "regression"), ("", "regression")],
)
def test_the_goal_is_what_the_metric_asks_for(objective, chosen):
    goal = choose_goal(TASKS[TaskKind.REGRESSION], objective)
    assert goal.objective == chosen
    assert goal.quantile == (0.9 if chosen == "quantile" else 0.5)
    assert choose_goal(TASKS[TaskKind.BINARY], objective).objective == "binary"


def test_negative_values_are_predicted_where_logarithms_are_asked_for():
    train, valid = halves(make_table(TaskKind.REGRESSION, 200))
    shifted = replace(train, target=train.target - 200)
    found = fit(LIGHTGBM, shifted, None, FitContext(objective="squared_log")).predict(valid.features)
    assert found.max() < 0


def test_huge_targets_keep_their_digits():
    train, valid = halves(make_table(TaskKind.REGRESSION, 300))
    far = [replace(part, target=part.target * 1e9 + 1e12) for part in (train, valid)]
    near = fit(LIGHTGBM, train, valid).predict(valid.features)
    found = (fit(LIGHTGBM, *far).predict(valid.features) - 1e12) / 1e9
    np.testing.assert_allclose(found, near, rtol=1e-2)


@pytest.mark.parametrize("kind", list(TaskKind))
def test_many_rows_get_what_few_rows_get(monkeypatch, kind):
    train, valid = halves(make_table(kind, 200, categorical=True))
    learner = fit(LIGHTGBM, train, valid)
    few = learner.predict(valid.features)
    monkeypatch.setattr("automl_builtins.models.lightgbm.learner.ROWS_FOR_BITS", 1)
    monkeypatch.setattr("automl_builtins.models.lightgbm.learner.ROWS_FOR_LEAF", 0)
    np.testing.assert_array_equal(learner.predict(valid.features), few)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(learner)).predict(valid.features), few)
