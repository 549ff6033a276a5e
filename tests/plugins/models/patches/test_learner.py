"""The learner on patches: it tells pictures apart, and keeps its time."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Deadline, FitContext, TaskKind
from automl_builtins.models.patches import PATCHES
from tests.plugins.models.images import picture_table
from tests.plugins.models.tables import fit, halves

QUICK = {"filters": 24, "size": 6, "grid": 2, "threshold": 0.25, "mirror": True, "side": 32}


def accuracy(data, predictions):
    return (predictions.argmax(axis=1) == data.target).mean()


def test_pictures_are_told_apart_by_their_texture():
    train, valid = halves(picture_table())
    learner = fit(PATCHES, train, params=QUICK)
    assert accuracy(valid, learner.predict(valid.features)) > 0.9


def test_values_are_told_from_pictures_too():
    train, valid = halves(picture_table(kind=TaskKind.REGRESSION))
    predictions = fit(PATCHES, train, params=QUICK).predict(valid.features)[:, 0]
    assert np.corrcoef(predictions, valid.target)[0, 1] > 0.85


def test_numbers_beside_the_pictures_count():
    data = picture_table()
    data.target[:] = data.features["size"] > 0
    train, valid = halves(data)
    assert accuracy(valid, fit(PATCHES, train, params=QUICK).predict(valid.features)) > 0.8


def test_a_fit_that_runs_out_of_time_takes_fewer_filters_and_rows():
    train, valid = halves(picture_table(300))
    learner = fit(PATCHES, train, context=FitContext(seed=1, deadline=Deadline(0.3)), params={**QUICK, "filters": 1200})
    assert learner._filters[0].weights.shape[1] < 1200
    assert learner.predict(valid.features).shape == (valid.n_rows, 3)
