"""Patches: the features they make of images, and that they tell pictures apart."""

from __future__ import annotations

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext, TaskKind
from automl_builtins.models._shared.ridge import fit_ridge, fit_softmax, softmax
from automl_builtins.models.patches import PATCHES
from automl_builtins.models.patches.features import learn_filters
from tests.plugins.models.images import picture_table, pictures
from tests.plugins.models.tables import fit, halves

QUICK = {"filters": 24, "size": 6, "grid": 2, "threshold": 0.25, "mirror": True, "side": 32}


def stacked(n_rows):
    return np.stack(list(pictures(n_rows)[0]))


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


def test_a_picture_and_its_mirror_image_are_one_where_asked():
    pixels = stacked(40)
    for mirror in (True, False):
        filters = learn_filters(pixels, 6, 16, 3, 0.25, mirror, np.random.default_rng(0))
        alike = np.allclose(filters.features(pixels[0]), filters.features(pixels[0][:, ::-1]), atol=1e-3)
        assert alike is mirror
        assert len(filters.features(pixels[0])) == filters.n_features


def test_a_fit_that_runs_out_of_time_takes_fewer_filters_and_rows():
    train, valid = halves(picture_table(300))
    learner = fit(PATCHES, train, context=FitContext(seed=1, deadline=Deadline(0.3)), params={**QUICK, "filters": 1200})
    assert learner._filters[0].weights.shape[1] < 1200
    assert learner.predict(valid.features).shape == (valid.n_rows, 3)


@pytest.mark.parametrize("shape", [(60, 200), (60, 5)])
def test_honest_predictions_are_those_of_a_fit_without_the_row(shape):
    rng = np.random.default_rng(0)
    features = rng.normal(size=shape).astype(np.float32)
    targets = features[:, :2].astype(np.float64) + rng.normal(size=(60, 2))
    targets -= targets.mean(axis=0)
    ridge = fit_ridge(features, targets, None, rng)
    strengths = []
    for strength in (0.003, 0.01, 0.03, 0.1, 0.3, 1.0):
        lifted = features @ features.T + strength * np.square(features).sum(axis=1).mean() * np.eye(60)
        rest = np.arange(1, 60)
        alone = np.linalg.solve(lifted[np.ix_(rest, rest)], targets[rest])
        strengths.append(np.abs(features[0] @ features[rest].T @ alone - ridge.honest[0]).max())
    assert min(strengths) < 1e-3


def test_many_rows_are_solved_in_the_features():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(2_500, 6)).astype(np.float32)
    truth = rng.normal(size=(6, 2))
    ridge = fit_ridge(features, features @ truth + 3.0, None, rng)
    assert len(ridge.rows) < 2_500
    np.testing.assert_allclose(ridge.weights, truth, atol=0.02)
    np.testing.assert_allclose(ridge.constant, 3.0, atol=0.3)


def test_scores_become_probabilities_of_the_right_sharpness():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(4_000, 3))
    shares = softmax(2.0 * scores)
    target = (shares.cumsum(axis=1) < rng.random((4_000, 1))).sum(axis=1)
    slope, offsets = fit_softmax(scores, target, None)
    assert slope == pytest.approx(2.0, abs=0.2)
    assert np.ptp(offsets) < 0.3
