"""Comparing generations: how scores age, and how many of the newest models predict."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Task, TaskKind
from automl.registry import discover
from automl.steps.ensemble.compare_generations import Generations, compare_generations
from automl.steps.plan.plan_resampling import time_ordered
from automl.steps.score.judge import Judge
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.schema import Schema

ROWS = 1000
TARGET = np.sin(np.arange(ROWS) / 30.0)


def compared(error_of_age, n_folds=5, seconds=None, plan=None):
    """Compare models whose errors on a row are `error_of_age(age, row)`; the newest fold ends with the rows."""
    plan = plan or time_ordered(np.arange(float(ROWS)), n_folds)
    task = Task(TaskKind.REGRESSION, "y")
    judge = Judge(discover().metrics["rmse"], task, TARGET, plan=plan)
    features = pd.DataFrame({"row": np.arange(ROWS)})
    data = Dataset(features, TARGET, Schema(()), task, np.arange(ROWS))

    def predict(fold, stored):
        rows = stored["row"].to_numpy()
        age = fold - (ROWS - 1 - rows) // 100
        return (TARGET[rows] + error_of_age(age, rows))[:, None]

    return compare_generations(predict, n_folds, data, judge, Deadline(seconds))


def test_scores_are_told_by_how_long_ago_a_model_ends():
    found = compared(lambda age, rows: 1.0 + age)
    assert found.scores == pytest.approx((1.0, 2.0, 3.0))
    assert (found.count, found.rows) == (1, 100)
    assert "1 right after" in found.note("rmse")
    assert "2 100 rows later, 3 200 rows later" in found.note("rmse")


def test_older_models_predict_beside_the_newest_where_they_gain():
    found = compared(lambda age, rows: np.where(age % 2 == 0, 1.0, -0.9))
    assert found.count == 2
    assert "2 newest ends" in found.note("rmse")


def test_nothing_is_compared_with_few_folds_without_order_or_without_time():
    class Unordered:
        ordered = False

    for found in (
        compared(lambda age, rows: 1.0, n_folds=2),
        compared(lambda age, rows: 1.0, plan=Unordered()),
        compared(lambda age, rows: 1.0, seconds=0.0),
    ):
        assert found == Generations()
        assert found.note("rmse") == ""
        assert found.widen((0.1, 0.2)) == (0.1, 0.2)


def test_an_interval_takes_in_what_a_score_loses_with_time():
    assert Generations(1, (0.7, 0.66, 0.64), 100).widen((0.6, 0.8)) == pytest.approx((0.54, 0.8))
    assert Generations(1, (10.0, 12.0), 100).widen((8.0, 12.0)) == (8.0, 14.0)
    assert Generations(1, (float("nan"), 12.0), 100).widen((8.0, 12.0)) == (8.0, 12.0)
