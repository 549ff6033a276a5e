"""Columns that say nothing of the target are left out where the others do not say much either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Block, Dataset, Schema, Task, TaskKind, Trait
from automl_builtins.preprocessors._telling_columns import (
    FEWEST_ROWS,
    MOST_CLASSES,
    MOST_SHARE,
    telling_columns,
    untold_of,
)
from tests.plugins.preprocessors.tables import BINARY, MULTICLASS, REGRESSION

RNG = np.random.default_rng(0)
N_ROWS = 1_500
NOISE = RNG.normal(size=(N_ROWS, 30))
HIDDEN = RNG.normal(size=N_ROWS)
TARGETS = {
    REGRESSION: HIDDEN + RNG.normal(size=N_ROWS),
    BINARY: (HIDDEN + RNG.normal(size=N_ROWS) > 1.0).astype(float),
    MULTICLASS: np.digitize(HIDDEN + RNG.normal(size=N_ROWS), (-1.0, 1.0)).astype(float),
}


def kept(made, target, task=REGRESSION, **of_rows):
    return telling_columns(made, untold_of(data_of(target, task, **of_rows), 0)).tolist()


def data_of(target, task=REGRESSION, **of_rows):
    rows = np.arange(len(target))
    return Dataset(pd.DataFrame(index=rows), target, Schema(()), task, rows, **of_rows)


@pytest.mark.parametrize("task", list(TARGETS))
def test_one_that_tells_is_found_among_many_that_do_not(task):
    found = kept(np.column_stack([NOISE, HIDDEN]), TARGETS[task], task)
    assert found[-1] == 30
    assert len(found) < MOST_SHARE * 31


@pytest.mark.parametrize("made", [np.abs(HIDDEN), np.cos(6.0 * HIDDEN)])
def test_what_is_no_trend_tells_something_too(made):
    assert kept(np.column_stack([NOISE, made]), made + RNG.normal(size=N_ROWS))[-1] == 30


def test_a_weak_trend_tells_something():
    assert 30 in kept(np.column_stack([NOISE, HIDDEN]), 0.15 * HIDDEN + RNG.normal(size=N_ROWS))


def test_where_many_tell_something_all_are_kept():
    several = HIDDEN[:, None] + RNG.normal(size=(N_ROWS, 11))
    assert kept(np.hstack([NOISE, several]), HIDDEN) == list(range(41))


def test_where_none_tells_anything_none_is_kept():
    assert kept(np.zeros((N_ROWS, 3)), HIDDEN) == []


def test_of_few_rows_all_are_kept():
    rows = FEWEST_ROWS - 1
    assert kept(NOISE[:rows], HIDDEN[:rows]) == list(range(30))


def test_no_columns_are_none():
    assert kept(np.zeros((N_ROWS, 0)), HIDDEN) == []


def test_a_rare_sign_that_tells_much_is_kept():
    sign = (RNG.random(N_ROWS) < 0.02).astype(float)
    assert 30 in kept(np.column_stack([NOISE, sign]), np.maximum(sign, RNG.random(N_ROWS) < 0.3), BINARY)


def test_rows_of_hardly_any_weight_do_not_count():
    weights = np.where(np.arange(N_ROWS) % 2, 1.0, 1e-3)
    target = np.where(np.arange(N_ROWS) % 2, HIDDEN, -HIDDEN)
    made = np.column_stack([NOISE, HIDDEN])
    assert 30 not in kept(made, target)
    assert 30 in kept(made, target, weights=weights)


def test_noise_of_groups_tells_nothing():
    groups = np.arange(N_ROWS) // 15
    found = kept(NOISE[groups], RNG.normal(size=N_ROWS)[groups], groups=groups)
    assert len(found) < MOST_SHARE * 30
    assert len(kept(NOISE[groups], RNG.normal(size=N_ROWS)[groups])) == 30


def test_of_many_classes_all_are_kept():
    classes = tuple(str(each) for each in range(MOST_CLASSES + 1))
    target = np.arange(N_ROWS) % len(classes)
    assert kept(NOISE, target, Task(TaskKind.MULTICLASS, "y", classes)) == list(range(30))


def test_many_quantiles_of_one_value_are_told_as_that_value():
    levels = tuple((np.arange(MOST_CLASSES + 5) + 1.0) / (MOST_CLASSES + 6))
    quantiles = Task(TaskKind("of quantiles"), "y", parts=(Block("y", trait=Trait.ORDERED, levels=levels),))
    made = np.column_stack([NOISE, HIDDEN])
    assert kept(made, TARGETS[REGRESSION], quantiles) == kept(made, TARGETS[REGRESSION])
    assert len(kept(made, TARGETS[REGRESSION], quantiles)) < MOST_SHARE * 31


@pytest.mark.parametrize("n_targets", [2, MOST_CLASSES + 5])
def test_of_several_targets_all_are_kept(n_targets):
    several = tuple(replace(REGRESSION, target=f"y{number}") for number in range(n_targets))
    task = Task(TaskKind("of several"), "y", parts=tuple(Block(each.target) for each in several), targets=several)
    assert kept(NOISE, RNG.normal(size=(N_ROWS, n_targets)), task) == list(range(30))
