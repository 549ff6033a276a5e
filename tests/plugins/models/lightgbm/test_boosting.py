"""Boosting with LightGBM: until nothing is gained any more, or the time is over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from automl.plugin_api import TaskKind
from automl_builtins.models.lightgbm import LIGHTGBM
from tests.plugins.models.tables import fit, halves, make_table


def test_boosting_stops_soon_after_the_loss_has_stopped_falling():
    data = make_table(TaskKind.REGRESSION, 300)
    noise = replace(data, target=np.random.default_rng(0).normal(size=300))
    train, valid = halves(noise)
    learner = fit(LIGHTGBM, train, valid, params={"learning_rate": 0.1})
    learner.predict(valid.features)
    assert learner._booster.num_trees() < 30
