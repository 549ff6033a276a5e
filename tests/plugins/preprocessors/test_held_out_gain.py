"""A feature is worth what it betters on rows that were not learned."""

import numpy as np
import pytest

from automl.plugin_api import TaskKind
from automl_builtins.preprocessors._held_out_gain import BINS, held_out_gains, into_bins, slope_and_curvature
from automl_builtins.preprocessors._quick_trees import Explained

RNG = np.random.default_rng(0)
TELLING, NOISE = RNG.normal(size=(2, 2_000))


def unexplained(target):
    return Explained(np.zeros(1), np.zeros((len(target), 1)), target, TaskKind.REGRESSION)


def test_what_tells_something_gains_and_noise_gains_nothing():
    features = np.column_stack([TELLING, NOISE])
    gains = held_out_gains(features, unexplained(np.sign(TELLING)), 2.0, seed=0)
    assert gains[0] > 500
    assert gains[1] == 0.0


def test_a_feature_of_missing_values_alone_gains_nothing():
    features = np.full((2_000, 1), np.nan)
    assert held_out_gains(features, unexplained(TELLING), 2.0, seed=0).tolist() == [0.0]


@pytest.mark.parametrize(("kind", "n_outputs"), [(TaskKind.BINARY, 1), (TaskKind.MULTICLASS, 3)])
def test_slope_and_curvature_are_the_derivatives_of_the_log_loss(kind, n_outputs):
    target, scores, step = np.array([0.0, 1.0]), RNG.normal(size=(2, n_outputs)), 1e-4

    def loss(shift):
        moved = scores.copy()
        moved[:, 0] += shift
        if kind is TaskKind.BINARY:
            shares = 1 / (1 + np.exp(-moved[:, 0]))
            return -np.log(np.where(target == 1, shares, 1 - shares))
        return np.log(np.exp(moved).sum(axis=1)) - moved[[0, 1], target.astype(int)]

    slope, curvature = slope_and_curvature(Explained(np.zeros(1), scores, target, kind))
    assert slope[:, 0] == pytest.approx((loss(step) - loss(-step)) / (2 * step), abs=1e-6)
    assert curvature[:, 0] == pytest.approx((loss(step) - 2 * loss(0) + loss(-step)) / step**2, abs=1e-4)


def test_bins_hold_about_as_many_rows_each_and_missing_ones_the_last():
    bins = into_bins(np.append(np.arange(640.0), np.nan))
    assert bins[-1] == BINS
    assert np.bincount(bins[:-1]).tolist() == [20] * BINS
