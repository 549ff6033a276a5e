from __future__ import annotations

import time

import numpy as np
import pytest

from automl.steps.score.judge import Judge
from automl.steps.score.resample_scores import draw_resamples, percentile_interval, standard_error
from tests.plugins.ensemblers.synthetic import ACCURACY, AUC, BINARY, REGRESSION, RMSE, classifiers


def interval(judge, predictions, seed=0, count=200, new_share=float("inf")):
    resamples = draw_resamples(judge, count, seed)
    scores = resamples.scores(judge, predictions)
    return percentile_interval(judge.score(predictions), scores, resamples.shrink, judge.metric, new_share)


@pytest.mark.parametrize("n_rows", [300, 20_000])
def test_the_interval_holds_the_true_value_in_most_draws(n_rows):
    held = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        correct = rng.random(n_rows) < 0.8
        predictions = np.where(correct[:, None], [[0.9, 0.1]], [[0.1, 0.9]])
        low, high = interval(Judge(ACCURACY, BINARY, np.zeros(n_rows, dtype=int)), predictions, seed)
        held += low <= 0.8 <= high
        assert high - low == pytest.approx(4 * np.sqrt(0.16 / n_rows), rel=0.35)
    assert held >= 16


def test_the_interval_holds_the_score_of_a_later_and_shorter_table_in_most_draws():
    held, narrow_held = 0, 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        correct, later = rng.random(1200) < 0.8, (rng.random(300) < 0.8).mean()
        predictions = np.where(correct[:, None], [[0.9, 0.1]], [[0.1, 0.9]])
        judge = Judge(ACCURACY, BINARY, np.zeros(1200, dtype=int))
        low, high = interval(judge, predictions, seed, new_share=0.25)
        held += low <= later <= high
        narrow_low, narrow_high = interval(judge, predictions, seed)
        narrow_held += narrow_low <= later <= narrow_high
        assert high - low == pytest.approx((narrow_high - narrow_low) * np.sqrt(5))
    assert held >= 53
    assert narrow_held < 50


def test_rows_that_move_together_make_the_interval_wider():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 25)
    error = np.repeat(rng.normal(size=40), 25) + 0.1 * rng.normal(size=1000)
    target, predictions = np.zeros(1000), error[:, None]
    low, high = interval(Judge(RMSE, REGRESSION, target), predictions)
    grouped_low, grouped_high = interval(Judge(RMSE, REGRESSION, target, units=groups), predictions)
    assert grouped_high - grouped_low > 2 * (high - low)


def test_groups_are_drawn_whole():
    groups = np.random.default_rng(0).integers(0, 50, 1000)
    sizes = np.bincount(groups)
    for rows in draw_resamples(Judge(RMSE, REGRESSION, np.zeros(1000), units=groups), 5, 0).draws:
        drawn = np.bincount(groups[rows], minlength=50)
        assert (drawn % sizes == 0).all()
        assert drawn.sum() > 0


def test_the_interval_holds_the_score_and_stops_at_the_optimum():
    predictions, target = classifiers(n_rows=200, noise=0.1)
    predictions = np.eye(2)[target]
    predictions[0] = predictions[0, ::-1]
    low, high = interval(Judge(ACCURACY, BINARY, target), predictions)
    assert low < 0.995 <= high <= 1.0


def test_draws_without_a_score_do_not_count():
    target = np.zeros(60, dtype=int)
    target[0] = 1
    predictions = np.tile([0.5, 0.5], (60, 1))
    judge = Judge(AUC, BINARY, target)
    scores = draw_resamples(judge, 50, 0).scores(judge, predictions)
    assert 0 < np.isnan(scores).sum() < 50
    assert np.isfinite(standard_error(scores, 1.0))


def test_two_hundred_draws_of_many_rows_are_quick():
    predictions, target = classifiers(n_candidates=1, n_rows=30_000)
    begun = time.process_time()
    interval(Judge(AUC, BINARY, target), predictions[0])
    assert time.process_time() - begun < 1.5
