"""Any scikit-learn estimator gives predictions of the engine's shape."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from automl.plugin_api import Dataset, FitContext, Schema, SklearnLearner, Task, TaskKind, spread_classes

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(60, 3)).astype(np.float32)
MULTICLASS = Task(TaskKind.MULTICLASS, "y", ("a", "b", "c"))


def data(target, task, weights=None, features=FEATURES) -> Dataset:
    frame = features if hasattr(features, "tocsr") else pd.DataFrame(features)
    return Dataset(frame, np.asarray(target), Schema(()), task, np.arange(len(target)), weights)


def fitted(estimator, dataset, **context) -> SklearnLearner:
    learner = SklearnLearner(estimator)
    learner.fit(dataset, None, FitContext(**context))
    return learner


@pytest.mark.parametrize("estimator", [LogisticRegression(), RidgeClassifier(), KNeighborsClassifier()], ids=str)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_classifiers_give_one_probability_a_class(estimator, n_classes):
    task = Task(TaskKind.BINARY if n_classes == 2 else TaskKind.MULTICLASS, "y", tuple("abc"[:n_classes]))
    train = data(np.arange(60) % n_classes, task)
    found = fitted(estimator, train).predict(train.features)
    assert found.shape == (60, n_classes)
    assert found.sum(axis=1) == pytest.approx(np.ones(60))


@pytest.mark.parametrize("estimator", [LogisticRegression(), RidgeClassifier()], ids=str)
def test_a_class_that_a_fold_has_not_seen_gets_probability_zero(estimator):
    train = data(np.arange(60) % 2 * 2, MULTICLASS)
    found = fitted(estimator, train).predict(train.features)
    assert found.shape == (60, 3)
    assert not found[:, 1].any()


def test_a_regressor_gives_one_column_and_takes_sparse_features():
    task = Task(TaskKind.REGRESSION, "y")
    train = data(FEATURES[:, 0] * 2.0, task, features=csr_matrix(FEATURES))
    found = fitted(LinearRegression(), train).predict(train.features)
    assert found.shape == (60, 1)
    assert found[:, 0] == pytest.approx(FEATURES[:, 0] * 2.0, abs=1e-5)


def test_seed_and_threads_fill_only_what_is_open_also_inside_a_pipeline():
    task = Task(TaskKind.BINARY, "y", ("a", "b"))
    train = data(np.arange(60) % 2, task)
    forest = RandomForestClassifier(n_estimators=2, n_jobs=3)
    fitted(make_pipeline(StandardScaler(), forest), train, seed=7, threads=2)
    assert (forest.random_state, forest.n_jobs) == (7, 3)


@pytest.mark.parametrize("wrap", [lambda model: model, lambda model: make_pipeline(StandardScaler(), model)])
def test_weights_reach_the_estimator(wrap):
    task = Task(TaskKind.BINARY, "y", ("a", "b"))
    target = (FEATURES[:, 0] > 0).astype(int)
    weights = np.where(target == 1, 100.0, 0.01)
    plain = fitted(wrap(LogisticRegression()), data(target, task)).predict(pd.DataFrame(FEATURES))
    weighted = fitted(wrap(LogisticRegression()), data(target, task, weights)).predict(pd.DataFrame(FEATURES))
    assert weighted[:, 1].mean() > plain[:, 1].mean() + 0.1


def test_an_estimator_without_weights_is_fitted_without_them():
    task = Task(TaskKind.BINARY, "y", ("a", "b"))
    train = data(np.arange(60) % 2, task, np.ones(60))
    assert fitted(KNeighborsClassifier(), train).predict(train.features).shape == (60, 2)


def test_a_thread_count_that_has_no_effect_any_more_gives_no_warning():
    train = data(np.arange(60) % 2, Task(TaskKind.BINARY, "y", ("a", "b")))
    assert fitted(LogisticRegression(), train, threads=2).predict(train.features).shape == (60, 2)


def test_predicting_before_fitting_is_refused():
    with pytest.raises(RuntimeError, match="before fit"):
        SklearnLearner(LinearRegression()).predict(pd.DataFrame(FEATURES))


def test_columns_of_seen_classes_are_spread_among_all():
    assert spread_classes(np.array([[0.3, 0.7]]), [0, 2], 3).tolist() == [[0.3, 0.0, 0.7]]
