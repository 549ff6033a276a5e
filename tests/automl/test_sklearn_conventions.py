"""What scikit-learn's tools, and tools like them, do to an estimator leaves it as it was."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score
from sklearn.model_selection import KFold

from automl import AutoML, AutoMLClassifier, AutoMLRegressor
from automl.errors import OptionError
from tests.automl.testing import toy_plugins

TABLE = pd.DataFrame({"a": np.arange(40.0) % 7, "y": ["no", "yes"] * 20})
QUICK = {
    "models": ["baseline"],
    "max_trials": 1,
    "time_limit": None,
    "executor": "in_process",
    "verbose": 0,
    "n_jobs": 1,
}


def made_here(share):
    """Return a metric that no other process can find."""
    return lambda true, predicted: share * float((true == predicted).mean())


@pytest.fixture(scope="module")
def fitted() -> AutoML:
    folds = KFold(4).split(TABLE)
    return AutoML(**QUICK, metric=made_here(0.5), cv=folds).fit(TABLE, "y")


def test_a_metric_of_the_users_own_goes_along_in_a_pickle(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    assert again.score(TABLE) == fitted.score(TABLE) == 0.25
    assert np.array_equal(again.predict(TABLE), fitted.predict(TABLE))
    assert copy.deepcopy(fitted).metric is fitted.metric


def test_a_generator_of_folds_is_the_same_folds_for_each_fit_and_each_copy(fitted):
    first = fitted.outcome_.plan
    again = clone(fitted).fit(TABLE, "y").outcome_.plan
    assert [fold.valid.tolist() for fold in first.folds] == [fold.valid.tolist() for fold in again.folds]
    assert len(first.folds) == 4


def test_a_generator_that_is_set_later_is_said_to_be_read(fitted):
    model = clone(fitted).set_params(cv=KFold(4).split(TABLE)).fit(TABLE, "y")
    with pytest.raises(OptionError, match=r"generator that has been read.*cv=list"):
        model.fit(TABLE, "y")


def test_a_plugin_that_is_a_module_goes_along_in_a_pickle(fitted):
    again = pickle.loads(pickle.dumps(clone(fitted).set_params(plugins=(toy_plugins,))))
    assert again.plugins == (toy_plugins,)


def test_evaluate_takes_functions_beside_names(fitted):
    found = fitted.evaluate(TABLE, metrics=["accuracy", accuracy_score, made_here(2.0)])
    assert found == {"accuracy": 0.5, "accuracy_score": 0.5, "lambda": 1.0}


def test_evaluate_keeps_functions_of_one_name_apart(fitted):
    assert fitted.evaluate(TABLE, metrics=[made_here(2.0), made_here(4.0)]) == {"lambda": 1.0, "lambda (2)": 2.0}


def test_names_of_features_stay_whatever_a_tool_sets_them_to(fitted):
    fitted.feature_names_in_ = None
    assert fitted.feature_names_in_.tolist() == ["a"]
    assert len(fitted.predict(TABLE[["a"]])) == len(TABLE)
    assert not hasattr(AutoML(), "feature_names_in_")


@pytest.mark.parametrize(("kind", "target"), [(AutoMLClassifier, "y"), (AutoMLRegressor, "a")])
def test_the_target_may_be_named_in_score_as_in_fit(kind, target):
    model = kind(**QUICK, cv=4).fit(TABLE.assign(b=1.0, c=range(40)), target)
    table = TABLE.assign(b=1.0, c=range(40))
    assert model.score(table) == model.score(table, target) == model.score(table, table[target])
