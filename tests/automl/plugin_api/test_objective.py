"""Objectives: what a metric says of the loss that models should learn by."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from automl.plugin_api import MetricSpec, ModelSpec, TaskKind, count_of, first_rows_of, hookimpl, quantile_of
from tests.conftest import quick
from tests.tables import regression_table

TOLD: list[tuple[str, str]] = []


class Listens:
    """Predicts the mean, and notes what it was told to learn by."""

    def __init__(self, request):
        self._mean = 0.0

    def fit(self, train, valid, context):
        TOLD.append((context.metric, context.objective))
        self._mean = train.target.mean()

    def predict(self, features):
        return np.full((len(features), 1), self._mean)


class Offers:
    """A metric that asks for a loss, and a model that listens."""

    @hookimpl
    def automl_models(self):
        return [ModelSpec("listens", Listens)]

    @hookimpl
    def automl_metrics(self):
        return [metric("quantile:0.8")]


def too_little(target, predictions, weights=None):
    return float(np.average(np.maximum(target - predictions, 0.0), weights=weights))


def metric(objective):
    return MetricSpec("own", too_little, False, 0.0, "values", frozenset({TaskKind.REGRESSION}), objective=objective)


def test_a_quantile_is_read_and_other_objectives_have_none():
    assert quantile_of("quantile:0.9") == 0.9
    assert [quantile_of(each) for each in ("", "squared", "absolute", "quantiles")] == [None] * 4


@pytest.mark.parametrize("wrong", ["quantile:", "quantile:high", "quantile:0", "quantile:1.5", "quantile:nan"])
def test_a_quantile_that_is_none_is_refused_where_the_metric_is_made(wrong):
    with pytest.raises(ValueError, match="between 0 and 1"):
        metric(wrong)


def test_an_order_is_of_all_rows_or_of_the_first_ones():
    assert [first_rows_of(each) for each in ("order", "order:5", "squared", "")] == [0, 5, None, None]
    for wrong in ("0", "05", "-1", "1.5", "", "five"):
        with pytest.raises(ValueError, match="expected a whole number from 1 on"):
            count_of(wrong)


def test_a_metric_keeps_its_objective_when_it_is_pickled():
    assert pickle.loads(pickle.dumps(metric("quantile:0.25"))).objective == "quantile:0.25"


def test_what_a_metric_of_a_plugin_asks_for_reaches_the_models():
    TOLD.clear()
    options = {"models": ["listens"], "max_trials": 1, "cv": 2, "plugins": [Offers()]}
    quick(**options, metric="own").fit(regression_table(60), "spent")
    assert set(TOLD) == {("own", "quantile:0.8")}
