"""The network's training: an end when the time is over, weights, and no trace of chance but the seed's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext, TaskKind
from automl_builtins.models.network import NETWORK, training
from tests.plugins.models.tables import fit, halves, loss, make_table

QUICK = {"epochs": 4, "width": 96, "layers": 2}


def test_training_ends_when_its_time_does_and_what_was_learnt_is_kept():
    train, valid = halves(make_table(TaskKind.BINARY, 4000))
    learner = fit(NETWORK, train, valid, FitContext(deadline=Deadline(1.5)), params={**QUICK, "epochs": 96})
    assert loss(valid, learner.predict(valid.features)) < 0.65


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.MULTICLASS])
def test_the_mean_of_the_members_is_calibrated_and_not_each_member_alone(kind, monkeypatch):
    train, valid = halves(make_table(kind, 160))
    params = {**QUICK, "epochs": 12, "members": 4}
    together = loss(valid, fit(NETWORK, train, valid, params=params).predict(valid.features))
    monkeypatch.setattr(training, "COMMON_TEMPERATURES", (1.0,))
    alone = loss(valid, fit(NETWORK, train, valid, params=params).predict(valid.features))
    assert together < alone


def test_the_seed_decides_all_that_is_drawn():
    train, valid = halves(make_table(TaskKind.MULTICLASS, 120))
    first, again, other = (
        fit(NETWORK, train, valid, FitContext(seed=seed), params=QUICK).predict(valid.features) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.REGRESSION])
def test_rows_without_weight_count_for_nothing(kind):
    train, valid = halves(make_table(kind, 200))
    weights, target = np.ones(train.n_rows), train.target.copy()
    weights[::2] = 0.0
    target[::2] = target.max() - target[::2]  # turned round
    whole = loss(valid, fit(NETWORK, replace(train, target=target), valid, params=QUICK).predict(valid.features))
    weighed = replace(train, target=target, weights=weights)
    assert loss(valid, fit(NETWORK, weighed, valid, params=QUICK).predict(valid.features)) < whole


def test_a_network_that_diverges_is_told_of_by_nothing_and_predicts_what_it_started_from(recwarn):
    train, valid = halves(make_table(TaskKind.REGRESSION, 120))
    learner = fit(NETWORK, train, valid, params={**QUICK, "learning_rate": 1e30})
    assert np.isfinite(learner.predict(valid.features)).all()
    assert not recwarn.list
