"""A feature is worth what it betters on rows that were not learned."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import TaskKind
from automl_builtins.preprocessors._held_out_gain import (
    BINS,
    Unexplained,
    held_out_gains,
    into_bins,
    slope_and_curvature,
)
from automl_builtins.preprocessors._quick_trees import Explained

RNG = np.random.default_rng(0)
TELLING, NOISE = RNG.normal(size=(2, 2_000))


def unexplained(target, **of_rows):
    explained = Explained(np.zeros((len(target), 1)), target, TaskKind.REGRESSION, **of_rows)
    return Unexplained.beyond(explained, seed=0)


def test_what_tells_something_gains_and_noise_gains_nothing():
    features = np.column_stack([TELLING, NOISE])
    gains = held_out_gains(features, unexplained(np.sign(TELLING)), 2.0)
    assert gains[0] > 500
    assert gains[1] == 0.0


def test_a_feature_of_missing_values_alone_gains_nothing():
    features = np.full((2_000, 1), np.nan)
    assert held_out_gains(features, unexplained(TELLING), 2.0).tolist() == [0.0]


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

    slope, curvature = slope_and_curvature(Explained(scores, target, kind))
    assert slope[:, 0] == pytest.approx((loss(step) - loss(-step)) / (2 * step), abs=1e-6)
    assert curvature[:, 0] == pytest.approx((loss(step) - 2 * loss(0) + loss(-step)) / step**2, abs=1e-4)


def test_bins_hold_about_as_many_rows_each_and_missing_ones_the_last():
    bins = into_bins(np.append(np.arange(640.0), np.nan))
    assert bins[-1] == BINS
    assert np.bincount(bins[:-1]).tolist() == [20] * BINS


@pytest.mark.parametrize("share", [0.005, 0.02, 0.5, 0.99])
def test_rows_that_share_one_value_are_parted_from_those_above_and_below(share):
    flag = (np.arange(2_000) < share * 2_000).astype(float)
    assert len(np.unique(into_bins(flag))) == 2
    assert len(np.unique(into_bins(flag, 3))) == 2
    assert len(np.unique(into_bins(np.append(flag, np.nan)))) == 3


@settings(max_examples=50, deadline=None)
@given(values=st.lists(st.integers(-3, 3), min_size=1, max_size=60), n_bins=st.integers(2, BINS))
def test_there_are_no_more_bins_than_asked_for_and_larger_values_lie_in_later_ones(values, n_bins):
    bins = into_bins(np.asarray(values, dtype=float), n_bins)
    assert bins.max() < n_bins
    assert (np.diff(bins[np.argsort(values, kind="stable")]) >= 0).all()


def test_a_gain_counts_by_the_weights_of_the_rows():
    target = np.where(np.arange(2_000) < 1_000, TELLING, -TELLING)
    weights = np.where(np.arange(2_000) < 1_000, 2.0, 1e-3)
    even, weighed = unexplained(target), unexplained(target, weights=weights)
    assert held_out_gains(TELLING[:, None], even, 1.0)[0] == 0.0
    assert held_out_gains(TELLING[:, None], weighed, 1.0)[0] > 500


def test_rows_of_one_group_are_not_both_learned_and_held_out():
    group = np.arange(2_000) // 20
    noise, target = np.random.default_rng(1).normal(size=(2, 100))
    by_row, by_group = unexplained(target[group]), unexplained(target[group], groups=group)
    assert held_out_gains(noise[group, None], by_row, 1.0)[0] > 0.0
    assert held_out_gains(noise[group, None], by_group, 1.0)[0] == 0.0
