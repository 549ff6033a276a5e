"""LightGBM: shared bins, stopping, goals, and awkward tables."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import FitContext, TaskKind
from automl_builtins.models._shared.boosting import Course
from automl_builtins.models.lightgbm import LIGHTGBM, choose_goal
from tests.plugins.models.tables import TASKS, fit, halves, loss, make_table, take


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


def test_boosting_stops_soon_after_the_loss_has_stopped_falling():
    data = make_table(TaskKind.REGRESSION, 300)
    noise = replace(data, target=np.random.default_rng(0).normal(size=300))
    train, valid = halves(noise)
    learner = fit(LIGHTGBM, train, valid, params={"learning_rate": 0.1})
    learner.predict(valid.features)
    assert learner._booster.num_trees() < 30


def test_a_course_is_over_when_the_loss_has_hardly_fallen_for_a_while():
    falling, flat = Course(20), Course(20)
    for step in range(100):
        falling.add(0.99**step)
        flat.add(1.0 - 1e-6 * step)
    assert not falling.is_over()
    assert flat.is_over()
    assert flat.best_round == 100


def test_patience_grows_with_the_rounds_that_have_brought_gain():
    course = Course(20)
    for step in range(100):
        course.add(0.99**step)
    for _ in range(30):
        course.add(1.0)
    assert not course.is_over()
    for _ in range(20):
        course.add(1.0)
    assert course.is_over()


def test_relative_errors_are_optimised_on_a_log_scale_unless_values_are_negative():
    assert choose_goal(TASKS[TaskKind.REGRESSION], "squared_log").log
    assert choose_goal(TASKS[TaskKind.REGRESSION], "quantile:0.9").quantile == 0.9
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


def test_a_fresh_worker_loads_lightgbm_without_scikit_learn_which_still_imports_afterwards():
    script = (
        "import sys\n"
        "from automl_builtins.models._shared.boosting import load_lightgbm\n"
        "load_lightgbm().Dataset\n"
        "assert 'sklearn' not in sys.modules\n"
        "import sklearn.base\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_where_scikit_learn_is_loaded_lightgbm_has_its_classes():
    script = (
        "import sklearn.base\n"
        "from automl_builtins.models._shared.boosting import load_lightgbm\n"
        "load_lightgbm().LGBMClassifier().fit([[0.0], [1.0]] * 20, [0, 1] * 20)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.parametrize("kind", list(TaskKind))
def test_many_rows_get_what_few_rows_get(monkeypatch, kind):
    train, valid = halves(make_table(kind, 200, categorical=True))
    learner = fit(LIGHTGBM, train, valid)
    few = learner.predict(valid.features)
    monkeypatch.setattr("automl_builtins.models.lightgbm.ROWS_FOR_BITS", 1)
    monkeypatch.setattr("automl_builtins.models.lightgbm.ROWS_FOR_LEAF", 0)
    np.testing.assert_array_equal(learner.predict(valid.features), few)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(learner)).predict(valid.features), few)
