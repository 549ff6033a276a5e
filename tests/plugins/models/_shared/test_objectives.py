"""Objectives: every model that can learn by the loss that a metric asks for does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import FitContext, TaskKind
from automl_builtins.metrics.regression import automl_metrics
from automl_builtins.models.catboost import CATBOOST
from automl_builtins.models.lightgbm import LIGHTGBM
from automl_builtins.models.linear import LINEAR
from automl_builtins.models.network import NETWORK
from automl_builtins.models.svm import SVM
from automl_builtins.models.xgboost import XGBOOST
from tests.plugins.models.tables import fit, halves, make_table

QUICK = {
    "lightgbm": {"num_leaves": 15},
    "xgboost": {"learning_rate": 0.1, "max_depth": 4},
    "catboost": {"learning_rate": 0.15, "depth": 4, "n_estimators": 80},
    "network": {"epochs": 10, "width": 32, "layers": 2},
}
BY_OBJECTIVE = {spec.name: spec for spec in (LIGHTGBM, XGBOOST, CATBOOST, NETWORK)}
on_a_log_scale = pytest.mark.parametrize("spec", [*BY_OBJECTIVE.values(), LINEAR, SVM], ids=lambda spec: spec.name)
every_such_model = pytest.mark.parametrize("name", list(BY_OBJECTIVE))


def skewed():
    """Return rows whose target says little about itself and has a long tail: mean, median and quantiles lie apart."""
    data = make_table(TaskKind.REGRESSION, 500)
    return halves(replace(data, target=np.exp(np.random.default_rng(0).normal(size=600) * 1.5)))


def predicted(name, objective):
    train, valid = skewed()
    learner = fit(BY_OBJECTIVE[name], train, valid, FitContext(seed=1, objective=objective), QUICK[name])
    return valid.target, learner.predict(valid.features)[:, 0]


@every_such_model
def test_absolute_errors_are_smaller_where_they_are_what_is_learnt_by(name):
    target, by_squares = predicted(name, "squared")
    _, by_sizes = predicted(name, "absolute")
    assert np.abs(target - by_sizes).mean() < 0.95 * np.abs(target - by_squares).mean()


@every_such_model
@pytest.mark.parametrize("quantile", [0.1, 0.9])
def test_about_as_many_rows_lie_below_a_quantile_as_it_says(name, quantile):
    target, found = predicted(name, f"quantile:{quantile}")
    assert (target < found).mean() == pytest.approx(quantile, abs=0.08)


@every_such_model
def test_an_objective_that_a_model_does_not_know_is_its_usual_one(name):
    train, valid = halves(make_table(TaskKind.REGRESSION, 60))
    quick = {**QUICK[name], "n_estimators": 5} if name != "network" else {**QUICK[name], "epochs": 1}
    found = [
        fit(BY_OBJECTIVE[name], train, valid, FitContext(seed=1, objective=each), quick).predict(valid.features)
        for each in ("", "squared", "of_another_plugin", "log_loss")
    ]
    assert all(np.array_equal(each, found[0]) for each in found)


@on_a_log_scale
def test_squared_errors_of_logarithms_are_fitted_on_a_log_scale_unless_values_are_negative(spec):
    train, valid = halves(make_table(TaskKind.REGRESSION, 60))
    context, quick = FitContext(seed=1, objective="squared_log"), {**QUICK.get(spec.name, {})}
    quick |= {"n_estimators": 5} if spec.name in ("lightgbm", "xgboost", "catboost") else {}
    quick |= {"epochs": 1} if spec.name == "network" else {}
    grown = [replace(part, target=np.exp(np.abs(part.target) / 20)) for part in (train, valid)]
    assert fit(spec, *grown, context, quick).codec.scale.log
    assert not fit(spec, *grown, FitContext(seed=1), quick).codec.scale.log
    assert not fit(spec, replace(train, target=train.target - 200), valid, context, quick).codec.scale.log


def test_metrics_of_one_kind_of_error_ask_for_the_same_loss():
    asked = {spec.name: spec.objective for spec in automl_metrics()}
    assert {asked[name] for name in ("mae", "median_absolute_error", "wmape")} == {"absolute"}
    assert {asked[name] for name in ("rmsle", "msle")} == {"squared_log"}
    assert asked["pinball@0.9"] == "quantile:0.9"
    assert all(asked.values())
