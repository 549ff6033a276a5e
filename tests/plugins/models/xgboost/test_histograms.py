"""XGBoost's histograms: kept for all configurations of a fold, and boosting that ends in time."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext, TaskKind
from automl_builtins.models.xgboost import XGBOOST
from automl_builtins.models.xgboost.histograms import histograms, read_model
from tests.plugins.models.tables import fit, halves, loss, make_table, take

QUICK = {"learning_rate": 0.15, "max_depth": 4, "n_estimators": 60}


class KeepingCache:
    """Keeps everything."""

    def __init__(self):
        self.kept = {}

    def get_or_build(self, key, build):
        if key not in self.kept:
            self.kept[key] = build()
        return self.kept[key]


every_kind = pytest.mark.parametrize("kind", list(TaskKind), ids=lambda kind: kind.value)


def test_boosting_stops_soon_after_the_loss_has_stopped_falling_and_keeps_the_best_round():
    data = make_table(TaskKind.REGRESSION, 300)
    train, valid = halves(replace(data, target=np.random.default_rng(0).normal(size=300)))
    learner = fit(XGBOOST, train, valid, params={"learning_rate": 0.1})
    assert read_model(learner._model).num_boosted_rounds() < 30
    plain = float(np.sqrt(np.mean((valid.target - train.target.mean()) ** 2)))
    assert loss(valid, learner.predict(valid.features)) < 1.05 * plain


@pytest.mark.parametrize("seconds", [0.4, 1.0])
def test_the_deadline_is_kept_on_a_table_that_would_take_far_longer(seconds):
    train, valid = halves(make_table(TaskKind.MULTICLASS, 12_000, 30, categorical=True))
    fit(XGBOOST, *halves(make_table(TaskKind.BINARY, 60)), params=QUICK)  # imports the library
    started = time.monotonic()
    learner = fit(XGBOOST, train, valid, FitContext(seed=1, deadline=Deadline(seconds)))
    assert time.monotonic() - started < 2 * seconds + 0.5
    some = take(valid, np.arange(200))
    assert loss(some, learner.predict(some.features)) < 1.1


@every_kind
def test_histograms_from_the_cache_give_exactly_the_model_of_new_ones(kind):
    cache, data = KeepingCache(), make_table(kind, 300, categorical=True)
    train, valid = halves(data)
    heavy = replace(train, weights=np.linspace(0.1, 2.0, train.n_rows))
    fresh = fit(XGBOOST, train, valid, FitContext(seed=1), QUICK).predict(valid.features)
    for rows in (train, heavy, train):  # weights of an earlier fit must not stay with the kept rows
        found = fit(XGBOOST, rows, valid, FitContext(seed=1, cache=cache), QUICK).predict(valid.features)
    np.testing.assert_array_equal(found, fresh)
    assert len(cache.kept) == 1


def test_histograms_are_kept_for_each_fold_and_number_of_bins():
    first, second = halves(make_table(TaskKind.BINARY, 200))
    context = FitContext(cache=KeepingCache())
    for train, valid, bins in ((first, second, 64), (first, second, 128), (second, first, 64), (first, second, 64)):
        histograms(train, valid, bins, context)
    histograms(first, None, 64, context)
    assert len(context.cache.kept) == 4


def test_a_short_time_is_met_by_a_higher_learning_rate():
    train, valid = halves(make_table(TaskKind.REGRESSION, 8000, 20))
    fit(XGBOOST, *halves(make_table(TaskKind.REGRESSION, 60)), params=QUICK)  # imports the library
    slow = {"learning_rate": 0.005, "max_depth": 6}
    learner = fit(XGBOOST, train, valid, FitContext(seed=1, deadline=Deadline(1.0)), slow)
    assert loss(valid, learner.predict(valid.features)) < 0.6 * valid.target.std()
