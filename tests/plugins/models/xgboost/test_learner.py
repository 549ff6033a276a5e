"""XGBoost's learner: categories, awkward tables, and rows alone as among others."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import FitContext, TaskKind
from automl_builtins.models.xgboost import XGBOOST
from automl_builtins.models.xgboost.learner import booster_settings, trees_that_agree
from tests.plugins.models.tables import fit, halves, loss, make_table

QUICK = {"learning_rate": 0.15, "max_depth": 4, "n_estimators": 60}


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
    learner = fit(XGBOOST, train, valid, params={**QUICK, "max_cat_to_onehot": 2, "n_estimators": 200})
    assert loss(valid, learner.predict(valid.features)) < (2.0 if kind is TaskKind.REGRESSION else 0.25)


@every_kind
def test_unseen_and_missing_categories_and_numbers_are_predicted(kind):
    train, valid = halves(make_table(kind, 300, categorical=True))
    strange = valid.features.copy()
    strange["colour"] = np.float32(77)
    strange.iloc[::2, -1] = np.nan
    strange.iloc[::3, 0] = np.nan
    learner = fit(XGBOOST, train, valid, params=QUICK)
    found = learner.predict(strange)
    assert np.isfinite(found).all()
    assert found[:, 0].std() > 0


def test_columns_without_any_value_are_passed_over():
    data = make_table(TaskKind.REGRESSION, 300, categorical=True)
    train, valid = halves(data)
    empty = [with_column(part, "x2", np.nan) for part in (train, valid)]
    found = fit(XGBOOST, *empty, params=QUICK).predict(empty[1].features)
    assert loss(valid, found) < 0.5 * valid.target.std()


def test_a_table_of_categories_alone_is_learnt():
    data = make_table(TaskKind.BINARY, 400, 2, categorical=True)
    only = replace(data, features=data.features[["colour"]], schema=type(data.schema)(data.schema.columns[1:]))
    codes = only.features["colour"].to_numpy()
    train, valid = halves(replace(only, target=np.isin(codes, (1, 4)).astype(np.int64)))
    assert loss(valid, fit(XGBOOST, train, valid, params=QUICK).predict(valid.features)) < 0.2


def test_nothing_is_written_and_nothing_is_printed(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    fit(XGBOOST, *halves(make_table(TaskKind.BINARY, 100)), params=QUICK)
    assert os.listdir(tmp_path) == []
    assert capfd.readouterr() == ("", "")


@every_kind
def test_a_learner_is_light_and_revived_it_predicts_the_same_to_the_last_bit(kind):
    train, valid = halves(make_table(kind, 300, categorical=True))
    learner = fit(XGBOOST, train, valid, params=QUICK)
    content = pickle.dumps(learner)
    assert len(content) < 300_000
    np.testing.assert_array_equal(pickle.loads(content).predict(valid.features), learner.predict(valid.features))


def test_another_seed_gives_another_model():
    train, valid = halves(make_table(TaskKind.BINARY, 300))
    first, second = (fit(XGBOOST, train, valid, FitContext(seed=seed)).predict(valid.features) for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_leafwise_trees_have_no_depth_and_levelwise_ones_no_leaves():
    data, shape = make_table(TaskKind.BINARY, 100), {"max_depth": 5, "max_leaves": 9}
    leafwise = booster_settings({**shape, "grow_policy": "lossguide"}, data, FitContext())
    levelwise = booster_settings({**shape, "grow_policy": "depthwise"}, data, FitContext())
    assert (leafwise["max_depth"], leafwise["max_leaves"]) == (0, 9)
    assert levelwise["max_depth"] == 5
    assert "max_leaves" not in levelwise


@every_kind
@pytest.mark.parametrize(
    "shape", [{"max_depth": 4}, {"grow_policy": "lossguide", "max_leaves": 30}], ids=["deep", "wide"]
)
def test_rows_alone_are_predicted_to_the_last_bit_as_among_others(kind, shape):
    train, valid = halves(make_table(kind, 400, categorical=True))
    learner = fit(XGBOOST, train, valid, params={**QUICK, **shape, "max_cat_to_onehot": 2})
    rows = valid.features.iloc[:40].copy()
    rows.iloc[::3, 0] = np.nan
    rows.loc[rows.index[::5], "colour"] = np.float32(77)
    rows.loc[rows.index[::7], "colour"] = np.nan
    together = learner.predict(rows)
    alone = np.concatenate([learner.predict(rows.iloc[place : place + 1]) for place in range(len(rows))])
    assert learner._trees is not None
    assert np.array_equal(alone, together)
    assert np.array_equal(learner.predict(rows.iloc[:3]), together[:3])


def test_trees_that_do_not_give_what_xgboost_gives_are_not_walked():
    train, valid = halves(make_table(TaskKind.REGRESSION, 200))
    learner = fit(XGBOOST, train, valid, params=QUICK)
    row = valid.features.to_numpy()[:1]
    margins = learner._margins(row)
    assert trees_that_agree(learner._model, row, margins) is not None
    assert trees_that_agree(learner._model, row, np.nextafter(margins, np.float32(np.inf))) is None
    assert trees_that_agree(learner._model[:-200], row, margins) is None
    assert trees_that_agree(b"{}", row, margins) is None
