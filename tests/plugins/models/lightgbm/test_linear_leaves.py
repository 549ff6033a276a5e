"""LightGBM's linear leaves: where they are fitted, what they gain, and that nothing runs off with them."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import FitContext, FitSize, TaskKind
from automl.storage.decode import decode
from automl.storage.encode import encode
from automl.storage.known_classes import KnownClasses
from automl_builtins.models.lightgbm import LIGHTGBM
from automl_builtins.models.lightgbm.linear_leaves import MOST_LEAVES, EvenScale, settings_of_leaves
from tests.plugins.models.tables import TASKS, fit, halves, loss, make_table

PLAIN = {"num_leaves": 15, "learning_rate": 0.1, "n_estimators": 60}
LINEAR = {**PLAIN, "linear_tree": True}
every_kind = pytest.mark.parametrize("kind", list(TaskKind), ids=lambda kind: kind.value)


def test_what_is_nearly_linear_is_learned_better():
    train, valid = halves(make_table(TaskKind.REGRESSION, 600))
    plain, linear = (fit(LIGHTGBM, train, valid, params=params).predict(valid.features) for params in (PLAIN, LINEAR))
    assert loss(valid, linear) < 0.9 * loss(valid, plain)


@every_kind
def test_rows_alone_get_what_they_get_among_others_and_from_a_saved_model(kind, monkeypatch):
    train, valid = halves(make_table(kind, 400, categorical=True))
    learner = fit(LIGHTGBM, train, valid, params=LINEAR)
    rows = valid.features.copy()
    rows.iloc[::3, 0] = np.nan
    rows.iloc[::5, -1] = np.float32(77)
    monkeypatch.setattr("automl_builtins.models.lightgbm.learner.ROWS_FOR_BITS", 1)
    monkeypatch.setattr("automl_builtins.models.lightgbm.learner.ROWS_FOR_LEAF", 0)
    together = learner.predict(rows)
    alone = np.concatenate([learner.predict(rows.iloc[i : i + 1]) for i in range(40)])
    np.testing.assert_array_equal(alone, together[:40])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(learner)).predict(rows), together)
    known = KnownClasses(frozenset({"automl_builtins"}))
    written = encode(learner, known)
    np.testing.assert_array_equal(decode(written.tree, written.blob, known).predict(rows), together)


@every_kind
def test_numbers_far_beyond_those_of_training_are_taken_for_the_outermost(kind):
    train, valid = halves(make_table(kind, 300))
    learner = fit(LIGHTGBM, train, valid, params=LINEAR)
    outermost = train.features.max().to_numpy()[None, :].repeat(3, axis=0)
    far = outermost * np.array([[1.0], [1e6], [np.inf]], dtype=np.float32)
    found = learner.predict(valid.features.iloc[:3].assign(**dict(zip(train.features, far.T, strict=True))))
    np.testing.assert_array_equal(found[1:], found[:1].repeat(2, axis=0))


def test_bins_with_numbers_beside_them_are_kept_apart_from_those_without():
    data, kept = make_table(TaskKind.REGRESSION, 200), {}

    class Cache:
        def get_or_build(self, key, build):
            if key not in kept:
                kept[key] = build()
            return kept[key]

    found = []
    for params in (PLAIN, LINEAR, PLAIN, LINEAR):
        train, valid = halves(data, base=True)
        found.append(fit(LIGHTGBM, train, valid, FitContext(seed=1, cache=Cache()), params).predict(valid.features))
    assert len(kept) == 2
    np.testing.assert_array_equal(found[:2], found[2:])
    assert not np.array_equal(found[0], found[1])


def test_where_leaves_get_their_values_afterwards_they_stay_constant():
    asked = {"linear_tree": True, "num_leaves": 100}
    assert settings_of_leaves({**asked, "objective": "regression_l1"}) == {"linear_tree": False}
    assert settings_of_leaves({"objective": "regression"}) == {"linear_tree": False}
    assert settings_of_leaves({**asked, "objective": "binary"})["num_leaves"] == MOST_LEAVES
    train, valid = halves(make_table(TaskKind.REGRESSION, 100))
    found = fit(LIGHTGBM, train, valid, FitContext(objective="absolute"), LINEAR).predict(valid.features)
    assert loss(valid, found) < valid.target.std()


def test_numbers_keep_their_order_and_categories_and_gaps_stay():
    train, _ = halves(make_table(TaskKind.BINARY, 60, categorical=True))
    features = train.features.copy()
    features["x0"] = np.nan
    features.iloc[:2, 1] = np.inf, 1e20
    scale = EvenScale.of(replace(train, features=features))
    moved = scale.to(features.to_numpy())
    assert np.isnan(moved[:, 0]).all()
    np.testing.assert_array_equal(np.argsort(moved[2:, 1]), np.argsort(features.iloc[2:, 1]))
    assert moved[0, 1] == moved[1, 1] < 60
    np.testing.assert_array_equal(moved[:, -1], features.iloc[:, -1])


def test_linear_leaves_are_expected_to_take_longer():
    size = FitSize(5000, 20, TASKS[TaskKind.BINARY], PLAIN)
    assert LIGHTGBM.resources(replace(size, params=LINEAR)).seconds > LIGHTGBM.resources(size).seconds
