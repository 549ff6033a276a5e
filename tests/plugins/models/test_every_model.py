"""What every built-in model keeps, whatever it is."""

from __future__ import annotations

import pickle
import time
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext, FitSize, TaskKind
from automl_builtins.models.baseline import BASELINE
from automl_builtins.models.catboost import CATBOOST
from automl_builtins.models.forests import EXTRA_TREES, RANDOM_FOREST
from automl_builtins.models.forests import learner as forests
from automl_builtins.models.kernel_ridge import KERNEL_RIDGE
from automl_builtins.models.lightgbm import LIGHTGBM
from automl_builtins.models.linear import LINEAR
from automl_builtins.models.nearest_neighbors import NEAREST_NEIGHBORS
from automl_builtins.models.network import NETWORK
from automl_builtins.models.svm import SVM
from automl_builtins.models.xgboost import XGBOOST
from tests.plugins.models.tables import TASKS, fit, halves, loss, make_table, take

LEARNING = [
    LINEAR, SVM, KERNEL_RIDGE, RANDOM_FOREST, EXTRA_TREES, NEAREST_NEIGHBORS, LIGHTGBM, CATBOOST, XGBOOST, NETWORK,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _smaller_forests(monkeypatch):
    monkeypatch.setattr(forests, "TREES", 16)


every_model = pytest.mark.parametrize("spec", LEARNING, ids=lambda spec: spec.name)
every_kind = pytest.mark.parametrize("kind", list(TaskKind), ids=lambda kind: kind.value)


@every_model
@every_kind
def test_it_predicts_better_than_the_baseline(spec, kind):
    train, valid = halves(make_table(kind))
    plain = loss(valid, fit(BASELINE, train).predict(valid.features))
    assert loss(valid, fit(spec, train, valid).predict(valid.features)) < 0.7 * plain


@every_model
@every_kind
def test_every_default_predicts_better_than_the_baseline(spec, kind):
    train, valid = halves(make_table(kind, 150))
    plain = loss(valid, fit(BASELINE, train).predict(valid.features))
    for params in spec.defaults[1:]:
        assert loss(valid, fit(spec, train, valid, params=params).predict(valid.features)) < 0.95 * plain


@every_model
def test_defaults_lie_in_the_space(spec):
    for params in spec.defaults:
        for name, value in params.items():
            assert spec.space[name].contains(value), name


@every_model
@every_kind
def test_it_fits_without_validation_rows(spec, kind):
    train, valid = halves(make_table(kind, 150))
    plain = loss(valid, fit(BASELINE, train).predict(valid.features))
    assert loss(valid, fit(spec, train).predict(valid.features)) < plain


@every_model
@every_kind
def test_the_same_seed_gives_the_same_predictions(spec, kind):
    train, valid = halves(make_table(kind, 120))
    first, second = (fit(spec, train, valid).predict(valid.features) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@every_model
@every_kind
def test_rows_are_predicted_one_by_one_as_together_and_after_pickling(spec, kind):
    train, valid = halves(make_table(kind, 120))
    learner = fit(spec, train, valid)
    together = learner.predict(valid.features)
    np.testing.assert_allclose(learner.predict(valid.features.iloc[::-1])[::-1], together, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(learner.predict(valid.features.iloc[3:4]), together[3:4], rtol=1e-3, atol=1e-5)
    revived = pickle.loads(pickle.dumps(learner))
    np.testing.assert_allclose(revived.predict(valid.features), together, rtol=1e-6)


@pytest.mark.parametrize("spec", [*LEARNING, BASELINE], ids=lambda spec: spec.name)
@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_class_that_is_absent_from_training_keeps_its_column(spec, missing):
    train, valid = halves(make_table(TaskKind.MULTICLASS, 150))
    without = take(train, np.flatnonzero(train.target != missing))
    found = fit(spec, without, valid).predict(valid.features)
    assert loss(valid, found) < 20
    assert found[:, missing].max() < 0.1


@every_model
@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.MULTICLASS], ids=lambda kind: kind.value)
def test_a_single_class_in_training_is_predicted_for_every_row(spec, kind):
    train, valid = halves(make_table(kind, 150))
    found = fit(spec, take(train, np.flatnonzero(train.target == 1)), valid).predict(valid.features)
    assert loss(valid, found) < 20
    assert (found.argmax(axis=1) == 1).all()


@pytest.mark.parametrize("spec", [*LEARNING, BASELINE], ids=lambda spec: spec.name)
@every_kind
def test_weights_count(spec, kind):
    train, valid = halves(make_table(kind, 200))
    column = 0 if kind is TaskKind.REGRESSION else 1
    middle = np.median(train.target)

    def weighed(data):
        heavy = data.target > middle if kind is TaskKind.REGRESSION else data.target == 1
        return replace(data, weights=np.where(heavy, 40.0, 0.1))

    plain = fit(spec, train, valid).predict(valid.features)[:, column].mean()
    assert fit(spec, weighed(train), weighed(valid)).predict(valid.features)[:, column].mean() > plain + 0.005


@every_model
@every_kind
def test_a_fit_with_little_time_left_returns_soon_and_is_of_use(spec, kind):
    train, valid = halves(make_table(kind, 6000, 20))
    started = time.monotonic()
    learner = fit(spec, train, valid, FitContext(deadline=Deadline(0.3)))
    assert time.monotonic() - started < 3.0
    some = take(valid, np.arange(100))
    assert loss(some, learner.predict(some.features)) < loss(some, fit(BASELINE, train).predict(some.features))


@pytest.mark.parametrize("spec", [*LEARNING, BASELINE], ids=lambda spec: spec.name)
@every_kind
def test_the_estimated_cost_grows_with_rows_and_features(spec, kind):
    params = spec.defaults[0]
    sizes = [FitSize(rows, width, TASKS[kind], params) for rows, width in ((500, 10), (5000, 10), (50_000, 10))]
    costs = [spec.resources(size) for size in sizes]
    assert costs[0].seconds < costs[1].seconds < costs[2].seconds
    assert costs[0].memory_mb <= costs[1].memory_mb <= costs[2].memory_mb
    wide = spec.resources(FitSize(5000, 200, TASKS[kind], params))
    assert wide.seconds >= costs[1].seconds


@every_model
def test_the_spec_pickles(spec):
    assert pickle.loads(pickle.dumps(spec)).name == spec.name
