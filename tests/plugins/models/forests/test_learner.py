"""The forests' learner: grown in steps that fit the time, of missing values too."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Deadline, FitContext, TaskKind
from automl_builtins.models.forests import EXTRA_TREES, RANDOM_FOREST
from automl_builtins.models.forests.learner import TREES, forest_settings
from tests.plugins.models.tables import fit, halves, loss, make_table


def test_growing_in_steps_gives_the_forest_that_growing_at_once_gives():
    train, valid = halves(make_table(TaskKind.BINARY, 90))
    at_once = fit(RANDOM_FOREST, train)
    in_steps = fit(RANDOM_FOREST, train, context=FitContext(seed=1, deadline=Deadline(1000.0)))
    assert in_steps._trees.n_trees == TREES
    np.testing.assert_array_equal(at_once.predict(valid.features), in_steps.predict(valid.features))


def test_out_of_time_a_few_trees_remain():
    train, valid = halves(make_table(TaskKind.REGRESSION, 300))
    learner = fit(EXTRA_TREES, train, context=FitContext(deadline=Deadline(0.0)))
    assert 1 <= learner._trees.n_trees < TREES
    assert loss(valid, learner.predict(valid.features)) < valid.target.std()


def test_no_class_is_ever_impossible():
    train, valid = halves(make_table(TaskKind.MULTICLASS, 90))
    assert fit(EXTRA_TREES, train).predict(valid.features).min() > 0


def test_missing_values_are_taken_as_they_are():
    train, valid = halves(make_table(TaskKind.BINARY, 300, categorical=True))
    for spec in (RANDOM_FOREST, EXTRA_TREES):
        assert loss(valid, fit(spec, train).predict(valid.features)) < 0.6


def test_trees_are_bounded_on_many_rows_only():
    assert forest_settings({}, 500)["max_leaf_nodes"] is None
    assert forest_settings({}, 100_000)["max_leaf_nodes"] is not None
