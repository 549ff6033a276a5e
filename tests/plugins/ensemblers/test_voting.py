from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import EnsembleRequest, FitContext, OutOfFold
from automl_builtins.ensemblers.voting import (
    GRID_POINTS,
    BestSingle,
    HardVoting,
    RankVoting,
    SoftVoting,
    rank_grid,
    to_rank,
)
from tests.plugins.ensemblers.synthetic import AUC, BINARY, LOG_LOSS, REGRESSION, RMSE, classifiers, regressors


def fit(ensembler, task, metric, predictions, target):
    return ensembler(EnsembleRequest(task, metric)).fit(OutOfFold(predictions, target), FitContext())


def test_best_single_takes_the_candidate_with_the_least_loss():
    predictions, target = classifiers()
    losses = [LOG_LOSS.score(target, each, None) for each in predictions]
    weights = fit(BestSingle, BINARY, LOG_LOSS, predictions, target).weights()
    assert weights.tolist() == np.eye(len(predictions))[int(np.argmin(losses))].tolist()


def test_soft_voting_leaves_out_candidates_that_would_spoil_the_average():
    predictions, target = classifiers(n_candidates=6)
    predictions[4:] = predictions[4:, :, ::-1]
    weights = fit(SoftVoting, BINARY, AUC, predictions, target).weights()
    assert weights[4:].tolist() == [0, 0]
    assert np.count_nonzero(weights) > 1


def test_hard_voting_gives_the_share_of_members_that_vote_for_a_class():
    votes = np.array([[[0.9, 0.1]], [[0.6, 0.4]], [[0.2, 0.8]]], dtype=np.float32)
    predictions = np.repeat(votes, 3, axis=1)
    combiner = fit(HardVoting, BINARY, LOG_LOSS, predictions, np.array([0, 1, 0]))
    assert set(combiner.weights()[combiner.weights() > 0]) == {1 / np.count_nonzero(combiner.weights())}
    shares = combiner.combine(predictions)
    assert shares[0, 1] == pytest.approx(combiner.weights()[2])


def test_hard_voting_takes_the_median_of_values():
    predictions, target = regressors(n_candidates=5)
    combiner = fit(HardVoting, REGRESSION, RMSE, predictions, target)
    members = combiner.weights() > 0
    assert members.sum() > 1
    np.testing.assert_allclose(combiner.combine(predictions), np.median(predictions[members], axis=0), rtol=1e-6)


def test_rank_voting_does_not_let_a_bold_member_drown_a_timid_one():
    rng = np.random.default_rng(0)
    target = rng.integers(0, 2, 3000)
    bold, timid = 1 / (1 + np.exp(-(target - 0.5 + rng.normal(size=(2, 3000)) * [[1.0], [1.1]])))
    timid = 0.5 + (timid - 0.5) / 1000
    both = np.stack([np.column_stack([1 - each, each]) for each in (bold, timid)]).astype(np.float32)
    ranked = fit(RankVoting, BINARY, AUC, both, target).combine(both)
    average = both.mean(axis=0)
    assert AUC.score(target, ranked, None) > AUC.score(target, average, None) + 0.01


def test_rank_voting_keeps_the_level_of_the_probabilities():
    predictions, target = classifiers(n_rows=3000)
    combiner = fit(RankVoting, BINARY, AUC, predictions, target)
    average = predictions[combiner.weights() > 0].mean(axis=0)
    np.testing.assert_allclose(combiner.combine(predictions).mean(axis=0), average.mean(axis=0), atol=0.01)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=60))
def test_a_stored_value_gets_its_share_of_smaller_values_ties_counted_half(values):
    values = np.array(values)
    expected = [(np.sum(values < each) + 0.5 * np.sum(values == each)) / len(values) for each in values]
    np.testing.assert_allclose(to_rank(values, rank_grid(values)), expected, atol=1e-12)


def test_a_long_grid_is_thinned_without_moving_ranks_by_much():
    values = np.random.default_rng(0).beta(0.3, 5, 30_000)
    grid = rank_grid(values)
    assert len(grid[0]) <= GRID_POINTS
    exact = (np.argsort(np.argsort(values)) + 0.5) / len(values)
    np.testing.assert_allclose(to_rank(values, grid), exact, atol=1.5 / GRID_POINTS)
