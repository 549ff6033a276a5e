"""The learner of kernel ridge: that its metric finds what matters, and that few rows are enough where time is short."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import Column, ColumnKind, Deadline, FitContext, Schema, TaskKind
from automl_builtins.models.kernel_ridge import KERNEL_RIDGE, course
from tests.plugins.models.tables import fit, halves, loss, make_table


def test_features_that_tell_nothing_lose_their_weight(monkeypatch):
    train, valid = halves(make_table(TaskKind.REGRESSION, 450, 20))
    learnt = loss(valid, fit(KERNEL_RIDGE, train).predict(valid.features))
    monkeypatch.setattr(course, "STEPS", 0)
    assert learnt < 0.8 * loss(valid, fit(KERNEL_RIDGE, train).predict(valid.features))


@pytest.mark.parametrize("metric", ["full", "diagonal"])
def test_one_row_is_predicted_as_among_others_to_the_last_bit(metric):
    train, valid = halves(make_table(TaskKind.MULTICLASS, 150))
    learner = fit(KERNEL_RIDGE, train, params={**KERNEL_RIDGE.defaults[0], "metric": metric})
    together = learner.predict(valid.features)
    for row in (0, 11):
        np.testing.assert_array_equal(learner.predict(valid.features.iloc[row : row + 1]), together[row : row + 1])


def test_more_features_than_rows_have_a_weight_each():
    train, _ = halves(make_table(TaskKind.BINARY, 90, 400))
    assert fit(KERNEL_RIDGE, train)._machine.mapped.shape == (400,)


def test_where_time_is_short_fewer_rows_are_kept():
    train, valid = halves(make_table(TaskKind.REGRESSION, 4000))
    learner = fit(KERNEL_RIDGE, train, context=FitContext(deadline=Deadline(0.2)))
    assert len(learner._machine.points) < train.n_rows
    assert loss(valid, learner.predict(valid.features)) < 0.5 * valid.target.std()


def test_probabilities_are_calibrated_by_rows_that_were_left_out():
    train, valid = halves(make_table(TaskKind.BINARY, 450))
    noisy = replace(train, target=np.where(np.arange(train.n_rows) % 4 == 0, 1 - train.target, train.target))
    found = fit(KERNEL_RIDGE, noisy).predict(valid.features)
    assert 0.6 < found.max(axis=1).mean() < 0.85  # a quarter of the labels is wrong


def test_features_without_spread_do_no_harm():
    train, valid = halves(make_table(TaskKind.REGRESSION, 120))
    flat = replace(train, features=train.features * 0, schema=Schema((Column("x0", ColumnKind.NUMERIC),)))
    found = fit(KERNEL_RIDGE, flat).predict(valid.features * 0)
    np.testing.assert_allclose(found, train.target.mean(), rtol=0.02)
