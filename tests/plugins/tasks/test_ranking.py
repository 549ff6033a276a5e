"""The ranking task keeps the contract, takes relevances alone, and makes pointwise scores comparable."""

import numpy as np
import pandas as pd
import pytest

from automl.errors import InputError
from automl.plugin_api import BuildRequest, Column, ColumnKind, Dataset, FitContext, Schema, SklearnLearner, TaskKind
from automl.steps.plan.read_target import ReadTarget
from automl.testing import parametrize_with_task_checks
from automl_builtins.models._shared.queries import SPREAD
from automl_builtins.tasks.ranking import RANKING_TASK, as_pointwise, lend, relevant_or_not, take_relevance


@parametrize_with_task_checks([RANKING_TASK])
def test_it_keeps_the_task_contract(check):
    check()


def taken(values):
    return take_relevance(ReadTarget(pd.Series(values), "y", "ranking"))


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([0, 1, 2, 1], [0.0, 1.0, 2.0, 1.0]),
        ([True, False, True], [1.0, 0.0, 1.0]),
        ([0.0, 0.5, 1.5], [0.0, 0.5, 1.5]),
        (["0", "3"], [0.0, 3.0]),
        (pd.array([0, 1, 1], dtype="Int64"), [0.0, 1.0, 1.0]),
    ],
)
def test_relevance_may_be_whole_numbers_floats_or_truth_values(values, wanted):
    task, found = taken(values)
    assert found.tolist() == wanted
    assert task.blocks[0].grades == tuple(sorted(set(wanted)))
    assert task.n_outputs == 1
    assert not task.has_classes


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0, -1, 2], "found 1 of 3 values below 0, such as -1.*Raise them all by 1"),
        ([0, 250, 3], r"found values up to 250, and none above 31.*np\.digitize"),
        (["good", "bad", "good"], r"how relevant each row is: whole numbers from 0 on.*cat\.codes"),
        (pd.Categorical(["bad", "good"], ["bad", "good"], ordered=True), r"cat\.codes are such numbers"),
    ],
)
def test_what_is_no_relevance_is_refused_with_what_to_do(values, said):
    with pytest.raises(InputError, match=said):
        taken(values)


def test_folds_are_dealt_by_what_is_relevant():
    assert relevant_or_not(np.array([0.0, 2.0, 0.5]), taken([0, 1])[0]).tolist() == [0, 1, 1]


def test_two_grades_are_two_classes_and_more_are_numbers():
    assert as_pointwise(taken([0, 3, 0])[0]).kind is TaskKind.BINARY
    assert as_pointwise(taken([0, 1, 2])[0]).kind is TaskKind.REGRESSION


def dataset(task, target, seed=0):
    x = np.random.default_rng(seed).normal(size=len(target)).astype(np.float32) + np.asarray(target, np.float32)
    frame = pd.DataFrame({"a": x})
    groups = np.arange(len(target)) // 6
    return Dataset(
        frame,
        np.asarray(target),
        Schema((Column("a", ColumnKind.NUMERIC),)),
        task,
        np.arange(len(target)),
        None,
        groups,
    )


def tree(request):
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    return SklearnLearner((DecisionTreeClassifier if request.task.has_classes else DecisionTreeRegressor)(max_depth=3))


@pytest.mark.parametrize("values", [[0, 3], [0, 1, 2]])
def test_pointwise_scores_spread_by_one_within_the_queries_that_validate(values):
    target = np.random.default_rng(1).choice(values, 60).astype(float)
    task = taken(target)[0]
    train, valid = dataset(task, target), dataset(task, target, seed=2)
    learner = lend(BuildRequest(task, {}), tree)
    learner.fit(train, valid, FitContext())
    scores = learner.predict(valid.features)
    within = scores[:, 0] - pd.Series(scores[:, 0]).groupby(valid.groups).transform("mean")
    assert np.sqrt(np.mean(within**2)) == pytest.approx(1.0)
    assert scores[target == max(values)].mean() > scores[target == 0].mean()
    asked = learner.refit_params()
    again = lend(BuildRequest(task, asked), tree)
    again.fit(train, None, FitContext())
    assert again.spread == asked[SPREAD]
