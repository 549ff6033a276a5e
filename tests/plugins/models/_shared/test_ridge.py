"""Ridge regression: honest predictions of each row, by rows or by features, and probabilities from them."""

from __future__ import annotations

import numpy as np
import pytest

from automl_builtins.models._shared.ridge import fit_ridge, fit_softmax, softmax


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
