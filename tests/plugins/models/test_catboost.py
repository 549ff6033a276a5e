"""CatBoost: categories, stopping, goals, and awkward tables."""

from __future__ import annotations

import os
import pickle
import time
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import Column, ColumnKind, Deadline, FitContext, FitSize, Schema, TaskKind
from automl_builtins.models.catboost import (
    CATBOOST,
    MANY_LEVELS,
    PAIRED_ROWS,
    PRIORS,
    SURE_ROWS,
    TOGETHER,
    booster_settings,
    catboost_resources,
)
from tests.plugins.models.tables import TASKS, fit, halves, loss, make_table, take

QUICK = {"learning_rate": 0.15, "depth": 4, "n_estimators": 60}
every_kind = pytest.mark.parametrize("kind", list(TaskKind), ids=lambda kind: kind.value)


def with_column(data, name, values):
    features = data.features.copy()
    features[name] = values
    return replace(data, features=features.astype(np.float32))


@every_kind
def test_categories_of_large_numbers_are_learnt_as_categories(kind):
    # Whether a code is odd cannot be learnt from few splits of numbers.
    rng = np.random.default_rng(0)
    data = make_table(kind, 600, categorical=True)
    codes = rng.integers(0, 60, 600)
    odd = codes % 2
    target = 10.0 * odd if kind is TaskKind.REGRESSION else odd.astype(np.int64)
    train, valid = halves(replace(with_column(data, "colour", codes), target=target))
    learner = fit(CATBOOST, train, valid, params={**QUICK, "one_hot_max_size": 2, "n_estimators": 200})
    assert loss(valid, learner.predict(valid.features)) < (2.0 if kind is TaskKind.REGRESSION else 0.25)


@every_kind
def test_unseen_and_missing_categories_and_numbers_are_predicted(kind):
    train, valid = halves(make_table(kind, 300, categorical=True))
    strange = valid.features.copy()
    strange["colour"] = np.float32(77)
    strange.iloc[::2, -1] = np.nan
    strange.iloc[::3, 0] = np.nan
    learner = fit(CATBOOST, train, valid, params=QUICK)
    found = learner.predict(strange)
    assert np.isfinite(found).all()
    assert found[:, 0].std() > 0


def test_a_missing_category_is_a_category_of_its_own():
    data = make_table(TaskKind.BINARY, 400, categorical=True)
    codes = data.features["colour"].to_numpy(copy=True)
    codes[::2] = np.nan
    gap = np.isnan(codes)
    train, valid = halves(replace(with_column(data, "colour", codes), target=gap.astype(np.int64)))
    assert loss(valid, fit(CATBOOST, train, valid, params=QUICK).predict(valid.features)) < 0.1


def test_columns_without_any_value_are_passed_over():
    data = make_table(TaskKind.REGRESSION, 300, categorical=True)
    train, valid = halves(data)
    empty = [with_column(part, "x2", np.nan) for part in (train, valid)]
    found = fit(CATBOOST, *empty, params=QUICK).predict(empty[1].features)
    assert loss(valid, found) < 0.5 * valid.target.std()


@every_kind
@pytest.mark.parametrize("value", [1.0, np.nan])
def test_rows_that_are_all_alike_give_the_shares_or_the_mean(kind, value):
    data = make_table(kind, 100)
    train, valid = halves(replace(data, features=data.features * 0 + np.float32(value)))
    found = fit(CATBOOST, train, valid, params=QUICK).predict(valid.features)
    wanted = train.target.mean() if kind is TaskKind.REGRESSION else np.bincount(train.target)[0] / train.n_rows
    np.testing.assert_allclose(found[:, 0], wanted, rtol=0.05)


def test_a_table_of_categories_alone_is_learnt():
    data = make_table(TaskKind.BINARY, 400, 2, categorical=True)
    only = replace(data, features=data.features[["colour"]], schema=type(data.schema)(data.schema.columns[1:]))
    codes = only.features["colour"].to_numpy()
    train, valid = halves(replace(only, target=np.isin(codes, (1, 4)).astype(np.int64)))
    assert loss(valid, fit(CATBOOST, train, valid, params=QUICK).predict(valid.features)) < 0.2


