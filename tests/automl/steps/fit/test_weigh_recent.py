"""Weighing recent rows: weights that halve with age, in the rows' own time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Task, TaskKind
from automl.steps.fit.weigh_recent import RECENCY, weigh_recent
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.schema import Schema
from tests.conftest import quick
from tests.tables import regression_table

STRETCHES = np.array([9, 0, 5, 10, 10])


def train(weights=None):
    rows = np.array([1, 2, 3])  # of the stretches 0, 5 and 10
    task = Task(TaskKind.REGRESSION, "y")
    return Dataset(pd.DataFrame({"x": rows}), rows.astype(float), Schema(()), task, rows, weights)


def test_a_weight_halves_with_each_half_life_and_the_mean_is_one():
    weights = weigh_recent(train(), STRETCHES, {RECENCY: 0.5}).weights
    assert (weights / weights[-1]).tolist() == [0.25, 0.5, 1.0]
    assert weights.mean() == pytest.approx(1.0)


def test_the_weights_that_rows_have_count_as_well():
    weights = weigh_recent(train(np.array([4.0, 2.0, 1.0])), STRETCHES, {RECENCY: 0.5}).weights
    np.testing.assert_allclose(weights, 1.0)


@pytest.mark.parametrize(("stretches", "params"), [(STRETCHES, {}), (STRETCHES, {RECENCY: 0}), (None, {RECENCY: 0.5})])
def test_rows_stay_as_they_are_where_it_is_not_asked_for_or_there_is_no_order(stretches, params):
    data = train()
    assert weigh_recent(data, stretches, params) is data


def test_rows_of_one_moment_weigh_alike():
    data = replace(train(), rows=np.array([3, 4, 3]))
    assert weigh_recent(data, STRETCHES, {RECENCY: 0.5}).weights.tolist() == [1.0, 1.0, 1.0]


def test_a_dated_search_tries_candidates_that_weigh_recent_rows_more():
    table = regression_table()
    table["day"] = pd.date_range("2020-01-01", periods=len(table))
    model = quick(models=["lightgbm"], max_trials=5).fit(table, "spent", time_column="day")
    tried = [result for result in model.outcome_.results if RECENCY in result.candidate.params]
    assert tried
    assert all(result.loss > 0 for result in tried)
