"""The kit fits and uses learners as the engine does, and says what a prediction lacks."""

import numpy as np
import pytest

from automl.plugin_api import Dataset, ModelSpec, Schema, TaskKind
from automl.testing import _learners
from automl.testing._data import TASKS, make_split
from automl.testing._learners import (
    KeepingCache,
    build_learner,
    expect_predictions,
    fit_learner,
    large_split,
    learner_params,
    main_task,
    predict_test,
    tasks_of,
    usual_fit,
    weighted,
)
from tests.automl.testing.toy_models import Toy

NUMBERS = TASKS[TaskKind.REGRESSION]
SPEC = ModelSpec("toy", Toy, defaults=({"strength": 2.0, "prepare.extra": "crosses"},))


def test_how_columns_are_prepared_never_reaches_a_learner():
    assert learner_params(SPEC.defaults[0]) == {"strength": 2.0}
    assert build_learner(SPEC, NUMBERS).strength == 2.0
    assert build_learner(SPEC, NUMBERS, {"strength": 3.0}).strength == 3.0


def test_a_builder_that_changes_its_hyperparameters_is_caught():
    with pytest.raises(AssertionError, match="changed the hyperparameters"):
        build_learner(ModelSpec("toy", lambda request: request.params.clear()), NUMBERS, {"strength": 1.0})


def test_a_model_is_judged_by_the_tasks_that_it_can_do():
    one = ModelSpec("toy", Toy, tasks=frozenset({TaskKind.REGRESSION, TaskKind.BINARY}))
    assert {task.kind for task in tasks_of(one)} == {TaskKind.REGRESSION, TaskKind.BINARY}
    assert main_task(one).kind is TaskKind.BINARY
    assert main_task(SPEC).kind is TaskKind.MULTICLASS


def test_a_large_table_keeps_to_the_models_own_limits():
    def limits(size):
        return "too many" if size.n_rows > 3_000 else ""

    assert large_split(ModelSpec("toy", Toy, limits=limits)).train.n_rows == 2_500


def test_a_usual_fit_is_shared_by_the_checks_of_one_model(monkeypatch):
    monkeypatch.setattr(_learners, "_USUAL", {})
    first = usual_fit(SPEC, NUMBERS)
    assert usual_fit(SPEC, NUMBERS)[0] is first[0]
    assert usual_fit(ModelSpec("other", Toy), NUMBERS)[0] is not first[0]


def test_a_fitted_learner_predicts_the_held_out_rows():
    split = make_split(NUMBERS, SPEC.accepts)
    found = predict_test(fit_learner(SPEC, split), split)
    expect_predictions(found, split.test)
    assert np.corrcoef(found[:, 0], split.test.target)[0, 1] > 0.8


@pytest.mark.parametrize(
    ("found", "told"),
    [(np.zeros((2, 2)), r"shape \(2, 2\); expected \(3, 1\)"), (np.zeros((3, 1), int), "expected floats"),
     (np.array([[1.0], [np.nan], [np.inf]]), "2 of 3 predictions for regression are not finite")],
    ids=["shape", "type", "not finite"],
)  # fmt: skip
def test_what_is_wrong_with_predictions_is_told(found, told):
    data = Dataset(np.zeros((3, 1)), np.zeros(3), Schema(()), NUMBERS, np.arange(3))
    with pytest.raises(AssertionError, match=told):
        expect_predictions(found, data)


def test_weights_differ_where_rows_are_fitted_and_are_equal_where_they_judge():
    split = weighted(make_split(NUMBERS, SPEC.accepts))
    assert len(set(split.train.weights)) == split.train.n_rows
    assert set(split.valid.weights) == {1.0}


def test_the_cache_of_the_kit_builds_once():
    cache, built = KeepingCache(), []
    for _ in range(2):
        cache.get_or_build("key", lambda: built.append(1))
    assert built == [1]