def test_boosting_stops_soon_after_the_loss_has_stopped_falling_and_keeps_the_best_round():
    data = make_table(TaskKind.REGRESSION, 300)
    train, valid = halves(replace(data, target=np.random.default_rng(0).normal(size=300)))
    learner = fit(CATBOOST, train, valid, params={"learning_rate": 0.1})
    assert learner._booster.tree_count_ < 30
    plain = float(np.sqrt(np.mean((valid.target - train.target.mean()) ** 2)))
    assert loss(valid, learner.predict(valid.features)) < 1.05 * plain


@pytest.mark.parametrize("seconds", [0.4, 1.0])
def test_the_deadline_is_kept_on_a_table_that_would_take_far_longer(seconds):
    train, valid = halves(make_table(TaskKind.MULTICLASS, 12_000, 30, categorical=True))
    fit(CATBOOST, *halves(make_table(TaskKind.BINARY, 60)), params=QUICK)  # imports the library
    started = time.monotonic()
    learner = fit(CATBOOST, train, valid, FitContext(seed=1, deadline=Deadline(seconds)))
    assert time.monotonic() - started < 2 * seconds + 0.5
    some = take(valid, np.arange(200))
    assert loss(some, learner.predict(some.features)) < 1.1


def test_large_tables_get_no_statistics_of_pairs():
    params = {"max_ctr_complexity": 2}
    small, large = (make_table(TaskKind.BINARY, rows, 2) for rows in (100, PAIRED_ROWS + 1))
    assert booster_settings(params, small, True, FitContext())["max_ctr_complexity"] == 2
    assert booster_settings(params, large, True, FitContext())["max_ctr_complexity"] == 1


def test_columns_of_many_categories_have_statistics_with_others_and_of_several_priors():
    small, large = (make_table(TaskKind.BINARY, rows, 2) for rows in (100, SURE_ROWS))
    names = tuple(f"n{number}" for number in range(MANY_LEVELS))
    column = Column("maker", ColumnKind.CATEGORICAL, categories=names)
    wide = [replace(each, schema=Schema((*each.schema.columns, column))) for each in (small, large)]
    found = [booster_settings({"max_ctr_complexity": 1}, each, True, FitContext()) for each in wide]
    assert [each["max_ctr_complexity"] for each in found] == [TOGETHER, TOGETHER]
    assert [each["simple_ctr"] == PRIORS for each in found] == [False, True]


@pytest.mark.parametrize(("rows", "width", "borders"), [(200, 5, 50), (4000, 5, 254), (4000, 150, 64)])
def test_few_rows_and_wide_tables_get_few_borders(rows, width, borders):
    data = make_table(TaskKind.BINARY, rows, width)
    assert booster_settings({"border_count": 254}, data, True, FitContext())["border_count"] == borders


def test_nothing_is_written_and_nothing_is_printed(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    fit(CATBOOST, *halves(make_table(TaskKind.BINARY, 100)), params=QUICK)
    assert os.listdir(tmp_path) == []
    assert capfd.readouterr() == ("", "")


@every_kind
def test_a_learner_is_light_and_revived_it_predicts_the_same_to_the_last_bit(kind):
    train, valid = halves(make_table(kind, 300, categorical=True))
    learner = fit(CATBOOST, train, valid, params=QUICK)
    content = pickle.dumps(learner)
    assert len(content) < 300_000
    np.testing.assert_array_equal(pickle.loads(content).predict(valid.features), learner.predict(valid.features))


def test_another_seed_gives_another_model():
    train, valid = halves(make_table(TaskKind.BINARY, 300))
    first, second = (fit(CATBOOST, train, valid, FitContext(seed=seed)).predict(valid.features) for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_the_estimate_knows_depth_and_classes():
    sizes = [FitSize(5000, 20, TASKS[TaskKind.BINARY], {"depth": depth}) for depth in (4, 8)]
    assert catboost_resources(sizes[0]).seconds < catboost_resources(sizes[1]).seconds
