"""Small trees tell what the columns as they are can explain."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Block, Column, ColumnKind, Dataset, FitContext, Schema, Task, TaskKind, Trait
from automl_builtins.preprocessors import _quick_trees
from automl_builtins.preprocessors._quick_trees import explain, sample_rows

RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(300, 2)).astype(np.float32)
SCHEMA = Schema((Column("telling", ColumnKind.NUMERIC), Column("noise", ColumnKind.NUMERIC)))


def data(target, task, weights=None):
    frame = pd.DataFrame(VALUES, columns=SCHEMA.names)
    return Dataset(frame, target, SCHEMA, task, np.arange(len(target)), weights=weights)


def test_the_column_that_tells_saves_the_loss_and_rows_are_scored_by_trees_that_have_not_seen_them():
    found, gains = explain(data(3.0 * VALUES[:, 0] + 7.0, Task(TaskKind.REGRESSION, "y")), FitContext())
    assert gains[0] > 10 * gains[1]
    assert abs(found.target.mean()) < 1e-6
    assert 0.9 < np.corrcoef(found.scores[:, 0], found.target)[0, 1] < 0.9999


def test_there_is_a_score_for_each_of_several_classes():
    target = np.digitize(VALUES[:, 0], [-0.5, 0.5])
    found, _ = explain(data(target, Task(TaskKind.MULTICLASS, "y", (0, 1, 2))), FitContext())
    assert found.scores.shape == (300, 3)
    assert (found.scores.argmax(axis=1) == target).mean() > 0.9


@pytest.mark.parametrize("block", [Block("y", trait=Trait.ORDERED, levels=(0.1, 0.9)), Block("y", trait=Trait.SCORE)])
def test_numbers_are_explained_as_numbers_whatever_is_asked_of_them(block):
    task = Task(TaskKind("of a form of its own"), "y", parts=(block,))
    found, gains = explain(data(3.0 * VALUES[:, 0] + 7.0, task), FitContext())
    assert found.kind is TaskKind.REGRESSION
    assert gains[0] > 10 * gains[1]


def test_rows_are_scored_by_trees_that_have_not_seen_their_group():
    groups = np.arange(300) // 10
    target = np.random.default_rng(1).normal(size=30)[groups]
    own = replace(data(target, Task(TaskKind.REGRESSION, "y")), groups=groups)
    own.features["telling"] = np.random.default_rng(2).normal(size=30)[groups]
    found, _ = explain(own, FitContext())
    assert found.groups is groups
    assert np.corrcoef(found.scores[:, 0], found.target)[0, 1] < 0.3
    assert np.corrcoef(explain(replace(own, groups=None), FitContext())[0].scores[:, 0], found.target)[0, 1] > 0.6


@pytest.mark.parametrize("groups", [np.zeros(300), np.arange(300) > 0])
def test_there_are_scores_where_groups_are_few_or_small(groups):
    found, gains = explain(replace(data(VALUES[:, 0], Task(TaskKind.REGRESSION, "y")), groups=groups), FitContext())
    assert np.isfinite(found.scores).all()
    assert gains[0] > gains[1]


def test_of_many_rows_some_are_drawn_in_order_with_their_weights(monkeypatch):
    monkeypatch.setattr(_quick_trees, "SAMPLE_ROWS", 50)
    whole = data(VALUES[:, 0], Task(TaskKind.REGRESSION, "y"), weights=np.arange(300.0))
    few = sample_rows(whole, seed=1)
    assert few.n_rows == 50
    assert (np.diff(few.rows) > 0).all()
    assert few.weights.tolist() == few.rows.tolist()
    assert np.array_equal(few.features.to_numpy(), VALUES[few.rows])
    assert np.array_equal(sample_rows(whole, seed=1).rows, few.rows)
